"""Deadlines of a part, and extensions for one member."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotFound
from study.audit.actions import record_change
from study.cohorts.actions import ensure_open
from study.cohorts.models import AuditKind, Membership
from study.installations.actions.check_runs import request_check_runs
from study.missions.actions.audit import record_part_deadline
from study.missions.actions.missions import NoSuchPart, clear_part_deadlines
from study.missions.models import Extension, Mission, PartDeadline
from study.missions.rules.deadlines import MAX_EXTENSION_HOURS, effective_deadline, hours_until


class MissionOfOnePart(DomainError):
    code = "mission_of_one_part"
    title = _("This mission is for one part or team alone. Move its own deadline.")


class PartDeadlineNotLater(DomainError):
    code = "part_deadline_not_later"
    title = _("A part's own deadline gives more time: it lies after everyone's.")
    status = 400


class NoSuchMember(DomainError):
    code = "no_such_member"
    title = _("That person is not a member who has this mission to do.")
    status = 400


class ReasonMissing(DomainError):
    code = "reason_missing"
    title = _("Say why: the member sees the reason beside the deadline.")
    status = 400


class NoMoreTime(DomainError):
    code = "no_more_time"
    title = _("All of them have this time already.")
    status = 400


class ExtensionTooLong(DomainError):
    code = "extension_too_long"
    title = _("That is more than 30 days after the deadline of some of them.")
    status = 400


@transaction.atomic
def set_part_deadline(
    *, mission: Mission, part_id: UUID, due_at: datetime, by: UUID, at: datetime
) -> PartDeadline:
    """Set a part's own deadline on a mission for everyone. It also applies to earlier submissions."""
    mission = lock_mission(mission=mission)
    if mission.part_id or mission.team_id:
        raise MissionOfOnePart
    part = mission.cohort.parts.filter(id=part_id).first()
    if part is None:
        raise NoSuchPart(field="part_id")
    if due_at <= mission.due_at:
        raise PartDeadlineNotLater(field="due_at")
    former = mission.part_deadlines.filter(part=part).first()
    part_deadline, _created = PartDeadline.objects.update_or_create(
        mission=mission, part=part, defaults={"due_at": due_at}
    )
    before = former.due_at if former else None
    record_part_deadline(mission=mission, part=part.name, before=before, after=due_at, by=by, at=at)
    request_check_runs(cohort_id=mission.cohort_id, mission_id=mission.id)
    return part_deadline


@transaction.atomic
def clear_part_deadline(*, mission: Mission, part_id: UUID, by: UUID, at: datetime) -> None:
    """Delete the part's own deadline, if it has one."""
    mission = lock_mission(mission=mission)
    clear_part_deadlines(mission=mission, part_id=part_id, by=by, at=at)
    request_check_runs(cohort_id=mission.cohort_id, mission_id=mission.id)


def carry_over_extensions(*, former: Membership, membership: Membership) -> None:
    """Move the extensions of a former membership to the new one: in the setting REJOINING_SUBSCRIBERS."""
    Extension.objects.filter(membership=former).update(membership=membership)


@transaction.atomic
def grant_extension(
    *, mission: Mission, membership_id: UUID, hours: int, reason: str, granted_by: UUID, at: datetime
) -> Extension:
    """Give a member that many hours more, instead of those of an earlier extension.

    ReasonMissing without a reason; NoSuchMember unless they are a member now and have this mission to do.
    """
    # Lock the membership first, in the order in which deliveries lock.
    list(Membership.objects.select_for_update().filter(id=membership_id, cohort=mission.cohort_id))
    mission = lock_mission(mission=mission)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    member = Membership.objects.live().filter(id=membership_id, cohort=mission.cohort_id).first()
    if member is None or not mission.is_for(member):
        raise NoSuchMember(field="membership_id")
    replaced = mission.extensions.active().filter(membership=membership_id)
    before = replaced.newest_first().first()
    replaced.update(withdrawn_at=at)
    _record_extension(mission, member, before.hours if before else None, hours, by=granted_by, at=at)
    request_check_runs(cohort_id=mission.cohort_id, mission_id=mission.id)
    return Extension.objects.create(
        mission=mission,
        membership_id=membership_id,
        hours=hours,
        reason=reason.strip(),
        granted_by=granted_by,
        granted_at=at,
    )


