"""From an id to a webhook, or NotFound."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from chassis.compiled import compiled
from chassis.errors import NotFound
from study.cohorts.access import get_or_not_found, has_role
from study.cohorts.models import Role
from study.github.models import Webhook


def webhook_for_delivery(webhook_id: UUID) -> Webhook:
    """Return the webhook that GitHub posts to; who may is decided by the signature. One query."""
    found = _webhooks(webhook_id=webhook_id)
    if not found:
        raise NotFound
    return found[0]


@compiled
def _webhooks(*, webhook_id: UUID) -> QuerySet[Webhook]:
    return Webhook.objects.filter(id=webhook_id)


def webhook_for_operator(cohort_id: UUID, *, account_id: UUID) -> Webhook:
    """Return the webhook of a cohort that the account operates, with the cohort. One query."""
    webhooks = Webhook.objects.select_related("cohort")
    return get_or_not_found(webhooks, has_role(account_id, Role.OPERATOR), cohort_id=cohort_id)
