import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cohorts", "0001_initial"),
        ("missions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="GithubLimit",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("resumes_at", models.DateTimeField(null=True)),
                ("background_resumes_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Pull",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField()),
                ("github_id", models.BigIntegerField()),
                ("title", models.CharField(max_length=300)),
                ("url", models.URLField(max_length=300)),
                ("author_id", models.BigIntegerField()),
                ("author_login", models.CharField(blank=True, max_length=39)),
                ("head_sha", models.CharField(max_length=64)),
                ("head_ref", models.CharField(blank=True, max_length=255)),
                ("head_repository", models.CharField(blank=True, max_length=140)),
                ("base_ref", models.CharField(blank=True, max_length=255)),
                ("state", models.CharField(max_length=8)),
                ("draft", models.BooleanField(default=False)),
                ("opened_at", models.DateTimeField()),
                ("github_updated_at", models.DateTimeField()),
                (
                    "unmatched",
                    models.CharField(
                        blank=True,
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
                        max_length=18,
                    ),
                ),
                ("dismissed_at", models.DateTimeField(null=True)),
                ("dismissed_by", models.UUIDField(null=True)),
                ("etag", models.CharField(blank=True, max_length=100)),
                ("polled_at", models.DateTimeField(null=True)),
                (
                    "claimed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="claimed_pulls",
                        to="cohorts.membership",
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pulls", to="cohorts.cohort"
                    ),
                ),
                (
                    "mission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pulls",
                        to="missions.mission",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="pulls",
                        to="cohorts.membership",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Moment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opened", "Opened"),
                            ("draft_opened", "Draft Opened"),
                            ("drafted", "Drafted"),
                            ("ready", "Ready"),
                            ("reopened", "Reopened"),
                            ("review_requested", "Review Requested"),
                            ("changes_requested", "Changes Requested"),
                            ("approved", "Approved"),
                            ("commented", "Commented"),
                            ("review_dismissed", "Review Dismissed"),
                            ("commits_pushed", "Commits Pushed"),
                            ("force_pushed", "Force Pushed"),
                            ("checks_passed", "Checks Passed"),
                            ("checks_failed", "Checks Failed"),
                            ("closed", "Closed"),
                            ("merged", "Merged"),
                        ],
                        max_length=17,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(blank=True, max_length=39)),
                ("sha", models.CharField(blank=True, max_length=64)),
                ("before_sha", models.CharField(blank=True, max_length=64)),
                ("text", models.TextField(blank=True)),
                ("count", models.PositiveIntegerField(null=True)),
                ("key", models.CharField(max_length=120)),
                ("offered_at", models.DateTimeField(null=True)),
                ("is_verdict", models.BooleanField(default=False)),
                ("compare_at", models.DateTimeField(db_index=True, null=True)),
                (
                    "pull",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moments",
                        to="submissions.pull",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("account_id", models.UUIDField(db_index=True)),
                ("mentor_id", models.UUIDField(db_index=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for review"),
                            ("changes_requested", "Changes requested"),
                            ("resubmitted", "Handed in again"),
                            ("approved", "Approved"),
                            ("merged", "Merged"),
                            ("closed", "Closed without merging"),
                        ],
                        default="waiting",
                        max_length=17,
                    ),
                ),
                ("awaits_review", models.BooleanField(default=True)),
                ("waiting_since", models.DateTimeField()),
                ("points", models.PositiveSmallIntegerField(null=True)),
                ("max_points", models.PositiveSmallIntegerField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("attempts_count", models.PositiveSmallIntegerField(default=0)),
                ("is_late", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submissions",
                        to="cohorts.membership",
                    ),
                ),
                (
                    "mission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submissions",
                        to="missions.mission",
                    ),
                ),
                (
                    "pull",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submission",
                        to="submissions.pull",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("head_sha", models.CharField(max_length=64)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("webhook", "GitHub webhook"),
                            ("link", "Pasted link"),
                            ("poll", "GitHub's REST API"),
                            ("operator", "Matched by an operator"),
                        ],
                        max_length=8,
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("late_seconds", models.PositiveIntegerField(default=0)),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="submissions.submission",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PastedLink",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField()),
                ("pasted_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(db_index=True)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pasted_links",
                        to="cohorts.membership",
                    ),
                ),
                (
                    "mission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pasted_links",
                        to="missions.mission",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("mission", "membership", "number"), name="link_pasted_once"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="pull",
            index=models.Index(fields=["cohort", "unmatched", "opened_at"], name="pull_unmatched"),
        ),
        migrations.AddIndex(
            model_name="pull",
            index=models.Index(fields=["state", "polled_at"], name="pull_to_poll"),
        ),
        migrations.AddConstraint(
            model_name="pull",
            constraint=models.UniqueConstraint(
                fields=("mission", "number"), name="pull_number_once_per_mission"
            ),
        ),
        migrations.AddIndex(
            model_name="moment",
            index=models.Index(fields=["sha"], name="moments_of_commit"),
        ),
        migrations.AddConstraint(
            model_name="moment",
            constraint=models.UniqueConstraint(fields=("pull", "key"), name="moment_once_per_pull"),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                fields=["mentor_id", "awaits_review", "waiting_since"], name="queue_of_mentor"
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["account_id", "created_at"], name="submissions_of_account"),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.UniqueConstraint(
                fields=("mission", "membership"), name="one_submission_per_mission_and_member"
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(fields=("submission", "number"), name="attempt_number_once"),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(fields=("submission", "head_sha"), name="head_handed_in_once"),
        ),
    ]
