"""Keep the installations and their repositories as GitHub reports them. Requests are outside transactions."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from study.github.rules.payloads import RepositoryData
from study.installations.actions.check_runs import retry_check_runs
from study.installations.client import AppClient
from study.installations.models import Installation, InstallationRepository
from study.installations.rules.payloads import (
    InstallationData,
    InstallationEvent,
    InstallationRepositoriesEvent,
)


def ingest_installation(*, event: InstallationEvent | InstallationRepositoriesEvent, at: datetime) -> None:
    """Ingest a delivery about an installation. Idempotent, and independent of the order of deliveries."""
    _ingest(event, at=at)
    if event.action not in {"deleted", "suspend"}:
        # It may have a repository or a permission that it had not.
        retry_check_runs(account_login=event.installation.login, at=at)


@transaction.atomic
def _ingest(event: InstallationEvent | InstallationRepositoriesEvent, *, at: datetime) -> None:
    installation, _is_changed = _save(event.installation)
    if isinstance(event, InstallationRepositoriesEvent):
        removed = [repository.id for repository in event.repositories_removed]
        installation.repositories.filter(github_id__in=removed).delete()
        _add_repositories(installation, event.repositories_added)
    elif event.action == "deleted":
        Installation.objects.filter(id=installation.id, deleted_at=None).update(deleted_at=at)
    elif event.action == "created":
        _add_repositories(installation, event.repositories)


def sync_installation(*, installation_id: int, github: AppClient, at: datetime) -> Installation:
    """Fetch an installation and its repositories. Raises GitHubNotFound for another App's."""
    installation, _is_changed = _save(github.get_installation(installation_id))
    sync_repositories(installation_id=installation_id, github=github, at=at)
    retry_check_runs(account_login=installation.account_login, at=at)
    return installation


def sync_installations(*, github: AppClient, at: datetime) -> None:
    """Fetch all installations; one that is missing was removed.

    Raises GitHubUnauthorized if GitHub does not accept the App's private key, and GitHubUnavailable.
    """
    known = list(Installation.objects.filter(deleted_at=None).values_list("id", flat=True))
    found = github.list_installations()
    listed = [data.id for data in found]
    # Deliveries since `at` are newer than the list.
    missing = Installation.objects.filter(id__in=known, deleted_at=None).exclude(id__in=listed)
    missing.update(deleted_at=at)
    # GitHub never gives an id again: what it lists was not removed.
    Installation.objects.filter(id__in=listed, deleted_at__lte=at).update(deleted_at=None)
    for data in found:
        installation, is_changed = _save(data)
        if is_changed:
            retry_check_runs(account_login=installation.account_login, at=at)


def sync_repositories(*, installation_id: int, github: AppClient, at: datetime) -> None:
    """Fetch the repositories of an installation. Raises GitHubNotFound and GitHubUnavailable."""
    # Save the time first, so that a failing one does not block the others.
    Installation.objects.filter(id=installation_id).update(polled_at=at)
    rows = InstallationRepository.objects.filter(installation=installation_id)
    known = set(rows.values_list("github_id", flat=True))
    found = github.list_granted_repositories(installation_id)
    with transaction.atomic():
        installation = Installation.objects.select_for_update().get(id=installation_id)
        # Deliveries since the request are newer than the list.
        rows.filter(github_id__in=known - {data.id for data in found}).delete()
        _add_repositories(installation, found, known=known)


def _save(data: InstallationData) -> tuple[Installation, bool]:
    """Save what GitHub says, unless it is older than what is known.

    Return what is known then, and whether it has changed.
    """
    values = {
        "account_login": data.login,
        "has_all_repositories": data.repository_selection == "all",
        "html_url": data.html_url,
        "can_create_repositories": data.can_create_repositories,
        "github_updated_at": data.as_of,
        "suspended_at": data.suspension,
    }
    installation, is_new = Installation.objects.get_or_create(id=data.id, defaults=values)
    same = Installation.objects.filter(id=data.id)
    # One that the release before has stored has no permissions yet.
    is_unknown = Q(github_updated_at=data.as_of, can_create_repositories=None)
    is_newer = same.filter(Q(github_updated_at__lt=data.as_of) | is_unknown).update(**values)
    installation.refresh_from_db()
    return installation, is_new or bool(is_newer)


def _add_repositories(
    installation: Installation,
    repositories: Iterable[RepositoryData],
    *,
    known: AbstractSet[int] = frozenset(),
) -> None:
    """Store their names in three statements: an organization may have thousands.

    One that was `known` is not added again: if it is missing, it was removed.
    """
    names = {data.id: data.name for data in repositories}
    stored = list(installation.repositories.filter(github_id__in=names))
    renamed = [row for row in stored if row.name != names[row.github_id]]
    for row in renamed:
        row.name = names[row.github_id]
    InstallationRepository.objects.bulk_update(renamed, ["name"])
    new = names.keys() - {row.github_id for row in stored} - known
    # Another delivery may have stored them since.
    InstallationRepository.objects.bulk_create(
        [
            InstallationRepository(installation=installation, github_id=github_id, name=names[github_id])
            for github_id in sorted(new)
        ],
        ignore_conflicts=True,
    )
