"""Read models of cohorts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, DateField, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery, Value

from chassis.web.pagination import Page, page_of
from study.cohorts.models import Cohort, Membership, Part, Role, Team, Week
from study.cohorts.rules import WEEK

_CURRENT_PEOPLE = Count("memberships", filter=Q(memberships__left_at=None))


@dataclass(frozen=True)
class CohortRow:
    """A cohort in the list of one of its members."""

    id: UUID
    title: str
    time_zone: str
    role: str
    role_label: str
    part: str | None
    opened_at: datetime
    closed_at: datetime | None
    people: int
    weeks: int
    first_day: date | None
    last_week_on: date | None


@dataclass(frozen=True)
class Group:
    """A part or team with its number of live memberships."""

    id: UUID
    name: str
    people: int


@dataclass(frozen=True)
class CohortStructure:
    """The parts, teams and weeks of a cohort."""

    parts: list[Group]
    teams: list[Group]
    weeks: list[Week]

    @property
    def next_week_on(self) -> date | None:
        """Return the first day of the next week to add; None without weeks."""
        return self.weeks[-1].starts_on + WEEK if self.weeks else None


def my_cohorts(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[CohortRow]:
    """Return the account's cohorts, the newest membership first. One query."""
    page = page_of(_memberships(account_id), order=("-joined_at", "-id"), cursor=cursor, size=size)
    return Page([_row(membership) for membership in page.rows], page.next)


def my_cohort(cohort_id: UUID, *, account_id: UUID) -> CohortRow:
    """Return one cohort; the account must be a member. One query."""
    return _row(_memberships(account_id).get(cohort_id=cohort_id))


def count_without_operator() -> int:
    """Count the cohorts of the installation without an operator. One query."""
    operators = Membership.objects.live().with_open_account().filter(role=Role.OPERATOR)
    return Cohort.objects.exclude(Exists(operators.filter(cohort=OuterRef("id")))).count()


def cohort_structure(cohort: Cohort) -> CohortStructure:
    """Return parts by position, teams by name, weeks by number. Two queries."""
    parts = Part.objects.filter(cohort=cohort).annotate(people=_CURRENT_PEOPLE)
    # Positions of parts start at 1; 0 marks a team.
    teams = Team.objects.filter(cohort=cohort).annotate(people=_CURRENT_PEOPLE, position=Value(0))
    columns = ("id", "name", "people", "position")
    rows = parts.values_list(*columns).union(teams.values_list(*columns), all=True)
    groups = list(rows.order_by("position", "name"))
    return CohortStructure(
        parts=[Group(*row[:3]) for row in groups if row[3]],
        teams=[Group(*row[:3]) for row in groups if not row[3]],
        weeks=weeks_of(cohort),
    )


def parts_of(cohort: Cohort) -> list[Part]:
    """Return the cohort's parts by position. One query."""
    return list(cohort.parts.order_by("position", "id"))


def teams_of(cohort: Cohort) -> list[Team]:
    """Return the cohort's teams by name. One query."""
    return list(cohort.teams.order_by("name", "id"))


def weeks_of(cohort: Cohort) -> list[Week]:
    """Return the cohort's weeks by number. One query."""
    return list(cohort.weeks.order_by("number"))


def weeks_and_parts(cohort: Cohort) -> tuple[list[Week], list[Part]]:
    """Return the cohort's weeks by number and parts by position, as unsaved instances. One query."""
    no_day = Value(None, output_field=DateField())
    weeks = Week.objects.filter(cohort=cohort).values_list("number", "id", "topic", "starts_on")
    parts = Part.objects.filter(cohort=cohort).values_list("position", "id", "name", no_day)
    rows: list[Any] = sorted(weeks.union(parts, all=True), key=lambda row: row[0])
    return (
        [
            Week(id=row[1], number=row[0], topic=row[2], starts_on=row[3])
            for row in rows
            if row[3] is not None
        ],
        [Part(id=row[1], position=row[0], name=row[2]) for row in rows if row[3] is None],
    )


def _memberships(account_id: UUID) -> QuerySet[Membership]:
    people = Membership.objects.live().filter(cohort=OuterRef("cohort")).order_by().values("cohort")
    weeks = Week.objects.filter(cohort=OuterRef("cohort")).order_by().values("cohort")
    return (
        Membership.objects.live()
        .filter(account_id=account_id)
        .select_related("cohort", "part")
        .annotate(
            people=Subquery(people.annotate(n=Count("id")).values("n")),
            weeks=Subquery(weeks.annotate(n=Count("id")).values("n")),
            first_day=Subquery(weeks.annotate(day=Min("starts_on")).values("day")),
            last_week_on=Subquery(weeks.annotate(day=Max("starts_on")).values("day")),
        )
    )


def _row(membership: Any) -> CohortRow:
    return CohortRow(
        id=membership.cohort_id,
        title=membership.cohort.title,
        time_zone=membership.cohort.time_zone,
        role=membership.role,
        role_label=membership.get_role_display(),
        part=membership.part.name if membership.part else None,
        opened_at=membership.cohort.opened_at,
        closed_at=membership.cohort.closed_at,
        people=membership.people,
        weeks=membership.weeks or 0,
        first_day=membership.first_day,
        last_week_on=membership.last_week_on,
    )
