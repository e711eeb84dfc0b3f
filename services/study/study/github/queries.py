"""Read models of webhooks and pull requests: deliveries, valid secrets, and the work of periodic tasks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import Combinable

from chassis.crypto import decrypt
from chassis.web.pagination import Page, page_of
from study.github.models import EarlyCheck, PullRequest, Repository, TimelineEvent, Webhook, WebhookDelivery
from study.github.rules.patterns import is_match
from study.github.rules.payloads import (
    GitHubEvent,
    PingEvent,
    PullRequestEvent,
    RepositoryEvent,
    ReviewEvent,
)

log = structlog.get_logger()
# A webhook without deliveries for this long counts as missing.
WEBHOOK_TIMEOUT = timedelta(days=14)
POLL_INTERVAL_WITHOUT_WEBHOOK = timedelta(minutes=10)
# GitHub does not redeliver by itself, so cohorts with a webhook are polled too, less often.
POLL_INTERVAL_WITH_WEBHOOK = timedelta(hours=6)
# Two deliveries that miss each other are seconds apart; the rest is for a worker that was down.
EARLY_CHECK_WINDOW = timedelta(days=3)


class HasSecrets(Protocol):
    """A webhook's secrets: a cohort's or the GitHub App's."""

    secret: Any
    previous_secret: Any
    previous_secret_expires_at: Any


def secrets_of(webhook: HasSecrets, *, at: datetime) -> list[str]:
    """Return the decrypted secrets that are valid at `at`. No statement.

    The other one is valid until it expires; without a time, until GitHub has it or it is replaced.

    One that FIELD_KEY can no longer decrypt is left out: an operator creates a new one.
    """
    valid = [webhook.secret] if webhook.secret else []
    expires_at = webhook.previous_secret_expires_at
    if webhook.previous_secret and (expires_at is None or at < expires_at):
        valid.append(webhook.previous_secret)
    decrypted = []
    for secret in valid:
        try:
            decrypted.append(decrypt(secret))
        except ValueError:
            log.exception("webhook_secret_not_decrypted", webhook=str(webhook))
    return decrypted


def webhook_of(cohort_id: UUID) -> Webhook | None:
    """The cohort's webhook, with its cohort, if it has one. One statement."""
    return Webhook.objects.select_related("cohort").filter(cohort_id=cohort_id).first()


def deliveries(cohort_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[WebhookDelivery]:
    """Return what the cohort's webhook or the GitHub App delivered, newest first. One statement."""
    rows = WebhookDelivery.objects.filter(Q(webhook__cohort_id=cohort_id) | Q(cohort_id=cohort_id))
    return page_of(rows, order=("-received_at", "-id"), cursor=cursor, size=size)


def cohorts_watching(event: GitHubEvent | None) -> list[UUID]:
    """Return the running cohorts that watch the event's repository, by id, name or pattern. One statement."""
    previous_name = ""
    if event is None or isinstance(event, PingEvent):
        return []
    if isinstance(event, PullRequestEvent | ReviewEvent):
        data = event.pull_request.base.repo
    else:
        data = event.repository
        previous_name = event.previous_name if isinstance(event, RepositoryEvent) else ""
    is_pattern = Q(name__startswith=f"{data.name.partition('/')[0]}/", name__endswith="*")
    is_watched = Q(name__in=[data.name, previous_name]) | is_pattern
    if data.id:
        is_watched |= Q(github_id=data.id)
    rows = Repository.objects.filter(is_watched, cohort__closed_at=None)
    return sorted(
        {
            repository.cohort_id
            for repository in rows
            if not repository.is_pattern or is_match(repository.name, data.name)
        }
    )


def pull_requests_to_poll(at: datetime, *, limit: int) -> list[UUID]:
    """Pull requests that are due for a poll, least recently polled first. One statement.

    Those without `polled_at` are due at once: submitted by a link, found in a repository's list, or reset
    while the cohort was closed. Open ones are due often without a live webhook, else rarely.
    """
    rows = PullRequest.objects.annotate(has_live_webhook=has_live_webhook(at)).filter(
        dismissed_at=None, cohort__closed_at=None
    )
    often, seldom = at - POLL_INTERVAL_WITHOUT_WEBHOOK, at - POLL_INTERVAL_WITH_WEBHOOK
    # Each condition names states, so that one range scan of the index on state and polled_at serves all.
    is_due = Q(state__in=["open", "closed", "merged"], polled_at=None) | Q(state="open", polled_at__lt=seldom)
    is_due |= Q(state="open", polled_at__lt=often, has_live_webhook=False)
    return list(
        rows.filter(is_due)
        .order_by(F("polled_at").asc(nulls_first=True), "id")
        .values_list("id", flat=True)[:limit]
    )


def pushes_to_compare(at: datetime, *, limit: int) -> list[int]:
    """Pushes that are due for a comparison, oldest first. One statement."""
    rows = TimelineEvent.objects.filter(compare_due_at__lte=at).order_by("compare_due_at", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def early_checks_with_pull_request(at: datetime, *, limit: int) -> list[int]:
    """Checks whose push was delivered at the same time, oldest first. One statement.

    A push that is delivered later records them itself.
    """
    pushed = TimelineEvent.objects.filter(
        sha=OuterRef("sha"), pull_request__repository=OuterRef("repository_id")
    )
    rows = EarlyCheck.objects.filter(Exists(pushed), received_at__gte=at - EARLY_CHECK_WINDOW)
    return list(rows.order_by("received_at", "id").values_list("id", flat=True)[:limit])


def has_live_webhook(at: datetime) -> Combinable:
    """Return the condition that the cohort's webhook, or the App's, was used within WEBHOOK_TIMEOUT."""
    webhooks = Webhook.objects.filter(cohort_id=OuterRef("cohort_id"), last_ping_at__gte=at - WEBHOOK_TIMEOUT)
    recent = WebhookDelivery.objects.filter(received_at__gte=at - WEBHOOK_TIMEOUT)
    by_webhook = recent.filter(webhook__cohort_id=OuterRef("cohort_id"))
    by_app = recent.filter(cohort_id=OuterRef("cohort_id"))
    return Exists(webhooks) | Exists(by_webhook) | Exists(by_app)
