"""Deadlines of parts, and extensions of members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, FilteredRelation, OuterRef, Q

from study.cohorts.models import Membership, Part, Role
from study.mirrors.models import AccountMirror
from study.missions.models import Mission, PartDeadline
from study.missions.queries.rows import deadline_from_row
from study.missions.rules import Deadline


@dataclass(frozen=True)
class PartDeadlineRow:
    """A part and its own deadline, None where everyone's holds."""

    part_id: UUID
    name: str
    due_at: datetime | None


@dataclass(frozen=True)
class ExtensionRow:
    """A member's extension, and who granted it. A name is None if the account is unknown."""

    id: UUID
    membership_id: UUID
    name: str | None
    part: str
    hours: int
    reason: str
    deadline: Deadline
    granted_by: str | None
    granted_at: datetime


@dataclass(frozen=True)
class MemberChoice:
    """A member who has this mission to do."""

    membership_id: UUID
    name: str | None
    part: str


def list_part_deadlines(mission: Mission) -> list[PartDeadlineRow]:
    """The parts in their order, each with its own deadline if it has one. One query."""
    own = FilteredRelation("partdeadline", condition=Q(partdeadline__mission=mission.id))
    parts = Part.objects.filter(cohort=mission.cohort_id).annotate(own=own, due_at=F("own__due_at"))
    return [PartDeadlineRow(part.id, part.name, part.due_at) for part in parts.order_by("position", "id")]


@dataclass(frozen=True)
class ExtensionList:
    """The extensions in force, newest first, and the members who may get one, by part and name."""

    extensions: list[ExtensionRow]
    members: list[MemberChoice]


def list_extensions(mission: Mission) -> ExtensionList:
    """Who has more time for the mission, and who may get it. One query."""
    own = Q(extensions__mission=mission.id, extensions__withdrawn_at=None)
    part_deadline = PartDeadline.objects.filter(mission=mission.id, part=OuterRef("part"))
    # Any: the columns that an annotation adds are no attributes of the model.
    people: Iterable[Any] = (
        Membership.objects.live()
        .filter(cohort=mission.cohort_id)
        .select_related("part")
        .annotate(
            own=FilteredRelation("extensions", condition=own),
            extension_id=F("own__id"),
            extension_hours=F("own__hours"),
            extension_reason=F("own__reason"),
            granted_at=F("own__granted_at"),
            granter=AccountMirror.objects.name_of(OuterRef("own__granted_by")),
            name=AccountMirror.objects.name_of(OuterRef("account_id")),
            part_deadline_at=part_deadline.values("due_at")[:1],
        )
    )
    people = sorted(
        people, key=lambda person: (person.part.position if person.part else 0, person.name or "")
    )
    extended = [_extension_row(person, mission) for person in people if person.extension_id]
    return ExtensionList(
        extensions=sorted(extended, key=lambda row: (row.granted_at, row.id), reverse=True),
        members=[
            MemberChoice(person.id, person.name, person.part.name if person.part else "")
            for person in people
            if person.role == Role.MEMBER and mission.part_id in {None, person.part_id}
        ],
    )


def _extension_row(person: Any, mission: Mission) -> ExtensionRow:
    return ExtensionRow(
        id=person.extension_id,
        membership_id=person.id,
        name=person.name,
        part=person.part.name if person.part else "",
        hours=person.extension_hours,
        reason=person.extension_reason,
        deadline=deadline_from_row(person, base=mission.due_at),
        granted_by=person.granter,
        granted_at=person.granted_at,
    )
