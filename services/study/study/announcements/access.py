"""Access to announcements: return the announcement and the account's membership, or raise NotFound."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from study.announcements.models import Announcement, AnnouncementDraft
from study.cohorts.access import get_or_not_found, has_role, membership_for_member
from study.cohorts.models import Membership, Role


class AnnouncementWithdrawn(NotFound):
    """The announcement was withdrawn and the account could read it before."""

    def __init__(self, announcement: Announcement) -> None:
        super().__init__()
        self.announcement = announcement


def announcement_for_member(announcement_id: UUID, *, account_id: UUID) -> tuple[Announcement, Membership]:
    """Return an announcement for the account's part or teams. Two queries.

    Raise AnnouncementWithdrawn if it was withdrawn, except for operators.
    """
    announcements = Announcement.objects.with_author().select_related("cohort")
    announcement = get_or_not_found(announcements, id=announcement_id)
    membership = membership_for_member(announcement.cohort_id, account_id=account_id)
    if membership.role == Role.OPERATOR:
        return announcement, membership
    if not announcement.is_for(membership):
        raise NotFound
    if announcement.withdrawn_at:
        raise AnnouncementWithdrawn(announcement)
    return announcement, membership


def announcement_for_operator(announcement_id: UUID, *, account_id: UUID) -> Announcement:
    """Return an announcement of a cohort that the account operates, with the cohort. One query."""
    announcements = Announcement.objects.with_author().select_related("cohort")
    return get_or_not_found(announcements, has_role(account_id, Role.OPERATOR), id=announcement_id)


def draft_for_operator(draft_id: UUID, *, account_id: UUID) -> AnnouncementDraft:
    """Return a draft of a cohort that the account operates, with the cohort. One query."""
    drafts = AnnouncementDraft.objects.select_related("cohort")
    return get_or_not_found(drafts, has_role(account_id, Role.OPERATOR), id=draft_id)
