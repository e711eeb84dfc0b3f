"""Everything that the notification service listens to."""

from __future__ import annotations

from chassis.events.receive import Handler
from notification.mirrors import handlers as mirrors
from notification.people import handlers as people
from notification.reactions import handlers as reactions

SUBSCRIPTIONS: dict[str, Handler] = {
    "users.account_changed.v1": mirrors.account_changed,
    "users.contact_changed.v1": mirrors.contact_changed,
    "users.account_closed.v1": people.account_closed,
    "users.export_requested.v1": people.export_requested,
    "study.cohort_changed.v1": mirrors.cohort_changed,
    "study.membership_changed.v1": mirrors.membership_changed,
    "study.member_invited.v1": reactions.member_invited,
    "study.member_joined.v1": reactions.member_joined,
    "study.announcement_published.v1": reactions.announcement_published,
    "study.submission_received.v1": reactions.submission_received,
    "study.changes_requested.v1": reactions.changes_requested,
    "study.review_released.v1": reactions.review_released,
}
