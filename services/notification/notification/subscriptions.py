"""Handlers of the events that the notification service consumes, by event name."""

from __future__ import annotations

from chassis.account_mirror import handlers as account_mirror
from chassis.events.receive import Handler
from chassis.personal_data import handlers as personal_data
from notification.event_handlers import handlers as event_handlers
from notification.mirrors import handlers as mirrors

SUBSCRIPTIONS: dict[str, Handler] = {
    "users.account_changed.v1": account_mirror.account_changed,
    "users.contact_changed.v1": mirrors.contact_changed,
    "users.account_closed.v1": personal_data.account_closed,
    "users.export_requested.v1": personal_data.export_requested,
    "study.cohort_changed.v1": mirrors.cohort_changed,
    "study.membership_changed.v1": mirrors.membership_changed,
    "study.member_invited.v1": event_handlers.member_invited,
    "study.invitation_email_requested.v1": event_handlers.invitation_email_requested,
    "study.member_joined.v1": event_handlers.member_joined,
    "study.join_requested.v1": event_handlers.join_requested,
    "study.join_request_decided.v1": event_handlers.join_request_decided,
    "study.announcement_published.v1": event_handlers.announcement_published,
    "study.readers_reminded.v1": event_handlers.readers_reminded,
    "study.members_reminded.v1": event_handlers.members_reminded,
    "study.reviewer_reminded.v1": event_handlers.reviewer_reminded,
    "study.extension_requested.v1": event_handlers.extension_requested,
    "study.extension_request_decided.v1": event_handlers.extension_request_decided,
    "study.submission_received.v1": event_handlers.submission_received,
    "study.changes_requested.v1": event_handlers.changes_requested,
    "study.submission_completed.v1": event_handlers.submission_completed,
    "study.review_released.v1": event_handlers.review_released,
    "study.thread_answered.v1": event_handlers.thread_answered,
    "study.review_withdrawn.v1": event_handlers.review_withdrawn,
}
