"""Memberships: role, part and team, and leaving."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.audit.actions import record_change
from study.cohorts.actions import publish_membership_changed
from study.cohorts.models import AuditKind, Cohort, Membership, Part, Role, Team, TeamKind
from study.memberships.actions.invitations import PartNotInCohort, withdraw_staff_links

_AUDITED = {
    AuditKind.ROLE: ("role",),
    AuditKind.PART: ("part",),
    AuditKind.TEAM: ("study_team", "team"),
}


class LastOperator(DomainError):
    code = "last_operator"
    title = _("A cohort needs an organizer. Make somebody else one first.")


class PartAlreadyChosen(DomainError):
    code = "part_chosen"
    title = _("You are in a part already. An organizer can move you.")


class TeamNotInCohort(DomainError):
    code = "team_of_another_cohort"
    title = _("This team belongs to another cohort, or is of another kind.")


# What `update_membership` sets.
CHANGEABLE = ("role", "part_id", "team_id", "study_team_id")


@transaction.atomic
def update_membership(
    *,
    membership: Membership,
    role: str,
    part_id: UUID | None,
    team_id: UUID | None,
    study_team_id: UUID | None = None,
    by: UUID,
    at: datetime,
) -> Membership:
    """Update role, part and teams. Raise LastOperator if no operator would remain.

    `team_id` is the project team. A reviewer who becomes a member reviews no more, as by leaving.

    If an operator is demoted, all open links of the cohort for operators and mentors are withdrawn: a former
    operator may know them.
    """
    membership = lock_membership(membership=membership)
    if part_id is not None and not Part.objects.filter(id=part_id, cohort_id=membership.cohort_id).exists():
        raise PartNotInCohort(field="part_id")
    _ensure_team(membership, team_id, TeamKind.PROJECT, field="team_id")
    _ensure_team(membership, study_team_id, TeamKind.STUDY, field="study_team_id")
    if role != Role.OPERATOR:
        _ensure_operator_remains(membership, field="role")
    if membership.role == Role.OPERATOR != role:
        withdraw_staff_links(cohort_id=membership.cohort_id, by=by, at=at)
    role_changed = membership.role != role
    before = _names(membership)
    membership.role, membership.part_id = role, part_id
    membership.team_id, membership.study_team_id = team_id, study_team_id
    _record_changes(membership, before, by=by, at=at)
    membership.version += role_changed
    membership.save(update_fields=["role", "part", "team", "study_team", "version"])
    if role_changed:
        publish_membership_changed(membership=membership, at=at)
    if role_changed and role == Role.MEMBER:
        _reassign_reviews(membership, at=at)
    decide_again(membership=membership)
    return membership


def _names(membership: Membership) -> dict[str, str | None]:
    """Return what the audit log keeps of a membership. Queries for what it has."""
    groups = (membership.part, membership.study_team, membership.team)
    part, study_team, team = (str(group) if group else None for group in groups)
    return {"role": membership.role, "part": part, "study_team": study_team, "team": team}


def _record_changes(membership: Membership, before: dict[str, str | None], *, by: UUID, at: datetime) -> None:
    after = _names(membership)
    for kind, fields in _AUDITED.items():
        record_change(
            cohort_id=membership.cohort_id,
            kind=kind,
            # A kind with one field is that field.
            changes={name if len(fields) > 1 else "": (before[name], after[name]) for name in fields},
            subject_id=membership.account_id,
            by=by,
            at=at,
        )


def _ensure_team(membership: Membership, team_id: UUID | None, kind: TeamKind, *, field: str) -> None:
    teams = Team.objects.filter(cohort_id=membership.cohort_id, kind=kind)
    if team_id is not None and not teams.filter(id=team_id).exists():
        raise TeamNotInCohort(field=field)


@transaction.atomic
def choose_part(*, membership: Membership, part_id: UUID, at: datetime) -> Membership:
    """Set the part of a member without one. Idempotent.

    Raise PartNotInCohort, or PartAlreadyChosen, also for mentors and operators.
    """
    membership = lock_membership(membership=membership)
    if membership.part_id == part_id:
        return membership
    if membership.part_id is not None or membership.role != Role.MEMBER:
        raise PartAlreadyChosen
    part = Part.objects.filter(id=part_id, cohort_id=membership.cohort_id).first()
    if part is None:
        raise PartNotInCohort(field="part_id")
    membership.part = part
    membership.save(update_fields=["part"])
    decide_again(membership=membership)
    record_change(
        cohort_id=membership.cohort_id,
        kind=AuditKind.PART,
        changes={"": (None, part.name)},
        subject_id=membership.account_id,
        by=membership.account_id,
        at=at,
    )
    return membership


@transaction.atomic
def leave(*, membership: Membership, by: UUID, at: datetime) -> Membership:
    """End a membership; its submissions and reviews stay. Idempotent. `by` is the member or an operator.

    Raise LastOperator if no operator would remain.
    """
    membership = lock_membership(membership=membership)
    if membership.left_at is not None:
        return membership
    _ensure_operator_remains(membership)
    _end(membership, by=by, at=at)
    return membership


@transaction.atomic
def end_memberships(*, account_id: UUID, at: datetime) -> None:
    """End every membership of a closed account, also of a last operator. Idempotent."""
    theirs = Membership.objects.live().filter(account_id=account_id)
    for found in theirs.order_by("cohort_id"):
        membership = lock_membership(membership=found)
        if membership.left_at is None:
            # A token stays valid for up to ten minutes after its account closed, and may have joined since.
            _end(membership, by=account_id, at=max(at, membership.joined_at))


def _end(membership: Membership, *, by: UUID, at: datetime) -> None:
    if membership.role == Role.OPERATOR:
        withdraw_staff_links(cohort_id=membership.cohort_id, by=by, at=at)
    record_change(
        cohort_id=membership.cohort_id,
        kind=AuditKind.ROLE,
        changes={"": (membership.role, None)},
        subject_id=membership.account_id,
        by=by,
        at=at,
    )
    membership.left_at, membership.version = at, membership.version + 1
    membership.save(update_fields=["left_at", "version"])
    publish_membership_changed(membership=membership, at=at)
    if membership.role != Role.MEMBER:
        _reassign_reviews(membership, at=at)


def _reassign_reviews(membership: Membership, *, at: datetime) -> None:
    import_string(settings.REVIEWER_LEFT_SUBSCRIBER)(membership=membership, at=at)


def decide_again(*, membership: Membership) -> None:
    """Let what waits of the member's pull requests be looked at again: part or teams changed."""
    import_string(settings.MEMBERSHIP_MOVED_SUBSCRIBER)(account_id=membership.account_id)


def lock_membership(*, membership: Membership) -> Membership:
    """Lock the cohort and the membership, and return the membership as it is now."""
    # The cohort's row first, as in `join`: two operators who leave concurrently would leave none, and two
    # members could get one GitHub login.
    Cohort.objects.select_for_update().get(id=membership.cohort_id)
    return Membership.objects.select_for_update().get(id=membership.id)


def _ensure_operator_remains(membership: Membership, *, field: str | None = None) -> None:
    if membership.role != Role.OPERATOR or membership.left_at is not None:
        return
    memberships = Membership.objects.live().with_open_account()
    operators = memberships.filter(cohort_id=membership.cohort_id, role=Role.OPERATOR)
    if not operators.exclude(id=membership.id).exists():
        raise LastOperator(field=field)
