"""Create a cohort's webhook, rotate its secret, process each delivery once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chassis.compiled import compiled
from chassis.crypto import encrypt
from chassis.deadlocks import MAX_ATTEMPTS, is_deadlock
from chassis.errors import DomainError
from study.audit.actions import record_change
from study.cohorts.models import AuditKind, Cohort
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
def create_webhook(*, cohort: Cohort, by: UUID, at: datetime) -> WebhookSecret:
    """Create the cohort's webhook. Raises WebhookExists if it has one."""
    # Locking the cohort serialises two operators.
    Cohort.objects.select_for_update().get(id=cohort.id)
    if Webhook.objects.filter(cohort=cohort).exists():
        raise WebhookExists
    secret = secrets.token_urlsafe(32)
    webhook = Webhook.objects.create(cohort=cohort, secret=encrypt(secret), created_at=at)
    changes = {"": (None, "created")}
    record_change(cohort_id=cohort.id, kind=AuditKind.WEBHOOK, changes=changes, by=by, at=at)
    return WebhookSecret(webhook, secret)


@transaction.atomic
def rotate_secret(*, webhook: Webhook, by: UUID, at: datetime) -> WebhookSecret:
    """Create a new secret. The previous one stays valid for OLD_SECRET_LIFETIME."""
    webhook = Webhook.objects.select_for_update().get(id=webhook.id)
    secret = secrets.token_urlsafe(32)
    webhook.previous_secret, webhook.previous_secret_expires_at = webhook.secret, at + OLD_SECRET_LIFETIME
    webhook.secret = encrypt(secret)
    webhook.save(update_fields=["secret", "previous_secret", "previous_secret_expires_at"])
    changes = {"secret": (webhook.previous_secret, webhook.secret)}
    record_change(cohort_id=webhook.cohort_id, kind=AuditKind.WEBHOOK, changes=changes, by=by, at=at)
    return WebhookSecret(webhook, secret)


@dataclass(frozen=True)
class Delivery:
    """A delivery whose signature is verified. `event` is None if it is not used."""

    id: str
    event_type: str
    action: str
    event: GitHubEvent | None


def process_delivery(*, webhook: Webhook, delivery: Delivery, at: datetime) -> DeliveryResult:
    """Process a delivery through a cohort's webhook. Idempotent by delivery id."""
    return _retry_deadlocks(partial(_process_delivery, webhook.cohort_id, webhook, delivery, at=at))


def process_app_delivery(
    *, cohort_ids: Iterable[UUID], delivery: Delivery, at: datetime
) -> list[DeliveryResult]:
    """Process a delivery through the webhook of the GitHub App in each of the cohorts.

    Idempotent by cohort and delivery id: a delivery that failed in one cohort can be redelivered.
    """
    results, failures = [], []
    for cohort_id in cohort_ids:
        try:
            results.append(_retry_deadlocks(partial(_process_delivery, cohort_id, None, delivery, at=at)))
        except DatabaseError as error:
            # The other cohorts get it nevertheless.
            failures.append(error)
    if failures:
        raise failures[0]
    return results


def _retry_deadlocks(process: Callable[[], DeliveryResult]) -> DeliveryResult:
    """Repeat a transaction that the database ends to resolve a deadlock: GitHub does not send it again."""
    for _attempt in range(MAX_ATTEMPTS - 1):
        try:
            return process()
        except OperationalError as error:
            if not is_deadlock(error):
                raise
    return process()


@transaction.atomic
def _process_delivery(
    cohort_id: UUID, webhook: Webhook | None, delivery: Delivery, *, at: datetime
) -> DeliveryResult:
    """Process a delivery; its row and its effect are one transaction."""
    if webhook and isinstance(delivery.event, PingEvent):
        # Lock the webhook before the row below takes a shared lock on it: two pings would deadlock.
        Webhook.objects.select_for_update().get(id=webhook.id)
    row, is_new = _get_or_create(None if webhook else cohort_id, webhook, delivery, at=at)
    if not is_new:
        return DeliveryResult(Outcome(row.outcome), is_new=False)
    if webhook and isinstance(delivery.event, PingEvent):
        Webhook.objects.filter(id=webhook.id).update(last_ping_at=at)
    outcome = _ingest(cohort_id, delivery.event, at=at)
    if outcome != Outcome.IGNORED:
        row.outcome = outcome
        row.save(update_fields=["outcome"])
    return DeliveryResult(outcome, is_new=True)


def _get_or_create(
    cohort_id: UUID | None, webhook: Webhook | None, delivery: Delivery, *, at: datetime
) -> tuple[WebhookDelivery, bool]:
    """Return the row of a delivery, and whether it is new."""
    key: dict[str, Any] = {
        "webhook_id": webhook.id if webhook else None,
        "cohort_id": cohort_id,
        "delivery_id": delivery.id,
    }
    if known := _known(**key):
        return known[0], False
    row = WebhookDelivery(
        **key,
        event_type=delivery.event_type,
        action=delivery.action,
        outcome=Outcome.IGNORED,
        received_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # The same delivery was processed meanwhile.
        if known := _known(**key):
            return known[0], False
        raise
    return row, True


@compiled
def _known(*, webhook_id: UUID | None, cohort_id: UUID | None, delivery_id: str) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(webhook=webhook_id, cohort=cohort_id, delivery_id=delivery_id)


def _ingest(cohort_id: UUID, event: GitHubEvent | None, *, at: datetime) -> Outcome:
    if event is None:
        return Outcome.IGNORED
    if isinstance(event, PingEvent):
        return Outcome.PING
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
