"""A person's place: its role, part and team, and its end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from chassis.events.publish import publish
from study.cohorts.events import MembershipChanged
from study.cohorts.models import Cohort, Membership, Part, Role, Team
from study.memberships.actions.invitations import OtherCohortsPart, withdraw_staff_links


class LastOperator(DomainError):
    code = "last_operator"
    title = _("A cohort needs an operator. Make somebody else one first.")


class PartChosen(DomainError):
    code = "part_chosen"
    title = _("You are in a part already. An operator can move you.")


class OtherCohortsTeam(DomainError):
    code = "team_of_another_cohort"
    title = _("This team belongs to another cohort.")


@transaction.atomic
def change_seat(
    *, seat: Membership, role: Role, part_id: UUID | None, team_id: UUID | None, at: datetime
) -> Membership:
    """Give a person another role, part or team. LastOperator if nobody would run the cohort.

    A demoted operator's links for operators and mentors are withdrawn.
    """
    seat = _locked(seat)
    if part_id is not None and not Part.objects.filter(id=part_id, cohort_id=seat.cohort_id).exists():
        raise OtherCohortsPart(field="part_id")
    if team_id is not None and not Team.objects.filter(id=team_id, cohort_id=seat.cohort_id).exists():
        raise OtherCohortsTeam(field="team_id")
    if role != Role.OPERATOR:
        _keep_an_operator(seat, field="role")
    if seat.role == Role.OPERATOR != role:
        withdraw_staff_links(cohort_id=seat.cohort_id, at=at)
    changed = seat.role != role
    seat.role, seat.part_id, seat.team_id = role, part_id, team_id
    seat.version += changed
    seat.save(update_fields=["role", "part", "team", "version"])
    if changed:
        tell(seat=seat, at=at)
    return seat


@transaction.atomic
def choose_part(*, seat: Membership, part_id: UUID) -> Membership:
    """Put a member who is in no part into one. Idempotent. PartChosen, OtherCohortsPart."""
    seat = _locked(seat)
    if seat.part_id == part_id:
        return seat
    if seat.part_id is not None or seat.role != Role.MEMBER:
        raise PartChosen
    if not Part.objects.filter(id=part_id, cohort_id=seat.cohort_id).exists():
        raise OtherCohortsPart(field="part_id")
    seat.part_id = part_id
    seat.save(update_fields=["part"])
    return seat


@transaction.atomic
def leave(*, seat: Membership, at: datetime) -> Membership:
    """End a place, at the person's own wish or an operator's; what they did stays. Twice is as once.

    LastOperator if nobody would run the cohort.
    """
    seat = _locked(seat)
    if seat.left_at is not None:
        return seat
    _keep_an_operator(seat)
    _end(seat, at=at)
    return seat


@transaction.atomic
def end_memberships(*, account_id: UUID, at: datetime) -> None:
    """End every place of an account that was closed, a last operator's too. Twice is as once."""
    theirs = Membership.objects.live().filter(account_id=account_id)
    for found in theirs.order_by("cohort_id"):
        membership = _locked(found)
        if membership.left_at is None:
            # A token that outlived the account may have joined since.
            _end(membership, at=max(at, membership.joined_at))


def _end(seat: Membership, *, at: datetime) -> None:
    if seat.role == Role.OPERATOR:
        withdraw_staff_links(cohort_id=seat.cohort_id, at=at)
    seat.left_at, seat.version = at, seat.version + 1
    seat.save(update_fields=["left_at", "version"])
    tell(seat=seat, at=at)


def tell(*, seat: Membership, at: datetime) -> None:
    """Publish how the place stands now."""
    publish(
        MembershipChanged(
            membership_id=seat.id,
            cohort_id=seat.cohort_id,
            account_id=seat.account_id,
            role=seat.role,
            left=seat.left_at is not None,
            version=seat.version,
        ),
        at=at,
    )


def _locked(seat: Membership) -> Membership:
    # The cohort's row first, as joining does: two operators who leave at once would leave none.
    Cohort.objects.select_for_update().get(id=seat.cohort_id)
    return Membership.objects.select_for_update().get(id=seat.id)


def _keep_an_operator(seat: Membership, *, field: str | None = None) -> None:
    if seat.role != Role.OPERATOR or seat.left_at is not None:
        return
    places = Membership.objects.live().with_open_account()
    operators = places.filter(cohort_id=seat.cohort_id, role=Role.OPERATOR)
    if not operators.exclude(id=seat.id).exists():
        raise LastOperator(field=field)
