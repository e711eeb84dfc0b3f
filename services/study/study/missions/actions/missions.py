"""Create, update and delete missions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.cohorts.actions import ensure_open
from study.cohorts.models import Cohort
from study.github.actions.repositories import replace_repository
from study.github.models import PullRequest, Repository
from study.installations.actions.check_runs import request_check_runs
from study.missions.actions.audit import audited_fields, record_mission, record_part_deadline
from study.missions.actions.rubrics import write_rubric
from study.missions.models import CompletedBy, Mission, SubmissionKind, has_repository
from study.missions.rules.assignment import normalize_marker
from study.missions.rules.deadlines import week_deadline, week_opens
from study.missions.rules.rubric import CriterionData


class NoSuchWeek(DomainError):
    code = "no_such_week"
    title = _("This cohort has no such week.")
    status = 400


class NoSuchPart(DomainError):
    code = "no_such_part"
    title = _("This cohort has no such part.")
    status = 400


class NoSuchTeam(DomainError):
    code = "no_such_team"
    title = _("This cohort has no such team.")
    status = 400


class PartAndTeam(DomainError):
    code = "part_and_team"
    title = _("Choose a part or a team, not both.")
    status = 400


class DeadlineBeforeOpening(DomainError):
    code = "deadline_before_opening"
    title = _("The deadline must be after the opening.")
    status = 400


class NoRepository(DomainError):
    code = "no_repository"
    title = _("Enter the repository in which the pull requests are opened.")
    status = 400


class GitHubCannotComplete(DomainError):
    code = "github_cannot_complete"
    title = _(
        "GitHub approves and merges only pull requests. Let a review or the submission alone complete the "
        "mission, or accept pull requests alone."
    )
    status = 400


class AmbiguousMission(DomainError):
    code = "ambiguous_mission"
    title = _(
        "Pull requests could be for this mission or for “%(title)s”, which has the same repository. "
        "Give both a marker of their own, or let them open at different times."
    )


class AlreadySubmitted(DomainError):
    code = "already_submitted"
    title = _("Submissions have come in, so the part or team stays as it is.")


class KindInUse(DomainError):
    code = "kind_in_use"
    title = _("Pull requests have come in, so the mission keeps accepting them.")


class MissionInUse(DomainError):
    code = "mission_in_use"
    title = _("Submissions have come in for this mission, so it cannot be deleted.")


@transaction.atomic
def create_mission(
    *,
    cohort: Cohort,
    week_id: UUID,
    part_id: UUID | None,
    title: str,
    body: str,
    repository: str,
    opens_at: datetime | None,
    due_at: datetime | None,
    rubric: Sequence[CriterionData],
    by: UUID,
    at: datetime,
    team_id: UUID | None = None,
    other_repositories: Sequence[str] = (),
    marker: str = "",
    completed_by: str = CompletedBy.REVIEW,
    accepts: Collection[str] = (SubmissionKind.PULL_REQUEST,),
) -> Mission:
    """Create a mission for a part, for a team, or for everyone if both are None.

    Without `opens_at` it opens as the week begins, without `due_at` it is due on the week's last day, 23:59
    in the cohort's zone. `repository` is owner/name in lower case, and so are others from which its pull
    requests come; missions may share them. A mission that does not accept pull requests has none of them, and
    no marker. `accepts` are values of SubmissionKind, at least one. Raises AmbiguousMission if the rules
    could not choose between this one and another (missions.rules.assignment), NoRepository and
    GitHubCannotComplete.
    """
    _check_kinds(accepts, repository=repository, completed_by=completed_by)
    if SubmissionKind.PULL_REQUEST not in accepts:
        repository, other_repositories, marker = "", (), ""
    cohort = _locked(cohort, names=[repository, *other_repositories])
    scheduled = schedule(
        cohort=cohort, week_id=week_id, part_id=part_id, team_id=team_id, opens_at=opens_at, due_at=due_at
    )
    mission = Mission(
        cohort=cohort,
        title=title,
        body=body,
        marker=marker,
        completed_by=completed_by,
        github_repository=_watch(cohort, repository) if repository else None,
        created_at=at,
        **_accepts(accepts),
        **scheduled,
    )
    extra = [_watch(cohort, name) for name in dict.fromkeys(other_repositories) if name != repository]
    _check_distinguishable(mission, extra)
    mission.save(force_insert=True)
    mission.extra_repositories.set(extra)
    record_mission(mission=mission, changes={"": (None, mission.title)}, by=by, at=at)
    write_rubric(mission=mission, rubric=rubric, by=by, at=at)
    return mission


@transaction.atomic
def update_mission(
    *,
    mission: Mission,
    week_id: UUID,
    part_id: UUID | None,
    title: str,
    body: str,
    repository: str,
    opens_at: datetime | None,
    due_at: datetime | None,
    by: UUID,
    at: datetime,
    team_id: UUID | None = None,
    rubric: Sequence[CriterionData] | None = None,
    other_repositories: Sequence[str] = (),
    marker: str = "",
    completed_by: str = CompletedBy.REVIEW,
    accepts: Collection[str] = (SubmissionKind.PULL_REQUEST,),
) -> Mission:
    """Update a mission; `rubric=None` keeps the rubric. The new deadline also applies to earlier submissions.

    So does `completed_by`: what is there already is completed, or needs a review again.

    Another repository is a correction, unless other missions use the present one: the next delivery or poll
    sets GitHub's id again. Submissions stay, whatever changes. Raises AlreadySubmitted if the part or the
    team would change and the mission has submissions, KindInUse if it would no longer accept them, and what
    create_mission raises.
    """
    ids = [mission.github_repository_id] if mission.github_repository_id else []
    cohort = _locked(mission.cohort, names=[repository, *other_repositories], ids=ids)
    watched = Repository.objects.filter(missions=mission.id).first()
    mission = cohort.missions.select_for_update().get(id=mission.id)
    scheduled = schedule(
        cohort=cohort, week_id=week_id, part_id=part_id, team_id=team_id, opens_at=opens_at, due_at=due_at
    )
    _check_kinds(accepts, repository=repository, completed_by=completed_by)
    _check_submitted(mission, part_id=part_id, team_id=team_id, accepts=accepts, completed_by=completed_by)
    if SubmissionKind.PULL_REQUEST not in accepts:
        repository, other_repositories, marker = "", (), ""
    fields = {"title": title, "body": body, "marker": marker, "completed_by": completed_by, **scheduled}
    fields |= {**_accepts(accepts), "github_repository": _chosen_repository(mission, watched, repository)}
    is_other_completion = completed_by != mission.completed_by
    if part_id or team_id:
        # A part's own deadline is for missions that are everyone's.
        clear_part_deadlines(mission=mission, by=by, at=at)
    audited = audited_fields(mission=mission)
    before = list(mission.extra_repositories.all())
    deciding = attrgetter("github_repository_id", "marker", "part_id", "team_id", "opens_at", "due_at")
    decided_by = deciding(mission)
    for name, value in fields.items():
        setattr(mission, name, value)
    extra = [_watch(cohort, name) for name in dict.fromkeys(other_repositories) if name != mission.repository]
    _check_distinguishable(mission, extra)
    if deciding(mission) != decided_by or {*extra} != {*before}:
        mission.decides_since = at
    mission.save(update_fields=[*fields, "decides_since"])
    mission.extra_repositories.set(extra)
    _delete_unused([*before, watched] if watched and not repository else before)
    now = audited_fields(mission=mission)
    record_mission(mission=mission, changes={name: (audited[name], now[name]) for name in now}, by=by, at=at)
    if rubric is not None:
        write_rubric(mission=mission, rubric=rubric, by=by, at=at)
    if is_other_completion:
        import_string(settings.MISSION_COMPLETION_SUBSCRIBER)(mission=mission, at=at)
    # They show its title, its state, and who was late.
    request_check_runs(cohort_id=mission.cohort_id, mission_id=mission.id)
    return mission


@transaction.atomic
def delete_mission(*, mission: Mission, by: UUID, at: datetime) -> None:
    """Delete a mission with its rubric and deadlines. Raises MissionInUse once it has submissions."""
    watched = mission.all_repositories
    _locked(mission.cohort, ids=[repository.id for repository in watched])
    # A reminder that is being sent is deleted too.
    Mission.objects.select_for_update().get(id=mission.id)
    if _is_submitted(mission):
        raise MissionInUse
    record_mission(mission=mission, changes={"": (mission.title, None)}, by=by, at=at)
    mission.delete()
    _delete_unused(watched)


def clear_part_deadlines(*, mission: Mission, part_id: UUID | None = None, by: UUID, at: datetime) -> None:
    """Delete the deadline of a part, or those of all parts. Call it with the mission locked."""
    found = mission.part_deadlines.select_related("part")
    for part_deadline in found.filter(part=part_id) if part_id else found:
        before, part = part_deadline.due_at, part_deadline.part.name
        record_part_deadline(mission=mission, part=part, before=before, after=None, by=by, at=at)
        part_deadline.delete()


def _locked(cohort: Cohort, *, names: Sequence[str] = (), ids: Sequence[UUID] = ()) -> Cohort:
    """Lock repositories, then the cohort, in the order in which deliveries lock. Raises CohortClosed.

    The cohort's lock serialises changes of its missions, which are compared with each other.
    """
    watched = Repository.objects.filter(Q(name__in=names) | Q(id__in=ids), cohort=cohort)
    list(watched.select_for_update().order_by("id"))
    cohort = Cohort.objects.select_for_update().get(id=cohort.id)
    ensure_open(cohort=cohort)
    return cohort


def _watch(cohort: Cohort, name: str) -> Repository:
    repository, is_new = Repository.objects.get_or_create(cohort=cohort, name=name)
    if not is_new:
        # List its pull requests again: earlier ones may be for the new mission.
        Repository.objects.filter(id=repository.id).update(polled_at=None, etag="")
    return repository


def _delete_unused(repositories: Iterable[Repository]) -> None:
    """Delete those without missions, pull requests and, of a pattern, repositories that were found."""
    for repository in repositories:
        is_used = Q(repository=repository) | Q(repository__pattern=repository)
        if (
            not repository.missions.exists()
            and not repository.extra_missions.exists()
            and not repository.repositories.exists()
            and not PullRequest.objects.filter(is_used).exists()
        ):
            repository.delete()


def _chosen_repository(mission: Mission, watched: Repository | None, name: str) -> Repository | None:
    """Return the repository of that name, None for ""; `watched` is the mission's until now."""
    if watched is None or not name:
        return _watch(mission.cohort, name) if name else None
    # A form that was opened before GitHub reported the rename must not restore the old name.
    if name in {watched.name, watched.previous_name}:
        return watched
    return _change_repository(mission, watched, name)


