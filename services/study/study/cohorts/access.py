"""Access to cohorts: return the account's membership in a cohort, or raise NotFound."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from chassis.compiled import compiled
from chassis.errors import NotFound
from study.cohorts.models import Membership, Part, Role, Team, Week

Row = TypeVar("Row", bound=Model)


def get_or_not_found(rows: QuerySet[Row], *conditions: Q | Combinable, **lookups: Any) -> Row:
    """Return the row that matches, like Django's get_object_or_404. Raise NotFound if there is none."""
    row = rows.filter(*conditions, **lookups).first()
    if row is None:
        raise NotFound
    return row


def has_role(account_id: UUID, *roles: Role, cohort: str = "cohort") -> Exists:
    """Return the condition that the account has one of the roles in a row's cohort, a relation of the row."""
    memberships = Membership.objects.live().filter(account_id=account_id, role__in=roles)
    return Exists(memberships.filter(cohort=OuterRef(cohort)))


def in_cohort(cohort_id: UUID | None, *, cohort: str = "cohort") -> Q:
    """Return the condition that a row is of the cohort that its address names; true if it names none."""
    return Q(**{cohort: cohort_id}) if cohort_id else Q()


@compiled
def _live_membership(*, cohort_id: UUID, account_id: UUID) -> QuerySet[Membership]:
    memberships = Membership.objects.live().select_related("cohort", "part", "team", "study_team")
    return memberships.filter(cohort_id=cohort_id, account_id=account_id)


def membership_for_member(cohort_id: UUID, *, account_id: UUID) -> Membership:
    """Return the account's live membership in any role, with its cohort, part and teams. One query."""
    found = _live_membership(cohort_id=cohort_id, account_id=account_id)
    if not found:
        raise NotFound
    return found[0]


def membership_for_mentor(cohort_id: UUID, *, account_id: UUID) -> Membership:
    """Return the account's live membership as a mentor or operator. One query."""
    membership = membership_for_member(cohort_id, account_id=account_id)
    if membership.role == Role.MEMBER:
        raise NotFound
    return membership


@compiled
def _live_roles(*, cohort_id: UUID, account_id: UUID) -> QuerySet[Any, Any]:
    memberships = Membership.objects.live().filter(cohort_id=cohort_id, account_id=account_id)
    return memberships.values_list("role", flat=True)


def require_mentor(cohort_id: UUID, *, account_id: UUID) -> None:
    """Raise NotFound unless the account is a mentor or an operator of the cohort. One query."""
    if not {Role.MENTOR, Role.OPERATOR} & set(_live_roles(cohort_id=cohort_id, account_id=account_id)):
        raise NotFound


def membership_for_operator(cohort_id: UUID, *, account_id: UUID) -> Membership:
    """Return the account's live membership as an operator. One query."""
    membership = membership_for_member(cohort_id, account_id=account_id)
    if membership.role != Role.OPERATOR:
        raise NotFound
    return membership


def part_for_operator(cohort_id: UUID, part_id: UUID, *, account_id: UUID) -> Part:
    """Return a part of a cohort that the account operates. One query."""
    parts = Part.objects.select_related("cohort")
    return get_or_not_found(parts, has_role(account_id, Role.OPERATOR), cohort_id=cohort_id, id=part_id)


def team_for_operator(cohort_id: UUID, team_id: UUID, *, account_id: UUID) -> Team:
    """Return a team of a cohort that the account operates. One query."""
    teams = Team.objects.select_related("cohort")
    return get_or_not_found(teams, has_role(account_id, Role.OPERATOR), cohort_id=cohort_id, id=team_id)


def week_for_operator(cohort_id: UUID, week_id: UUID, *, account_id: UUID) -> Week:
    """Return a week of a cohort that the account operates. One query."""
    weeks = Week.objects.select_related("cohort")
    return get_or_not_found(weeks, has_role(account_id, Role.OPERATOR), cohort_id=cohort_id, id=week_id)
