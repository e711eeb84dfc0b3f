"""Create a cohort from a former one (docs/adr/0054)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.announcements.models import Announcement, AnnouncementDraft
from study.cohorts.actions import CohortCreationNotAllowed, create_cohort
from study.cohorts.models import Cohort, Membership, Part, Role, Team, Week
from study.copies.models import CohortCopy
from study.copies.rules import CopyPlan, nearest_days, plan_copy, weeks_between
from study.github.models import Repository
from study.memberships.actions.invitations import invite_account
from study.missions.actions.audit import record_mission
from study.missions.models import Criterion, Level, Mission, PartDeadline

# A worker that has held a copy this long is taken for dead.
LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 5
# Settings of a cohort that its copy has too.
SETTINGS = ("assigns_reviewers", "has_check_runs", "joins_by_approval")


class NoWeeks(DomainError):
    code = "no_weeks"
    title = _("This cohort has no weeks, so there is nothing to begin another one from.")


class OtherWeekday(DomainError):
    code = "other_weekday"
    title = _(
        "The weeks of the former cohort begin on another weekday, and dates move by whole weeks. "
        "Choose %(before)s or %(after)s."
    )
    status = 400


class TooFarAway(DomainError):
    code = "too_far_away"
    title = _("A date of the former cohort would leave the calendar. Choose a nearer day.")
    status = 400


class PersonNotInCohort(DomainError):
    code = "person_not_in_cohort"
    title = _("Choose people who are in the former cohort now.")
    status = 400


class RepositoryNotInCohort(DomainError):
    code = "repository_not_in_cohort"
    title = _("No mission of the former cohort has the repository %(name)s.")
    status = 400


class RepositoryTwice(DomainError):
    code = "repository_twice"
    title = _("%(name)s would be two repositories of the former cohort at once. Give each one of its own.")
    status = 400


def preview_copy(
    *,
    source: Cohort,
    account_id: UUID,
    allowed: bool,
    title: str,
    first_day: date,
    people: Collection[UUID] = (),
    repositories: Mapping[str, str],
) -> CopyPlan:
    """Return what the copy would contain; nothing is written.

    `people` are memberships of the source that are invited, `repositories` new names by old ones. Raises
    CohortCreationNotAllowed unless `allowed`, NoWeeks, OtherWeekday, TooFarAway, PersonNotInCohort,
    RepositoryNotInCohort, and RepositoryTwice.
    """
    if not allowed:
        raise CohortCreationNotAllowed
    first_week = source.weeks.order_by("number").first()
    if first_week is None:
        raise NoWeeks
    weeks_later = weeks_between(first_week.starts_on, first_day)
    if weeks_later is None:
        before, after = nearest_days(first_week.starts_on, first_day)
        raise OtherWeekday(field="first_day", before=before, after=after)
    others = _people(source).exclude(account_id=account_id).filter(id__in=people)
    chosen = list(others.select_related("part").order_by("joined_at", "id"))
    if len(chosen) < len(set(people)):
        raise PersonNotInCohort(field="people")
    plan = _plan(source, title=title, people=chosen, weeks_later=weeks_later, repositories=repositories)
    _check_repositories(plan, repositories)
    return plan


@transaction.atomic
def start_copy(
    *,
    source: Cohort,
    account_id: UUID,
    allowed: bool,
    title: str,
    first_day: date,
    people: Collection[UUID] = (),
    repositories: Mapping[str, str],
    at: datetime,
) -> CohortCopy:
    """Store that a cohort is to be created from the source; the account becomes its operator.

    Raises what preview_copy raises.
    """
    plan = preview_copy(
        source=source,
        account_id=account_id,
        allowed=allowed,
        title=title,
        first_day=first_day,
        people=people,
        repositories=repositories,
    )
    copy = CohortCopy.objects.create(
        source=source,
        title=title,
        weeks_later=plan.weeks_later,
        repositories=dict(repositories),
        requested_by=account_id,
        requested_at=at,
        next_attempt_at=at,
    )
    copy.people.set(plan.people)
    return copy


def create_copied_cohort(*, copy_id: UUID, at: datetime) -> None:
    """Create the cohort of a copy that is due, in one transaction. Idempotent."""
    if CohortCopy.objects.filter(id=copy_id).claim(at=at, lease=LEASE):
        _create(copy_id, at=at)


@transaction.atomic
def _create(copy_id: UUID, *, at: datetime) -> None:
    # A worker whose lease has expired may still be at it.
    copy = CohortCopy.objects.select_for_update().get(id=copy_id)
    if copy.next_attempt_at is None:
        return
    # Changes of the source's missions, parts and weeks lock it too.
    source = Cohort.objects.select_for_update().get(id=copy.source_id)
    operators = Membership.objects.live().filter(cohort=source, role=Role.OPERATOR)
    is_operator = operators.with_open_account().filter(account_id=copy.requested_by).exists()
    if is_operator and copy.attempts <= MAX_ATTEMPTS:
        copy.cohort = _create_cohort(copy, source, at=at)
    copy.next_attempt_at = None
    copy.save(update_fields=["cohort", "next_attempt_at"])


def _create_cohort(copy: CohortCopy, source: Cohort, *, at: datetime) -> Cohort:
    plan = _plan(
        source,
        title=copy.title,
        people=list(_people(source).filter(id__in=copy.people.all()).order_by("joined_at", "id")),
        weeks_later=copy.weeks_later,
        repositories=copy.repositories,
    )
    source_parts = list(source.parts.order_by("position"))
    cohort = create_cohort(
        account_id=copy.requested_by,
        allowed=True,
        title=copy.title,
        time_zone=source.time_zone,
        parts=[part.name for part in source_parts],
        weeks=0,
        first_day=plan.weeks[0][1],
        at=at,
    )
    Cohort.objects.filter(id=cohort.id).update(**{name: getattr(source, name) for name in SETTINGS})
    names = {part.name: part for part in cohort.parts.all()}
    parts = {part.id: names[part.name] for part in source_parts}
    # Without people: the mentor is none here until they accept.
    teams = {
        team.id: Team(**_columns(team) | {"cohort_id": cohort.id, "mentor_id": None}) for team in plan.teams
    }
    weeks = {
        week.id: Week(**_columns(week) | {"cohort_id": cohort.id, "starts_on": starts_on})
        for week, starts_on in plan.weeks
    }
    Team.objects.bulk_create(teams.values())
    Week.objects.bulk_create(weeks.values())
    missions = _create_missions(plan, cohort, parts=parts, teams=teams, weeks=weeks, at=at)
    for mission in missions:
        record_mission(mission=mission, changes={"": (None, mission.title)}, by=copy.requested_by, at=at)
    AnnouncementDraft.objects.bulk_create(
        AnnouncementDraft(
            cohort=cohort,
            part=parts[row.part_id] if row.part_id else None,
            team=teams[row.team_id] if row.team_id else None,
            title=row.title,
            body=row.body,
            planned_for=planned_for,
        )
        for row, planned_for in plan.announcements
    )
    for person in plan.people:
        invite_account(
            cohort=cohort,
            account_id=person.account_id,
            role=person.role,
            part_id=parts[person.part_id].id if person.part_id else None,
            by=copy.requested_by,
            at=at,
        )
    return cohort


def _create_missions(
    plan: CopyPlan,
    cohort: Cohort,
    *,
    parts: Mapping[UUID, Part],
    teams: Mapping[UUID, Team],
    weeks: Mapping[UUID, Week],
    at: datetime,
) -> Collection[Mission]:
    names = {name for planned in plan.missions for name in planned.all_repositories}
    repositories = {name: Repository(cohort=cohort, name=name) for name in sorted(names)}
    missions = {
        planned.source.id: Mission(
            **_columns(planned.source)
            | {
                "cohort_id": cohort.id,
                "part_id": parts[planned.source.part_id].id if planned.source.part_id else None,
                "team_id": teams[planned.source.team_id].id if planned.source.team_id else None,
                "week_id": weeks[planned.source.week_id].id,
                "github_repository_id": repositories[planned.repository].id if planned.repository else None,
                "opens_at": planned.opens_at,
                "due_at": planned.due_at,
                "created_at": at,
                "decides_since": None,
            }
        )
        for planned in plan.missions
    }
    criteria = {
        criterion.id: Criterion(**_columns(criterion) | {"mission_id": missions[planned.source.id].id})
        for planned in plan.missions
        for criterion in planned.source.criteria.all()
    }
    Repository.objects.bulk_create(repositories.values())
    Mission.objects.bulk_create(missions.values())
    Mission.extra_repositories.through.objects.bulk_create(
        Mission.extra_repositories.through(
            mission_id=missions[planned.source.id].id, repository_id=repositories[name].id
        )
        for planned in plan.missions
        for name in planned.other_repositories
    )
    PartDeadline.objects.bulk_create(
        PartDeadline(mission=missions[planned.source.id], part=parts[part_id], due_at=due_at)
        for planned in plan.missions
        for part_id, due_at in planned.part_deadlines.items()
    )
    Criterion.objects.bulk_create(criteria.values())
    Level.objects.bulk_create(
        Level(**_columns(level) | {"criterion_id": criteria[criterion.id].id})
        for planned in plan.missions
        for criterion in planned.source.criteria.all()
        for level in criterion.levels.all()
    )
    return missions.values()


def _columns(row: Model) -> dict[str, Any]:
    """Return the values of a row to create another one with."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields  # noqa: SLF001 - public by documentation
        if not field.primary_key
    }