def _change_repository(mission: Mission, watched: Repository, name: str) -> Repository:
    """Return the repository of that name: the same row under another name, unless other missions use it."""
    others = Mission.objects.filter(has_repository(watched.id)).exclude(id=mission.id)
    # A pattern whose repositories were found stays theirs.
    is_shared = others.exists() or watched.repositories.exists()
    if is_shared or Repository.objects.filter(cohort=mission.cohort_id, name=name).exists():
        return _watch(mission.cohort, name)
    replace_repository(repository=watched, name=name)
    watched.refresh_from_db()
    return watched


def _has_pull_requests(mission: Mission) -> bool:
    return bool(import_string(settings.MISSION_PULL_REQUESTS)(mission.id).exists())


def _is_submitted(mission: Mission) -> bool:
    return _has_pull_requests(mission) or bool(_submissions(mission).exists())


def _submissions(mission: Mission) -> QuerySet[Any]:
    found: QuerySet[Any] = import_string(settings.MISSION_SUBMISSIONS)(mission.id)
    return found


def _check_submitted(
    mission: Mission,
    *,
    part_id: UUID | None,
    team_id: UUID | None,
    accepts: Collection[str],
    completed_by: str,
) -> None:
    """Raise an error if what has come in does not allow the change."""
    if completed_by == CompletedBy.APPROVAL and _submissions(mission).filter(pull_request=None).exists():
        raise GitHubCannotComplete(field="completed_by")
    if SubmissionKind.PULL_REQUEST not in accepts and _has_pull_requests(mission):
        raise KindInUse(field="accepts")
    for field, id_, before in (
        ("part_id", part_id, mission.part_id),
        ("team_id", team_id, mission.team_id),
    ):
        if id_ != before and _is_submitted(mission):
            raise AlreadySubmitted(field=field)


