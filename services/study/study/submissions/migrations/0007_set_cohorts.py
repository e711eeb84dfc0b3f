from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery

BATCH_SIZE = 1000


def set_cohorts(apps: Any, schema_editor: object) -> None:
    """Give every submission the cohort of its mission."""
    Mission = apps.get_model("missions", "Mission")
    Submission = apps.get_model("submissions", "Submission")
    cohort = Mission.objects.filter(id=OuterRef("mission_id")).values("cohort_id")
    unset = Submission.objects.filter(cohort=None).values_list("id", flat=True)
    while ids := list(unset[:BATCH_SIZE]):
        Submission.objects.filter(id__in=ids).update(cohort_id=Subquery(cohort))


class Migration(migrations.Migration):
    # Each batch is a transaction, so that deliveries wait for none for long, and it can be repeated.
    atomic = False

    dependencies = [("submissions", "0006_submission_cohort")]

    operations = [migrations.RunPython(set_cohorts, migrations.RunPython.noop)]
