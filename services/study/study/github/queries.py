"""Read models of hooks: deliveries, valid secrets, and what to poll."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import Exists, F, OuterRef, Q

from chassis.crypto import decrypt
from chassis.web.pagination import Page, page_of
from study.github.models import Hook, HookDelivery
from study.missions.models import Mission
from study.submissions.models import PullRequest

log = structlog.get_logger()
# A hook without deliveries for this long counts as missing.
HOOK_TIMEOUT = timedelta(days=14)
POLL_INTERVAL_WITHOUT_HOOK = timedelta(minutes=10)
# GitHub does not redeliver by itself, so cohorts with a hook are polled too, less often.
POLL_INTERVAL_WITH_HOOK = timedelta(hours=6)
# What comes so long after the deadline may be found some hours later.
LATE_SUBMISSION_WINDOW = timedelta(days=14)


def secrets_of(hook: Hook, *, at: datetime) -> list[str]:
    """The secrets that are valid now, newest first. No statement.

    One that FIELD_KEY no longer opens is left out: an operator makes a new one.
    """
    good = [hook.secret]
    if hook.previous_secret and hook.previous_until and at < hook.previous_until:
        good.append(hook.previous_secret)
    opened = []
    for secret in good:
        try:
            opened.append(decrypt(secret))
        except ValueError:
            log.exception("hook_secret_not_opened", hook=str(hook.id))
    return opened


def hook_of(cohort_id: UUID) -> Hook | None:
    """The cohort's hook, with its cohort, if it has one. One statement."""
    return Hook.objects.select_related("cohort").filter(cohort_id=cohort_id).first()


def deliveries(hook: Hook, *, cursor: str | None = None, size: int = 25) -> Page[HookDelivery]:
    """What was taken in through this hook, newest first. One statement."""
    return page_of(hook.deliveries.all(), order=("-received_at", "-id"), cursor=cursor, size=size)


def pull_requests_to_poll(at: datetime, *, limit: int) -> list[UUID]:
    """Pull requests that are due for a poll, least recently polled first. One statement.

    Those just submitted by a link are due at once, open ones often without a live hook, else rarely.
    """
    rows = PullRequest.objects.annotate(has_live_hook=_has_live_hook(at)).filter(
        dismissed_at=None, cohort__closed_at=None
    )
    often, seldom = at - POLL_INTERVAL_WITHOUT_HOOK, at - POLL_INTERVAL_WITH_HOOK
    is_due = Q(polled_at=None) | Q(state="open", polled_at__lt=seldom)
    is_due |= Q(state="open", polled_at__lt=often, has_live_hook=False)
    return list(
        rows.filter(is_due)
        .order_by(F("polled_at").asc(nulls_first=True), "id")
        .values_list("id", flat=True)[:limit]
    )


def missions_to_poll(at: datetime, *, limit: int) -> list[UUID]:
    """Missions whose repository is due for a poll, least recently polled first. One statement.

    Often without a live hook, else rarely; also rarely after LATE_SUBMISSION_WINDOW.
    """
    rows = Mission.objects.annotate(
        has_live_hook=_has_live_hook(at), last_polled_at=F("repository_poll__polled_at")
    )
    often, seldom = at - POLL_INTERVAL_WITHOUT_HOOK, at - POLL_INTERVAL_WITH_HOOK
    is_due = Q(last_polled_at=None) | Q(last_polled_at__lt=seldom)
    is_due |= Q(last_polled_at__lt=often, has_live_hook=False, due_at__gte=at - LATE_SUBMISSION_WINDOW)
    return list(
        rows.filter(is_due, opens_at__lte=at, cohort__closed_at=None)
        .order_by(F("last_polled_at").asc(nulls_first=True), "id")
        .values_list("id", flat=True)[:limit]
    )


def _has_live_hook(at: datetime) -> Q:
    """Return whether the row's cohort has a hook with recent deliveries."""
    hooks = Hook.objects.filter(cohort_id=OuterRef("cohort_id"), last_ping_at__gte=at - HOOK_TIMEOUT)
    deliveries = HookDelivery.objects.filter(
        hook__cohort_id=OuterRef("cohort_id"), received_at__gte=at - HOOK_TIMEOUT
    )
    return Exists(hooks) | Exists(deliveries)
