import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0007_audit_notes"),
        ("github", "0004_reverts_and_actors"),
        ("missions", "0010_extensionrequest_granted_until"),
        ("submissions", "0005_submitted_works"),
    ]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="cohort",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="cohorts.cohort",
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["cohort", "created_at", "id"], name="submissions_of_cohort"),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["cohort", "state", "created_at", "id"], name="submissions_by_state"),
        ),
    ]