def _plan(
    source: Cohort,
    *,
    title: str,
    people: list[Membership],
    weeks_later: int,
    repositories: Mapping[str, str],
) -> CopyPlan:
    missions = source.missions.select_related("part", "team", "week", "github_repository").prefetch_related(
        "extra_repositories", "part_deadlines", "criteria__levels"
    )
    try:
        return plan_copy(
            title=title,
            people=people,
            weeks=source.weeks.order_by("number"),
            missions=missions.order_by("week__number", "due_at", "title", "id"),
            announcements=Announcement.objects.filter(cohort=source, withdrawn_at=None)
            .select_related("team")
            .order_by("published_at", "id"),
            weeks_later=weeks_later,
            zone=source.time_zone,
            repositories=repositories,
        )
    except OverflowError:
        raise TooFarAway(field="first_day") from None


def _people(source: Cohort) -> Any:
    return Membership.objects.live().with_open_account().filter(cohort=source)


def _check_repositories(plan: CopyPlan, repositories: Mapping[str, str]) -> None:
    own = {name for planned in plan.missions for name in planned.source_repositories}
    if unknown := sorted(repositories.keys() - own):
        raise RepositoryNotInCohort(field="repositories", name=unknown[0])
    names = [repositories.get(name, name) for name in sorted(own)]
    for name in names:
        if names.count(name) > 1:
            raise RepositoryTwice(field="repositories", name=name)
