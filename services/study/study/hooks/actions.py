"""A cohort's hook: set up, its secret changed, its deliveries taken in once each."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from chassis.crypto import encrypt
from chassis.errors import DomainError
from study.cohorts.models import Cohort
from study.hooks.models import Hook, HookDelivery
from study.submissions.actions import take_checks, take_pull, take_repository, take_review
from study.submissions.github import Fact, PingFact, PullFact, RepositoryFact, ReviewFact
from study.submissions.models import Outcome, Source

# How long the old secret is still good after a new one was made: time to enter it on GitHub.
OLD_SECRET_LASTS = timedelta(hours=24)
# MySQL's number of it.
DEADLOCK = 1213
MOST_TRIES = 3
# GitHub sends a delivery again for three days at most.
DELIVERIES_KEPT = timedelta(days=30)


class HookExists(DomainError):
    code = "hook_exists"
    title = _("This cohort has its hook already. Make a new secret if the old one is lost.")


@dataclass(frozen=True)
class Secret:
    """A hook with its secret in the clear, which is shown once and kept sealed."""

    hook: Hook
    secret: str


@dataclass(frozen=True)
class Delivered:
    """What came of a delivery, and whether this was its first time."""

    outcome: Outcome
    is_new: bool


@transaction.atomic
def create_hook(*, cohort: Cohort, at: datetime) -> Secret:
    """Set up the cohort's one hook. HookExists if it has it."""
    # The cohort's row decides between two operators.
    Cohort.objects.select_for_update().get(id=cohort.id)
    if Hook.objects.filter(cohort=cohort).exists():
        raise HookExists
    secret = secrets.token_urlsafe(32)
    return Secret(Hook.objects.create(cohort=cohort, secret=encrypt(secret), created_at=at), secret)


@transaction.atomic
def rotate_secret(*, hook: Hook, at: datetime) -> Secret:
    """Make a new secret. The one until now stays good for OLD_SECRET_LASTS, an older one no longer."""
    hook = Hook.objects.select_for_update().get(id=hook.id)
    secret = secrets.token_urlsafe(32)
    hook.previous_secret, hook.previous_until = hook.secret, at + OLD_SECRET_LASTS
    hook.secret = encrypt(secret)
    hook.save(update_fields=["secret", "previous_secret", "previous_until"])
    return Secret(hook, secret)


def deliver(
    *, hook: Hook, delivery_id: str, event: str, action: str, fact: Fact | None, at: datetime
) -> Delivered:
    """Take in one delivery: its row and its effect are one transaction. A second time changes nothing.

    GitHub does not send again what failed, so a transaction that the database ends to resolve a deadlock is
    repeated.
    """
    for _attempt in range(MOST_TRIES - 1):
        try:
            return _deliver(hook, delivery_id, event, action, fact, at=at)
        except OperationalError as error:
            if error.args[:1] != (DEADLOCK,):
                raise
    return _deliver(hook, delivery_id, event, action, fact, at=at)


@transaction.atomic
def _deliver(
    hook: Hook, delivery_id: str, event: str, action: str, fact: Fact | None, *, at: datetime
) -> Delivered:
    if isinstance(fact, PingFact):
        # Before the row below takes a share in the hook's: two pings would wait for each other.
        Hook.objects.select_for_update().get(id=hook.id)
    delivery, is_new = HookDelivery.objects.get_or_create(
        hook=hook,
        delivery_id=delivery_id,
        defaults={"event": event, "action": action, "outcome": Outcome.IGNORED, "received_at": at},
    )
    if not is_new:
        return Delivered(Outcome(delivery.outcome), is_new=False)
    outcome = _take(hook, fact, at=at)
    if outcome != Outcome.IGNORED:
        delivery.outcome = outcome
        delivery.save(update_fields=["outcome"])
    return Delivered(outcome, is_new=True)


def _take(hook: Hook, fact: Fact | None, *, at: datetime) -> Outcome:
    if fact is None:
        return Outcome.IGNORED
    if isinstance(fact, PingFact):
        Hook.objects.filter(id=hook.id).update(last_ping_at=at)
        return Outcome.PING
    if isinstance(fact, PullFact):
        return take_pull(cohort_id=hook.cohort_id, fact=fact, source=Source.WEBHOOK, at=at).outcome
    if isinstance(fact, ReviewFact):
        return take_review(cohort_id=hook.cohort_id, fact=fact, source=Source.WEBHOOK, at=at).outcome
    if isinstance(fact, RepositoryFact):
        return take_repository(cohort_id=hook.cohort_id, fact=fact, at=at).outcome
    return take_checks(cohort_id=hook.cohort_id, fact=fact, at=at).outcome


@transaction.atomic
def forget_deliveries(*, at: datetime, most: int = 5000) -> int:
    """Drop the notes of deliveries that GitHub cannot send again any more. How many went."""
    old = HookDelivery.objects.filter(received_at__lt=at - DELIVERIES_KEPT).order_by("id")
    ids = list(old.values_list("id", flat=True)[:most])
    HookDelivery.objects.filter(id__in=ids).delete()
    return len(ids)
