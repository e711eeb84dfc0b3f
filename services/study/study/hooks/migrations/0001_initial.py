import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cohorts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Hook",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("secret", models.TextField()),
                ("previous_secret", models.TextField(blank=True)),
                ("previous_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("last_ping_at", models.DateTimeField(null=True)),
                (
                    "cohort",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hook", to="cohorts.cohort"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HookDelivery",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("delivery_id", models.CharField(max_length=64)),
                ("event", models.CharField(max_length=64)),
                ("action", models.CharField(blank=True, max_length=64)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("submitted", "Became a submission"),
                            ("resubmitted", "Became another attempt"),
                            ("updated", "Added to the story"),
                            ("unchanged", "Nothing new"),
                            ("draft", "A draft: waits until it is ready"),
                            ("unknown_person", "Nobody here has this GitHub account"),
                            ("claimed", "A member says it is theirs"),
                            ("second_pull", "Their second pull request for this mission"),
                            ("no_author", "The author's GitHub account is gone"),
                            ("staff", "Opened by a mentor or an operator"),
                            ("dismissed", "Marked as no submission"),
                            ("bot", "Opened by a bot"),
                            ("unknown_repository", "No mission has this repository"),
                            ("unknown_commit", "No pull request has this commit"),
                            ("ping", "The hook works"),
                            ("ignored", "Nothing that we use"),
                        ],
                        max_length=32,
                    ),
                ),
                ("received_at", models.DateTimeField()),
                (
                    "hook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="hooks.hook",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["hook", "received_at"], name="deliveries_of_hook")],
                "constraints": [
                    models.UniqueConstraint(fields=("hook", "delivery_id"), name="delivery_applied_once")
                ],
            },
        ),
    ]