@transaction.atomic
def grant_extensions(
    *,
    mission: Mission,
    membership_ids: Collection[UUID],
    hours: int | None = None,
    until: datetime | None = None,
    reason: str,
    granted_by: UUID,
    at: datetime,
) -> list[Extension]:
    """Give several members `hours` more, or time until the same instant, with the same reason; all or none.

    A member whose extension has as many hours, or whose deadline is not before `until`, keeps it: nobody gets
    less time. Raise NoMoreTime if that is everyone, ExtensionTooLong, or what `grant_extension` raises.
    """
    wanted = set(membership_ids)
    # Lock all memberships before the mission, in the order in which deliveries lock.
    rows = Membership.objects.select_for_update().filter(id__in=wanted, cohort=mission.cohort_id)
    members = list(rows.order_by("id"))
    if len(members) != len(wanted):
        raise NoSuchMember(field="membership_ids")
    mission = lock_mission(mission=mission)
    extensions = []
    has_time = mission.extensions.active().filter(membership__in=wanted, hours__gte=hours or 0)
    keep = set() if until else set(has_time.values_list("membership_id", flat=True))
    for member in members:
        more = _hours_until(mission, member, until) if until else hours
        if member.id in keep:
            continue
        if not more:
            continue
        if more > MAX_EXTENSION_HOURS:
            raise ExtensionTooLong(field="until")
        extensions.append(
            grant_extension(
                mission=mission,
                membership_id=member.id,
                hours=more,
                reason=reason,
                granted_by=granted_by,
                at=at,
            )
        )
    if not extensions:
        raise NoMoreTime(field="until" if until else "hours")
    return extensions


def _hours_until(mission: Mission, member: Membership, until: datetime) -> int:
    part_deadline = mission.part_deadlines.filter(part=member.part_id).first()
    part = part_deadline.due_at if part_deadline else None
    extension = mission.extensions.active().filter(membership=member).newest_first().first()
    now = effective_deadline(base=mission.due_at, part=part, extension=extension)
    without = effective_deadline(base=mission.due_at, part=part)
    return hours_until(until, deadline=without) if hours_until(until, deadline=now) else 0


@transaction.atomic
def withdraw_extension(*, extension: Extension, by: UUID, at: datetime) -> None:
    """Withdraw an extension. Idempotent."""
    mission = lock_mission(mission=extension.mission)
    if Extension.objects.active().filter(id=extension.id).update(withdrawn_at=at):
        _record_extension(mission, extension.membership, extension.hours, None, by=by, at=at)
    request_check_runs(cohort_id=mission.cohort_id, mission_id=mission.id)


def _record_extension(
    mission: Mission, member: Membership, before: int | None, after: int | None, *, by: UUID, at: datetime
) -> None:
    """Write an extension's hours into the audit log; its reason stays with the extension."""
    record_change(
        cohort_id=mission.cohort_id,
        kind=AuditKind.EXTENSION,
        changes={"": (before, after)},
        subject_id=member.account_id,
        about=mission.title,
        by=by,
        at=at,
    )


def lock_mission(*, mission: Mission) -> Mission:
    """Lock the mission, which serialises changes of its deadlines; return it with its cohort.

    Raise CohortClosed, or NotFound if it was deleted meanwhile.
    """
    rows = Mission.objects.select_for_update(of=("self",)).select_related("cohort")
    locked = rows.filter(id=mission.id).first()
    if locked is None:
        raise NotFound
    ensure_open(cohort=locked.cohort)
    return locked
