"""The cohort on a submission, where the release before wrote none."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery

from study.missions.models import Mission
from study.submissions.models import Submission


def set_cohorts(*, limit: int) -> int:
    """Give so many submissions without a cohort that of their mission; return how many."""
    ids = list(Submission.objects.filter(cohort=None).values_list("id", flat=True)[:limit])
    cohort = Mission.objects.filter(id=OuterRef("mission_id")).values("cohort_id")
    return Submission.objects.filter(id__in=ids).update(cohort_id=Subquery(cohort))
