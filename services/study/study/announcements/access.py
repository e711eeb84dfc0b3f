"""Access to announcements: return the announcement and the account's membership, or raise NotFound.

The address of a page names the announcement's cohort, that of the API does not.
"""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from study.announcements.models import Announcement, AnnouncementDraft
from study.cohorts.access import get_or_not_found, has_role, in_cohort, membership_for_member
from study.cohorts.models import Membership, Role


class AnnouncementWithdrawn(NotFound):
    """The announcement was withdrawn and the account could read it before."""

    def __init__(self, announcement: Announcement) -> None:
        super().__init__()
        self.announcement = announcement


def announcement_for_member(
    announcement_id: UUID, *, account_id: UUID, cohort_id: UUID | None = None
) -> tuple[Announcement, Membership]:
    """Return an announcement for the account's part or teams. Two queries.

    Raise AnnouncementWithdrawn if it was withdrawn, except for operators.
    """
    announcements = Announcement.objects.with_author().select_related("cohort")
    announcement = get_or_not_found(announcements, in_cohort(cohort_id), id=announcement_id)
    membership = membership_for_member(announcement.cohort_id, account_id=account_id)
    if membership.role == Role.OPERATOR:
        return announcement, membership
    if not announcement.is_for(membership):
        raise NotFound
    if announcement.withdrawn_at:
        raise AnnouncementWithdrawn(announcement)
    return announcement, membership


def announcement_for_operator(
    announcement_id: UUID, *, account_id: UUID, cohort_id: UUID | None = None
) -> Announcement:
    """Return an announcement of a cohort that the account operates, with the cohort. One query."""
    announcements = Announcement.objects.with_author().select_related("cohort")
    is_operator = has_role(account_id, Role.OPERATOR)
    return get_or_not_found(announcements, in_cohort(cohort_id), is_operator, id=announcement_id)


def draft_for_operator(
    draft_id: UUID, *, account_id: UUID, cohort_id: UUID | None = None
) -> AnnouncementDraft:
    """Return a draft of a cohort that the account operates, with the cohort. One query."""
    drafts = AnnouncementDraft.objects.select_related("cohort")
    is_operator = has_role(account_id, Role.OPERATOR)
    return get_or_not_found(drafts, in_cohort(cohort_id), is_operator, id=draft_id)
