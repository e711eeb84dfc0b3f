"""Deadlines of members and parts, and extensions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from chassis.account_mirror.models import AccountMirror
from chassis.compiled import compiled
from study.cohorts.models import Membership, Part, Role
from study.missions.models import Extension, Mission, PartDeadline, deadline_annotations
from study.missions.rules.deadlines import Deadline, deadline_from_row, effective_deadline


def deadline_of(mission: Mission, membership: Membership) -> Deadline:
    """Return the deadline that binds this person. One query; none if `for_membership` read the mission."""
    row: Any = mission
    if getattr(mission, "membership_id", None) != membership.id:
        [row] = _with_deadline(mission_id=mission.id, membership_id=membership.id, part_id=membership.part_id)
    return deadline_from_row(row, base=row.due_at)


@compiled
def _with_deadline(*, mission_id: UUID, membership_id: UUID, part_id: UUID | None) -> QuerySet[Mission]:
    annotations = deadline_annotations(OuterRef("id"), membership=membership_id, part=part_id)
    return Mission.objects.filter(id=mission_id).only("due_at").annotate(**annotations)


def deadlines_of(missions: Collection[Mission]) -> Callable[[Mission, Membership], Deadline]:
    """Return a function that returns the deadline of these missions for any membership. Two queries."""
    part_deadlines: dict[tuple[UUID, UUID | None], datetime] = {
        (row.mission_id, row.part_id): row.due_at for row in PartDeadline.objects.filter(mission__in=missions)
    }
    # The newest extension counts, so it comes last.
    extensions = {
        (row.mission_id, row.membership_id): row
        for row in Extension.objects.active().filter(mission__in=missions).order_by("granted_at", "id")
    }

    def deadline(mission: Mission, membership: Membership) -> Deadline:
        return effective_deadline(
            base=mission.due_at,
            part=part_deadlines.get((mission.id, membership.part_id)),
            extension=extensions.get((mission.id, membership.id)),
        )

    return deadline


def parts_with_deadline(mission: Mission) -> QuerySet[Any]:
    """Return the cohort's parts by position, annotated with their own deadline `due_at`, if any."""
    own = FilteredRelation("partdeadline", condition=Q(partdeadline__mission=mission.id))
    parts = Part.objects.filter(cohort=mission.cohort_id).annotate(own=own, due_at=F("own__due_at"))
    return parts.order_by("position", "id")


def members_to_extend(mission: Mission) -> list[Any]:
    """Return the members who have the mission to do, by part and `name`, which is annotated."""
    members = Membership.objects.live().filter(cohort=mission.cohort_id, role=Role.MEMBER)
    named = members.annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    ordered = named.select_related("part").order_by("part__position", "name", "id")
    return [member for member in ordered if mission.is_for(member)]


def list_extensions(mission: Mission) -> list[Any]:
    """Return the extensions in force of current members, newest first, each with the `deadline` it leads to.

    Each is annotated with the member's `name` and `part_name`, and the name of the `granter`; the name of an
    unknown account is None.
    """
    own = PartDeadline.objects.filter(mission=mission.id, part=OuterRef("membership__part"))
    extensions: list[Any] = list(
        Extension.objects.active()
        .filter(mission=mission.id, membership__left_at=None)
        .annotate(
            name=AccountMirror.objects.name_of(OuterRef("membership__account_id")),
            part_name=Coalesce("membership__part__name", Value("")),
            granter=AccountMirror.objects.name_of(OuterRef("granted_by")),
            part_deadline_at=Subquery(own.values("due_at")[:1]),
        )
        .newest_first()
    )
    for extension in extensions:
        extension.deadline = effective_deadline(
            base=mission.due_at, part=extension.part_deadline_at, extension=extension
        )
    return extensions
