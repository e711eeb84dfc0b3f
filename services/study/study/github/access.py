"""From an id to a webhook, or NotFound."""

from __future__ import annotations

from uuid import UUID

from study.cohorts.access import get_or_not_found, has_role
from study.cohorts.models import Role
from study.github.models import Webhook


def webhook_for_delivery(webhook_id: UUID) -> Webhook:
    """Return the webhook that GitHub posts to; who may is decided by the signature. One query."""
    return get_or_not_found(Webhook.objects.all(), id=webhook_id)


def webhook_for_operator(cohort_id: UUID, *, account_id: UUID) -> Webhook:
    """Return the webhook of a cohort that the account operates, with the cohort. One query."""
    webhooks = Webhook.objects.select_related("cohort")
    return get_or_not_found(webhooks, has_role(account_id, Role.OPERATOR), cohort_id=cohort_id)
