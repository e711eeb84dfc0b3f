"""From a row and an account to the cohort that the account may know, or NotFound."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from study.announcements.models import Announcement, AnnouncementDraft
from study.cohorts.access import get_or_not_found
from study.cohorts.models import Membership
from study.github.models import PullRequest
from study.missions.models import Mission
from study.submissions.models import Submission

# By the beginning of an address without a cohort: the rows that it names, and the field of their cohort.
_ROWS: dict[str, tuple[Any, str]] = {
    "missions": (Mission, "cohort"),
    "submissions": (Submission, "mission__cohort"),
    "reviews": (Submission, "mission__cohort"),
    "announcements": (Announcement, "cohort"),
    "announcements/drafts": (AnnouncementDraft, "cohort"),
    "submissions/pulls": (PullRequest, "cohort"),
}


def cohort_of_row(rows: str, row_id: UUID, *, account_id: UUID) -> UUID:
    """Return the cohort of a row for who is or was in it: they may read what they submitted. One query."""
    model, cohort = _ROWS[rows]
    mine = Membership.objects.filter(account_id=account_id)
    return get_or_not_found(mine, cohort__in=model.objects.filter(id=row_id).values(cohort)).cohort_id
