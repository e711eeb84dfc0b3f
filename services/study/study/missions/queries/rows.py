"""Missions as one membership sees them: each person's own deadline, and how far they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from chassis.web.pagination import Page, page_of
from study.cohorts.models import Membership, Role
from study.github.models import Repository
from study.missions.models import Mission
from study.missions.rules.deadlines import Deadline, ExtensionGrant, display_status, effective_deadline


@dataclass(frozen=True)
class MissionRow:
    """A mission as one membership sees it: their deadline, and their submission if they have one.

    `is_mine`: theirs to do. `handed_in` is how many have. Before a mission opens, members see its title and
    its time, not more: `is_hidden`, and the body and the repository are "". `github` is what GitHub has said
    of the repository, for operators; None until it is identified.
    """

    id: UUID
    title: str
    part_id: UUID | None
    part: str
    week: int
    week_id: UUID
    topic: str
    body: str
    repository: str
    opens_at: datetime
    base_due_at: datetime
    deadline: Deadline
    is_mine: bool
    is_open: bool
    is_hidden: bool
    state: str
    submission_id: UUID | None
    handed_in: int
    github: Repository | None


def deadline_of(mission: Mission, membership: Membership) -> Deadline:
    """The deadline that binds this person on this mission. One query; none if `for_membership` read it."""
    if getattr(mission, "membership_id", None) == membership.id:
        return _due(mission)
    return deadlines_of([mission], membership)[mission.id]


def deadlines_of(missions: Iterable[Mission], membership: Membership) -> dict[UUID, Deadline]:
    """The deadlines that bind this person, by mission. One query, whatever their number."""
    wanted = [mission.id for mission in missions]
    found = Mission.objects.filter(id__in=wanted).for_membership(membership)
    return {mission.id: _due(mission) for mission in found}


def missions_of(membership: Membership, *, part_id: UUID | None, at: datetime) -> list[MissionRow]:
    """The cohort's missions by week, those of one part and of everyone's if `part_id` is given."""
    missions = _visible_missions(membership)
    if part_id is not None:
        missions = missions.filter(Q(part=part_id) | Q(part=None))
    ordered = missions.order_by("week__number", "due_at", "title", "id")
    return [row_of(mission, membership, at=at) for mission in ordered]


def list_missions(
    membership: Membership, *, at: datetime, cursor: str | None = None, size: int = 25
) -> Page[MissionRow]:
    """The same in pages, by base deadline."""
    found = page_of(_visible_missions(membership), order=("due_at", "id"), cursor=cursor, size=size)
    return Page([row_of(mission, membership, at=at) for mission in found.rows], found.next)


def row_of(mission: Mission, membership: Membership, *, at: datetime) -> MissionRow:
    """From a mission that was read for this membership. No query."""
    deadline = _due(mission)
    is_open = mission.opens_at <= at
    is_known = mission.github_repository.github_id is not None
    is_hidden = membership.role == Role.MEMBER and not is_open
    return MissionRow(
        id=mission.id,
        title=mission.title,
        part_id=mission.part_id,
        part=mission.part.name if mission.part else "",
        week=mission.week.number,
        week_id=mission.week_id,
        topic=mission.week.topic,
        body="" if is_hidden else mission.body,
        repository="" if is_hidden else mission.repository,
        opens_at=mission.opens_at,
        base_due_at=mission.due_at,
        deadline=deadline,
        is_mine=membership.role == Role.MEMBER and mission.part_id in {None, membership.part_id},
        is_open=is_open,
        is_hidden=is_hidden,
        state=display_status(
            state=mission.submission_state,
            received_at=mission.submission_received_at,
            released=mission.submission_released_at is not None,
            opens_at=mission.opens_at,
            due_at=deadline.at,
            at=at,
        ),
        submission_id=mission.submission_id,
        handed_in=mission.handed_in,
        github=mission.github_repository if is_known and membership.role == Role.OPERATOR else None,
    )


def _visible_missions(membership: Membership) -> QuerySet[Mission]:
    missions = Mission.objects.filter(cohort=membership.cohort_id)
    return missions.for_membership(membership).select_related("part", "week", "github_repository")


def _due(mission: Mission) -> Deadline:
    """From a mission that `for_membership` annotated."""
    return deadline_from_row(mission, base=mission.due_at)


def deadline_from_row(row: Any, *, base: datetime) -> Deadline:
    """From a row that has the columns of `models.deadline_annotations`. No query."""
    hours = row.extension_hours
    grant = ExtensionGrant(hours, row.extension_reason or "") if hours is not None else None
    return effective_deadline(base=base, part=row.part_deadline_at, extension=grant)
