"""Access to the chat webhooks of a cohort: its operators."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from notification.chat.models import ChatWebhook
from notification.mirrors.models import MembershipMirror


def require_operator(cohort_id: UUID, *, account_id: UUID) -> None:
    """Raise NotFound unless the account operates the cohort. One query."""
    memberships = MembershipMirror.objects.filter(cohort_id=cohort_id, account_id=account_id, left=False)
    if not memberships.filter(role="operator").exists():
        raise NotFound


def webhook_for_operator(webhook_id: UUID, *, account_id: UUID) -> ChatWebhook:
    """Return a webhook of a cohort that the account operates, or raise NotFound."""
    webhook = ChatWebhook.objects.filter(id=webhook_id).first()
    if webhook is None:
        raise NotFound
    require_operator(webhook.cohort_id, account_id=account_id)
    return webhook
