"""Who has how long: the parts' own deadlines, and each member's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, FilteredRelation, OuterRef, Q

from study.cohorts.models import Membership, Part, Role
from study.mirrors.models import AccountMirror
from study.missions.models import Extension, Mission, PartDue
from study.missions.rules import Due, Grant, effective_due


@dataclass(frozen=True)
class PartTerm:
    """A part and its own deadline, None where everyone's holds."""

    part_id: UUID
    name: str
    due_at: datetime | None


@dataclass(frozen=True)
class ExtensionRow:
    """More time that a member has, and who gave it. A name is None where we have not heard of the account."""

    id: UUID
    membership_id: UUID
    name: str | None
    part: str
    hours: int
    reason: str
    due: Due
    granted_by: str | None
    granted_at: datetime


@dataclass(frozen=True)
class MemberChoice:
    """A member who has this mission to do."""

    membership_id: UUID
    name: str | None
    part: str


def part_terms(mission: Mission) -> list[PartTerm]:
    """The parts in their order, each with its own deadline if it has one. One query."""
    own = FilteredRelation("partdue", condition=Q(partdue__mission=mission.id))
    parts = Part.objects.filter(cohort=mission.cohort_id).annotate(own=own, due_at=F("own__due_at"))
    return [PartTerm(part.id, part.name, part.due_at) for part in parts.order_by("position", "id")]


def extensions_of(mission: Mission) -> list[ExtensionRow]:
    """Those that stand, the newest first, each with the deadline it leads to. One query."""
    part_due = PartDue.objects.filter(mission=mission.id, part=OuterRef("membership__part"))
    # Any: the columns that an annotation adds are no attributes of the model.
    found: Iterable[Any] = (
        Extension.objects.standing()
        .newest_first()
        .filter(mission=mission, membership__left_at=None)
        .select_related("membership__part")
        .annotate(
            name=AccountMirror.objects.name_of(OuterRef("membership__account_id")),
            granter=AccountMirror.objects.name_of(OuterRef("granted_by")),
            part_due_at=part_due.values("due_at")[:1],
        )
    )
    return [
        ExtensionRow(
            id=row.id,
            membership_id=row.membership_id,
            name=row.name,
            part=row.membership.part.name if row.membership.part else "",
            hours=row.hours,
            reason=row.reason,
            due=effective_due(
                base=mission.due_at, part=row.part_due_at, extension=Grant(row.hours, row.reason)
            ),
            granted_by=row.granter,
            granted_at=row.granted_at,
        )
        for row in found
    ]


def members_to_extend(mission: Mission) -> list[MemberChoice]:
    """The members who have this mission to do, by part and name. One query."""
    members = Membership.objects.live().filter(cohort=mission.cohort_id, role=Role.MEMBER)
    if mission.part_id is not None:
        members = members.filter(part=mission.part_id)
    named: Iterable[Any] = members.select_related("part").annotate(
        name=AccountMirror.objects.name_of(OuterRef("account_id"))
    )
    return [
        MemberChoice(one.id, one.name, one.part.name if one.part else "")
        for one in sorted(named, key=lambda one: (one.part.position if one.part else 0, one.name or ""))
    ]
