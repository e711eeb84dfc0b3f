"""Read models of the GitHub App: the App, its installations, their repositories, and check runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from study.github.models import Repository, Webhook
from study.installations.models import (
    CheckRun,
    CheckRunError,
    CheckRunRequest,
    GitHubApp,
    Installation,
    InstallationRepository,
)

# A club has some hundred repositories; a browser lists more than these only slowly.
MAX_CHOICES = 1000
# Deliveries report changes; this is for those that GitHub cannot deliver.
POLL_INTERVAL = timedelta(hours=1)


def get_app() -> GitHubApp | None:
    """Return the App, if it was created. One statement."""
    return GitHubApp.objects.filter(id=GitHubApp.ONLY).first()


def own_app_id() -> int | None:
    """Return GitHub's id of the App: the setting GITHUB_OWN_APP_ID. One statement."""
    return GitHubApp.objects.filter(id=GitHubApp.ONLY).values_list("app_id", flat=True).first()


def list_installations() -> QuerySet[Installation]:
    """Return the installations by account, with how many `known` repositories each has. One statement."""
    rows = Installation.objects.annotate(known=Count("repositories"))
    return rows.order_by(F("deleted_at").asc(nulls_first=True), "account_login", "id")


def repository_names() -> list[str]:
    """Return the repositories that the active installations may read, by name. One statement."""
    rows = InstallationRepository.objects.filter(installation__in=Installation.objects.active())
    return list(rows.order_by("name").values_list("name", flat=True).distinct()[:MAX_CHOICES])


def installations_to_poll(at: datetime, *, limit: int) -> list[int]:
    """Return active installations whose repositories are due, least recently polled first. One statement."""
    is_due = Q(polled_at=None) | Q(polled_at__lt=at - POLL_INTERVAL)
    rows = Installation.objects.active().filter(is_due).order_by(F("polled_at").asc(nulls_first=True), "id")
    return list(rows.values_list("id", flat=True)[:limit])


def lost_installations(cohort_id: UUID) -> list[Installation]:
    """Return removed and suspended installations of accounts whose repositories the cohort watches.

    Without those that the account has replaced. Two statements at most.
    """
    installations = list(Installation.objects.order_by("id"))
    active = {row.account_login for row in installations if row.is_active}
    lost = {row.account_login: row for row in installations if row.account_login not in active}
    if not lost:
        return []
    names = Repository.objects.filter(cohort_id=cohort_id).values_list("name", flat=True)
    owners = {name.partition("/")[0] for name in names}
    return [lost[owner] for owner in sorted(owners & lost.keys())]


def is_connected(cohort_id: OuterRef) -> Combinable:
    """Return the condition that GitHub answers or has sent something: through the App, or to the cohort."""
    pinged = Webhook.objects.filter(cohort_id=cohort_id, last_ping_at__isnull=False)
    identified = Repository.objects.filter(cohort_id=cohort_id, github_id__isnull=False)
    return Exists(Installation.objects.active()) | Exists(pinged) | Exists(identified)


def installation_without_permission(owner: str) -> Installation | None:
    """Return the installation in whose account the App may not create repositories, if it has to.

    None with a personal token, which is used instead. One statement at most.
    """
    newest = None if settings.GITHUB_TOKEN else Installation.objects.of_account(owner).first()
    return newest if newest and newest.can_create_repositories is False else None


def check_runs_due(at: datetime, *, limit: int) -> list[int]:
    """Return the check runs that are due, the longest first. One statement."""
    rows = CheckRun.objects.due(at).order_by("next_attempt_at", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def check_run_requests(*, limit: int) -> list[int]:
    """Return the oldest requests of check runs. One statement."""
    return list(CheckRunRequest.objects.order_by("id").values_list("id", flat=True)[:limit])


@dataclass(frozen=True)
class CheckRunProblem:
    """Why GitHub does not show check runs in a repository, GitHub's own words, and how many there are."""

    repository: str
    error: CheckRunError
    message: str
    count: int


def check_run_problems(cohort_id: UUID) -> list[CheckRunProblem]:
    """Return why GitHub does not show check runs of present head commits, by repository. One statement."""
    failed = CheckRun.objects.filter(
        pull_request__cohort_id=cohort_id, head_sha=F("pull_request__head_sha")
    ).exclude(error="")
    rows = failed.values_list("pull_request__repository__name", "error", "error_message")
    return [
        CheckRunProblem(name, CheckRunError(error), message, count)
        for name, error, message, count in rows.annotate(count=Count("id")).order_by(
            "pull_request__repository__name", "error", "error_message"
        )
    ]
