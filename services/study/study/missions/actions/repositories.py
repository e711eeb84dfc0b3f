"""Keep the GitHub id, name and state of a mission's repository."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from study.missions.models import Mission, Repository, RepositoryState

_STATES = {
    "deleted": RepositoryState.DELETED,
    "privatized": RepositoryState.PRIVATE,
    "publicized": RepositoryState.ACTIVE,
}


def resolve_repository(
    *, cohort_id: UUID, github_id: int, name: str, as_of: datetime, polled_mission: Mission | None = None
) -> Mission | None:
    """Return the cohort's mission of the repository that GitHub named, and learn its id.

    GitHub's id decides. A name decides only where the mission's id is not known yet, or its repository was
    deleted: then the id is learned. `polled_mission` is the mission whose repository GitHub was asked for:
    GitHub follows an old name, so its answer teaches id and name; None if the name leads to another
    repository by now. `as_of` is GitHub's time of what names it. `github_id` is 0 where GitHub does not
    say. Call it in a transaction.
    """
    if polled_mission is None:
        mission = _mission(cohort_id, github_id, [name])
    else:
        mission = _missions(cohort_id).get(id=polled_mission.id)
    if mission is None:
        return None
    repository = _github_repository(mission) or _create_repository(mission, github_id, as_of)
    if repository is None:
        return mission if polled_mission is not None or mission.repository == name else None
    is_another = bool(github_id) and repository.github_id != github_id
    if is_another and (polled_mission is not None or not _replace_deleted(repository, github_id, as_of)):
        return None
    if repository.state == RepositoryState.DELETED and repository.state_at and as_of > repository.state_at:
        # GitHub lets a deleted repository be restored, with its id.
        _save_state(repository, RepositoryState.ACTIVE, as_of)
    return mission


def update_repository_name(*, mission: Mission, name: str, as_of: datetime, is_current: bool) -> None:
    """Keep the repository's newest name. `is_current`: GitHub was asked, so that nothing is newer.

    For a mission that resolve_repository has returned.
    """
    if _github_repository(mission) is None or name == mission.repository:
        return
    # A submission locks the mission's row and may wait for the pull request that the caller has locked. Skip
    # the locked row: the next delivery contains the name again.
    locked = Mission.objects.select_for_update(skip_locked=True).filter(id=mission.id).first()
    repository = Repository.objects.filter(mission=mission).first()
    if locked and repository and (is_current or as_of > repository.named_at):
        _rename(locked, repository, name, as_of)


@transaction.atomic
def sync_repository(
    *, cohort_id: UUID, github_id: int, name: str, previous_name: str, action: str, at: datetime
) -> Mission | None:
    """Take over what a `repository` event says: renamed, transferred, deleted, privatized or publicized.

    Nothing is removed. An event older than what is known changes nothing. None if no mission has it.
    """
    mission = _mission(cohort_id, github_id, [previous_name, name])
    if mission is None:
        return None
    if _github_repository(mission) is None and _create_repository(mission, github_id, at) is None:
        return None
    # One event at a time, each with what the one before has left.
    mission = Mission.objects.select_for_update().get(id=mission.id)
    repository = Repository.objects.get(mission=mission)
    if repository.github_id != github_id:
        return None
    if state := _STATES.get(action):
        if repository.state_at is None or at >= repository.state_at:
            _save_state(repository, state, at)
    elif mission.repository == previous_name or at > repository.named_at:
        _rename(mission, repository, name, max(at, repository.named_at))
    return mission


def _missions(cohort_id: UUID) -> QuerySet[Mission]:
    return Mission.objects.select_related("cohort", "github_repository").filter(cohort_id=cohort_id)


def _mission(cohort_id: UUID, github_id: int, names: Iterable[str]) -> Mission | None:
    missions = _missions(cohort_id)
    known = missions.filter(github_repository__github_id=github_id).first() if github_id else None
    if known is not None:
        return known
    is_free = Q(github_repository=None) | Q(github_repository__state=RepositoryState.DELETED)
    named = missions.filter(repository__in=names)
    return (named.filter(is_free) if github_id else named).first()


def _github_repository(mission: Mission) -> Repository | None:
    repository: Repository | None = getattr(mission, "github_repository", None)
    return repository


def _create_repository(mission: Mission, github_id: int, as_of: datetime) -> Repository | None:
    """The mission's repository, created or found; None if GitHub did not say its id, or another has it."""
    if not github_id:
        return None
    try:
        with transaction.atomic():
            repository = Repository.objects.create(
                cohort_id=mission.cohort_id, mission=mission, github_id=github_id, named_at=as_of
            )
    except IntegrityError:
        # GitHub sends several deliveries at once, and another has created it; or it is another mission's.
        found = Repository.objects.filter(mission=mission).first()
        if found is None:
            return None
        repository = found
    mission.github_repository = repository
    return repository


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


def _rename(mission: Mission, repository: Repository, name: str, at: datetime) -> None:
    if mission.repository == name:
        return
    previous = mission.repository
    try:
        with transaction.atomic():
            mission.repository = name
            mission.save(update_fields=["repository"])
    except IntegrityError:
        # Another mission was entered with this name: which one is right is an operator's to say.
        mission.repository = previous
        return
    repository.previous_name, repository.named_at = previous, at
    repository.save(update_fields=["previous_name", "named_at"])


def _save_state(repository: Repository, state: RepositoryState, at: datetime) -> None:
    repository.state, repository.state_at = state, at
    repository.save(update_fields=["state", "state_at"])
