"""Create, update and delete missions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.cohorts.actions import ensure_open
from study.cohorts.models import Cohort
from study.github.actions.repositories import replace_repository
from study.github.models import Repository
from study.missions.actions.rubrics import write_rubric
from study.missions.models import Mission
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


class DeadlineBeforeOpening(DomainError):
    code = "deadline_before_opening"
    title = _("The deadline lies after the opening.")
    status = 400


class RepositoryTaken(DomainError):
    code = "repository_taken"
    title = _("“%(title)s” uses this repository already: a pull request must lead to one mission.")


class AlreadySubmitted(DomainError):
    code = "already_submitted"
    title = _("Pull requests have come in, so the part stays as it is.")


class MissionInUse(DomainError):
    code = "mission_in_use"
    title = _("Pull requests have come in for this mission, so it cannot be deleted.")


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
    at: datetime,
) -> Mission:
    """Create a mission for a part, or for everyone if `part_id` is None.

    Without `opens_at` it opens as the week begins, without `due_at` it is due on the week's last day, 23:59
    in the cohort's zone. `repository` is owner/name in lower case.
    """
    cohort = _locked(cohort)
    schedule = _schedule(cohort, week_id, part_id, opens_at, due_at)
    _check_repository(cohort, repository)
    mission = Mission.objects.create(
        cohort=cohort,
        title=title,
        body=body,
        github_repository=Repository.objects.create(cohort=cohort, name=repository),
        created_at=at,
        **schedule,
    )
    write_rubric(mission=mission, rubric=rubric)
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
    rubric: Sequence[CriterionData] | None = None,
) -> Mission:
    """Update a mission; `rubric=None` keeps the rubric. The new deadline also applies to earlier submissions.

    Another repository is a correction: the next delivery or poll sets GitHub's id again, and submissions
    stay. Raises AlreadySubmitted if the part would change and the mission has pull requests.
    """
    # Lock the repository first, in the order in which deliveries lock.
    watched = Repository.objects.select_for_update().get(id=mission.github_repository_id)
    cohort = _locked(mission.cohort)
    mission = cohort.missions.select_for_update().get(id=mission.id)
    fields = {"title": title, "body": body, **_schedule(cohort, week_id, part_id, opens_at, due_at)}
    if part_id != mission.part_id and watched.pull_requests.exists():
        raise AlreadySubmitted(field="part_id")
    if repository == watched.previous_name:
        # A form that was opened before GitHub reported the rename must not restore the old name.
        repository = watched.name
    if repository != watched.name:
        _check_repository(cohort, repository, but=mission)
        replace_repository(repository=watched, name=repository)
    if part_id is not None:
        # A part's own deadline is for missions that are everyone's.
        mission.part_deadlines.all().delete()
    for name, value in fields.items():
        setattr(mission, name, value)
    mission.save(update_fields=[*fields])
    if rubric is not None:
        write_rubric(mission=mission, rubric=rubric)
    return mission


@transaction.atomic
def delete_mission(*, mission: Mission) -> None:
    """Delete a mission with its rubric and deadlines. Raises MissionInUse once it has pull requests."""
    watched = Repository.objects.select_for_update().get(id=mission.github_repository_id)
    _locked(mission.cohort)
    if watched.pull_requests.exists():
        raise MissionInUse
    watched.delete()


def _locked(cohort: Cohort) -> Cohort:
    # Locking the cohort serialises the check that a repository is unused.
    cohort = Cohort.objects.select_for_update().get(id=cohort.id)
    ensure_open(cohort=cohort)
    return cohort


def _check_repository(cohort: Cohort, repository: str, *, but: Mission | None = None) -> None:
    other = cohort.missions.filter(github_repository__name=repository).first()
    if other and other != but:
        raise RepositoryTaken(field="repository", title=other.title)


def _schedule(
    cohort: Cohort, week_id: UUID, part_id: UUID | None, opens_at: datetime | None, due_at: datetime | None
) -> dict[str, Any]:
    """Return the fields of a mission that say for whom and when it is, with the defaults of its week."""
    week = cohort.weeks.filter(id=week_id).first()
    if week is None:
        raise NoSuchWeek(field="week_id")
    if part_id is not None and not cohort.parts.filter(id=part_id).exists():
        raise NoSuchPart(field="part_id")
    opens_at = opens_at or week_opens(week.starts_on, cohort.time_zone)
    due_at = due_at or week_deadline(week.starts_on, cohort.time_zone)
    if due_at <= opens_at:
        raise DeadlineBeforeOpening(field="due_at")
    return {"week": week, "part_id": part_id, "opens_at": opens_at, "due_at": due_at}
