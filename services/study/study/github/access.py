"""From an id to a webhook, or NotFound."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef

from chassis.errors import NotFound
from study.cohorts.models import Membership, Role
from study.github.models import Webhook


def webhook_for_delivery(webhook_id: UUID) -> Webhook:
    """The webhook that GitHub posts to; who may is decided by the signature. One query."""
    webhook = Webhook.objects.filter(id=webhook_id).first()
    if webhook is None:
        raise NotFound
    return webhook


def webhook_for_operator(cohort_id: UUID, *, account_id: UUID) -> Webhook:
    """The webhook of a cohort that this account operates, with the cohort. One query."""
    memberships = Membership.objects.live().filter(
        cohort_id=OuterRef("cohort_id"), account_id=account_id, role=Role.OPERATOR
    )
    webhook = (
        Webhook.objects.select_related("cohort").filter(Exists(memberships), cohort_id=cohort_id).first()
    )
    if webhook is None:
        raise NotFound
    return webhook
