"""Keep the GitHub id, name and state of watched repositories."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from chassis.compiled import compiled
from study.cohorts.models import Membership
from study.github.actions.subscription import IngestResult
from study.github.models import Outcome, Repository, RepositoryState
from study.github.rules.patterns import is_match
from study.github.rules.payloads import RepositoryData, RepositoryEvent

_STATES = {
    "deleted": RepositoryState.DELETED,
    "privatized": RepositoryState.PRIVATE,
    "publicized": RepositoryState.ACTIVE,
}


def resolve_repository(
    *, cohort_id: UUID, data: RepositoryData, as_of: datetime, polled: Repository | None = None
) -> Repository | None:
    """Return the cohort's repository that GitHub named, and learn its id.

    GitHub's id decides. A name decides only where the id is not known yet, or the repository was deleted:
    then the id is learned. `polled` is the repository that GitHub was asked for: GitHub follows an old name,
    so its answer teaches id and name; None if the name leads to another repository by now. `as_of` is
    GitHub's time of what names it. The id is 0 where GitHub does not say. Call it in a transaction.
    """
    if polled is None:
        repository = _find(cohort_id, data.id, [data.name]) or _create_by_pattern(cohort_id, data, as_of)
    else:
        repository = Repository.objects.select_related("cohort").get(id=polled.id)
    if repository is None:
        return None
    if not _learn_id(repository, data.id, as_of):
        return repository if polled is not None or repository.name == data.name else None
    is_another = bool(data.id) and repository.github_id != data.id
    if is_another and (polled is not None or not _replace_deleted(repository, data.id, as_of)):
        return None
    if repository.state == RepositoryState.DELETED and repository.state_at and as_of > repository.state_at:
        # GitHub lets a deleted repository be restored, with its id.
        _save_state(repository, RepositoryState.ACTIVE, as_of)
    return repository


def update_repository_name(*, repository: Repository, name: str, as_of: datetime, is_current: bool) -> None:
    """Keep the repository's newest name. `is_current`: GitHub was asked, so that nothing is newer.

    For a repository that resolve_repository has returned.
    """
    if repository.github_id is None or name == repository.name:
        return
    # Who holds the row may wait for the pull request that the caller has locked. Skip the locked row: the
    # next delivery contains the name again.
    locked = Repository.objects.select_for_update(skip_locked=True).filter(id=repository.id).first()
    if locked and locked.named_at and (is_current or as_of > locked.named_at):
        _rename(locked, name, as_of)


@transaction.atomic
def ingest_repository(*, cohort_id: UUID, event: RepositoryEvent, at: datetime) -> IngestResult:
    """Ingest a rename, transfer, deletion or change of visibility; watch a new personal repository.

    Nothing is removed. An event older than what is known changes nothing.
    """
    data, at = event.repository, event.repository.updated_at or at
    found = _find(cohort_id, data.id, [event.previous_name, data.name])
    if found is None and event.action != "deleted":
        found = _create_by_pattern(cohort_id, data, at)
    if found is None or not _learn_id(found, data.id, at):
        return IngestResult(Outcome.UNKNOWN_REPOSITORY)
    # One event at a time, each with what the one before has left.
    repository = Repository.objects.select_for_update().get(id=found.id)
    if repository.github_id != data.id or repository.named_at is None:
        return IngestResult(Outcome.UNKNOWN_REPOSITORY)
    if state := _STATES.get(event.action):
        if repository.state_at is None or at >= repository.state_at:
            _save_state(repository, state, at)
    elif repository.name == event.previous_name or at > repository.named_at:
        _rename(repository, data.name, max(at, repository.named_at))
    return IngestResult(Outcome.REPOSITORY)


def claim_personal_repository(*, repository: Repository, member: Membership) -> None:
    """Note whose personal repository it is, once: the member who opened its first pull request."""
    if repository.pattern_id is None or repository.member_id is not None:
        return
    # The caller has locked a pull request: skip a locked row, the next event claims it.
    free = Repository.objects.select_for_update(skip_locked=True).filter(id=repository.id, member=None)
    if free.exists():
        free.update(member=member)


def replace_repository(*, repository: Repository, name: str) -> None:
    """Watch another repository under this row, whose pull requests stay. Call it with the row locked.

    The next delivery or poll teaches GitHub's id again; the repository is polled at once.
    """
    Repository.objects.filter(id=repository.id).update(
        name=name,
        github_id=None,
        named_at=None,
        previous_name="",
        state=RepositoryState.ACTIVE,
        state_at=None,
        polled_at=None,
        etag="",
    )


def _find(cohort_id: UUID, github_id: int, names: Iterable[str]) -> Repository | None:
    if github_id and (known := _with_github_id(cohort_id=cohort_id, github_id=github_id)):
        return known[0]
    repositories = Repository.objects.select_related("cohort").filter(cohort_id=cohort_id)
    is_free = Q(github_id=None) | Q(state=RepositoryState.DELETED)
    named = repositories.filter(name__in=names)
    return (named.filter(is_free) if github_id else named).first()


@compiled
def _with_github_id(*, cohort_id: UUID, github_id: int) -> QuerySet[Repository]:
    return Repository.objects.select_related("cohort").filter(cohort_id=cohort_id, github_id=github_id)


def _create_by_pattern(cohort_id: UUID, data: RepositoryData, as_of: datetime) -> Repository | None:
    """Create a personal repository if its name matches a pattern of the cohort; the longest one counts."""
    if not data.id:
        return None
    patterns = Repository.objects.select_related("cohort").filter(cohort_id=cohort_id, name__endswith="*")
    matching = [pattern for pattern in patterns if is_match(pattern.name, data.name)]
    pattern = max(matching, key=lambda found: len(found.name), default=None)
    is_other = Q(name=data.name) & ~Q(github_id=data.id)
    if pattern is None or Repository.objects.filter(is_other, cohort_id=cohort_id).exists():
        # The row of a repository that was deleted or renamed has the name until GitHub says so.
        return None
    # Two deliveries of one moment create it once.
    Repository.objects.select_for_update().get(id=pattern.id)
    repository, _is_new = Repository.objects.get_or_create(
        cohort_id=cohort_id,
        github_id=data.id,
        defaults={"name": data.name, "named_at": as_of, "pattern": pattern, "polled_at": as_of},
    )
    repository.cohort = pattern.cohort
    return repository


def _learn_id(repository: Repository, github_id: int, as_of: datetime) -> bool:
    """Return whether the id is known now. It is not if GitHub did not say it, or another row has it."""
    if repository.github_id is not None:
        return True
    if not github_id:
        return False
    # Another delivery of the same moment may learn it first.
    unknown = Repository.objects.filter(id=repository.id, github_id=None)
    try:
        with transaction.atomic():
            unknown.update(github_id=github_id, named_at=as_of)
    except IntegrityError:
        return False
    repository.refresh_from_db(fields=["github_id", "named_at"])
    return True


def _replace_deleted(repository: Repository, github_id: int, as_of: datetime) -> bool:
    """Whether a repository of that name replaces one that was deleted."""
    if repository.state != RepositoryState.DELETED:
        return False
    repository.github_id, repository.named_at = github_id, as_of
    try:
        with transaction.atomic():
            repository.save(update_fields=["github_id", "named_at"])
    except IntegrityError:
        return False
    _save_state(repository, RepositoryState.ACTIVE, as_of)
    return True


def _rename(repository: Repository, name: str, at: datetime) -> None:
    if repository.name == name:
        return
    repository.previous_name, repository.name, repository.named_at = repository.name, name, at
    try:
        with transaction.atomic():
            repository.save(update_fields=["name", "previous_name", "named_at"])
    except IntegrityError:
        # Another one was entered with this name: which one is right is an operator's to say.
        return


def _save_state(repository: Repository, state: RepositoryState, at: datetime) -> None:
    repository.state, repository.state_at = state, at
    repository.save(update_fields=["state", "state_at"])
