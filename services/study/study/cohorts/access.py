"""Access to cohorts: return the account's membership in a cohort, or raise NotFound."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, OuterRef, QuerySet

from chassis.account_mirror.models import AccountMirror
from chassis.errors import NotFound
from study.cohorts.models import Membership, Part, Role, Team, Week

Row = TypeVar("Row", bound=Model)


def membership_for_member(cohort_id: UUID, *, account_id: UUID) -> Membership:
    """Return the account's live membership in any role, with its cohort, part and team. One query."""
    return _membership(cohort_id, account_id, list(Role))


def membership_with_members(cohort_id: UUID, *, account_id: UUID) -> tuple[Membership, list[Membership]]:
    """Return the account's live membership and all live memberships of the cohort by name. One query.

    Each membership is annotated with `name`.
    """
    named = Membership.objects.live().annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    members = list(
        named.filter(cohort_id=cohort_id).select_related("cohort", "part", "team").order_by("name", "id")
    )
    membership = next((member for member in members if member.account_id == account_id), None)
    if membership is None:
        raise NotFound
    return membership, members


def membership_for_mentor(cohort_id: UUID, *, account_id: UUID) -> Membership:
    """Return the account's live membership as a mentor or operator. One query."""
    return _membership(cohort_id, account_id, [Role.MENTOR, Role.OPERATOR])


def membership_for_operator(cohort_id: UUID, *, account_id: UUID) -> Membership:
    """Return the account's live membership as an operator. One query."""
    return _membership(cohort_id, account_id, [Role.OPERATOR])


def _membership(cohort_id: UUID, account_id: UUID, roles: list[Role]) -> Membership:
    memberships = Membership.objects.live().select_related("cohort", "part", "team")
    membership = memberships.filter(cohort_id=cohort_id, account_id=account_id, role__in=roles).first()
    if membership is None:
        raise NotFound
    return membership


def part_for_operator(cohort_id: UUID, part_id: UUID, *, account_id: UUID) -> Part:
    """Return a part of a cohort that the account operates. Two queries."""
    cohort = membership_for_operator(cohort_id, account_id=account_id).cohort
    return _get(cohort.parts.select_related("cohort"), part_id)


def team_for_operator(cohort_id: UUID, team_id: UUID, *, account_id: UUID) -> Team:
    """Return a team of a cohort that the account operates. Two queries."""
    cohort = membership_for_operator(cohort_id, account_id=account_id).cohort
    return _get(cohort.teams.select_related("cohort"), team_id)


def week_for_operator(cohort_id: UUID, week_id: UUID, *, account_id: UUID) -> Week:
    """Return a week of a cohort that the account operates. Two queries."""
    cohort = membership_for_operator(cohort_id, account_id=account_id).cohort
    return _get(cohort.weeks.select_related("cohort"), week_id)


def _get(rows: QuerySet[Row], row_id: UUID) -> Row:
    row = rows.filter(pk=row_id).first()
    if row is None:
        raise NotFound
    return row