def _accepts(kinds: Collection[str]) -> dict[str, bool]:
    """Return the fields of a mission that say which kinds it accepts."""
    return {f"accepts_{kind.value}": kind.value in kinds for kind in SubmissionKind}


def _check_kinds(kinds: Collection[str], *, repository: str, completed_by: str) -> None:
    has_pull_requests = SubmissionKind.PULL_REQUEST in kinds
    if has_pull_requests and not repository:
        raise NoRepository(field="repository")
    is_possible = {
        CompletedBy.APPROVAL.value: set(kinds) == {SubmissionKind.PULL_REQUEST},
        CompletedBy.EITHER.value: has_pull_requests,
    }
    if not is_possible.get(completed_by, True):
        raise GitHubCannotComplete(field="completed_by")


def _check_distinguishable(mission: Mission, extra: Iterable[Repository]) -> None:
    """Raise AmbiguousMission if neither marker nor opening distinguishes it in its repositories."""
    ids = [mission.github_repository_id, *(repository.id for repository in extra)]
    others = Mission.objects.filter(has_repository(*ids)).exclude(id=mission.id).distinct()
    if mission.part_id is not None:
        others = others.filter(Q(part=None) | Q(part=mission.part_id))
    if mission.team is not None:
        # Nobody is in two teams of a kind.
        others = others.exclude(~Q(team=mission.team.id), team__kind=mission.team.kind)
    marker = normalize_marker(mission.marker)
    for other in others:
        other_marker = normalize_marker(other.marker)
        has_same_marker = bool(marker) and marker == other_marker
        is_unmarked = not (marker and other_marker) and other.opens_at == mission.opens_at
        if has_same_marker or is_unmarked:
            raise AmbiguousMission(field="marker", title=other.title)


def schedule(
    *,
    cohort: Cohort,
    week_id: UUID,
    part_id: UUID | None,
    team_id: UUID | None,
    opens_at: datetime | None,
    due_at: datetime | None,
) -> dict[str, Any]:
    """Return the fields of a mission that say for whom and when it is, with the defaults of its week.

    Raises NoSuchWeek, NoSuchPart, NoSuchTeam, PartAndTeam and DeadlineBeforeOpening.
    """
    week = cohort.weeks.filter(id=week_id).first()
    if week is None:
        raise NoSuchWeek(field="week_id")
    if part_id is not None and not cohort.parts.filter(id=part_id).exists():
        raise NoSuchPart(field="part_id")
    if team_id is not None and not cohort.teams.filter(id=team_id).exists():
        raise NoSuchTeam(field="team_id")
    if part_id and team_id:
        raise PartAndTeam(field="team_id")
    opens_at = opens_at or week_opens(week.starts_on, cohort.time_zone)
    due_at = due_at or week_deadline(week.starts_on, cohort.time_zone)
    if due_at <= opens_at:
        raise DeadlineBeforeOpening(field="due_at")
    return {"week": week, "part_id": part_id, "team_id": team_id, "opens_at": opens_at, "due_at": due_at}
