"""Create a cohort's webhook, rotate its secret, process each delivery once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from chassis.crypto import encrypt
from chassis.errors import DomainError
from study.cohorts.models import Cohort
from study.github.actions.checks import ingest_checks
from study.github.actions.ingest import ingest_pull_request, ingest_review
from study.github.actions.repositories import ingest_repository
from study.github.models import Outcome, Source, Webhook, WebhookDelivery
from study.github.rules.payloads import (
    GitHubEvent,
    PingEvent,
    PullRequestEvent,
    RepositoryEvent,
    ReviewEvent,
)

# How long the old secret stays valid after a rotation: time to enter the new one on GitHub.
OLD_SECRET_LIFETIME = timedelta(hours=24)
# MySQL's error number.
DEADLOCK = 1213
MAX_ATTEMPTS = 3
# GitHub sends a delivery again for three days at most.
DELIVERY_RETENTION = timedelta(days=30)


class WebhookExists(DomainError):
    code = "hook_exists"
    title = _("This cohort has its webhook already. Make a new secret if the old one is lost.")


@dataclass(frozen=True)
class WebhookSecret:
    """A webhook with its secret in plain text, which is shown once and stored encrypted."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True)
class DeliveryResult:
    """The outcome of a delivery, and whether it is new."""

    outcome: Outcome
    is_new: bool


@transaction.atomic
def create_webhook(*, cohort: Cohort, at: datetime) -> WebhookSecret:
    """Create the cohort's webhook. Raises WebhookExists if it has one."""
    # Locking the cohort serialises two operators.
    Cohort.objects.select_for_update().get(id=cohort.id)
    if Webhook.objects.filter(cohort=cohort).exists():
        raise WebhookExists
    secret = secrets.token_urlsafe(32)
    return WebhookSecret(Webhook.objects.create(cohort=cohort, secret=encrypt(secret), created_at=at), secret)


@transaction.atomic
def rotate_secret(*, webhook: Webhook, at: datetime) -> WebhookSecret:
    """Create a new secret. The previous one stays valid for OLD_SECRET_LIFETIME."""
    webhook = Webhook.objects.select_for_update().get(id=webhook.id)
    secret = secrets.token_urlsafe(32)
    webhook.previous_secret, webhook.previous_secret_expires_at = webhook.secret, at + OLD_SECRET_LIFETIME
    webhook.secret = encrypt(secret)
    webhook.save(update_fields=["secret", "previous_secret", "previous_secret_expires_at"])
    return WebhookSecret(webhook, secret)


def process_delivery(
    *,
    webhook: Webhook,
    delivery_id: str,
    event_type: str,
    action: str,
    event: GitHubEvent | None,
    at: datetime,
) -> DeliveryResult:
    """Process a delivery; its row and its effect are one transaction. Idempotent by delivery id.

    GitHub does not send again what failed, so a transaction that the database ends to resolve a deadlock is
    repeated.
    """
    for _attempt in range(MAX_ATTEMPTS - 1):
        try:
            return _process_delivery(webhook, delivery_id, event_type, action, event, at=at)
        except OperationalError as error:
            if error.args[:1] != (DEADLOCK,):
                raise
    return _process_delivery(webhook, delivery_id, event_type, action, event, at=at)


@transaction.atomic
def _process_delivery(
    webhook: Webhook,
    delivery_id: str,
    event_type: str,
    action: str,
    event: GitHubEvent | None,
    *,
    at: datetime,
) -> DeliveryResult:
    if isinstance(event, PingEvent):
        # Lock the webhook before the row below takes a shared lock on it: two pings would deadlock.
        Webhook.objects.select_for_update().get(id=webhook.id)
    delivery, is_new = WebhookDelivery.objects.get_or_create(
        webhook=webhook,
        delivery_id=delivery_id,
        defaults={"event_type": event_type, "action": action, "outcome": Outcome.IGNORED, "received_at": at},
    )
    if not is_new:
        return DeliveryResult(Outcome(delivery.outcome), is_new=False)
    outcome = _ingest(webhook, event, at=at)
    if outcome != Outcome.IGNORED:
        delivery.outcome = outcome
        delivery.save(update_fields=["outcome"])
    return DeliveryResult(outcome, is_new=True)


def _ingest(webhook: Webhook, event: GitHubEvent | None, *, at: datetime) -> Outcome:
    if event is None:
        return Outcome.IGNORED
    if isinstance(event, PingEvent):
        Webhook.objects.filter(id=webhook.id).update(last_ping_at=at)
        return Outcome.PING
    cohort_id = webhook.cohort_id
    if isinstance(event, PullRequestEvent):
        result = ingest_pull_request(cohort_id=cohort_id, event=event, source=Source.WEBHOOK, at=at)
    elif isinstance(event, ReviewEvent):
        result = ingest_review(cohort_id=cohort_id, event=event, source=Source.WEBHOOK, at=at)
    elif isinstance(event, RepositoryEvent):
        result = ingest_repository(cohort_id=cohort_id, event=event, at=at)
    else:
        result = ingest_checks(cohort_id=cohort_id, data=event.repository, checks=event.checks, at=at)
    return result.outcome


@transaction.atomic
def delete_old_deliveries(*, at: datetime, limit: int = 5000) -> int:
    """Delete deliveries that GitHub cannot redeliver any more. Return how many."""
    old = WebhookDelivery.objects.filter(received_at__lt=at - DELIVERY_RETENTION).order_by("received_at")
    ids = list(old.values_list("id", flat=True)[:limit])
    WebhookDelivery.objects.filter(id__in=ids).delete()
    return len(ids)
