"""Missions as one membership sees them: each person's own deadline, and how far they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from chassis.web.pagination import Page, page_of
from study.cohorts.models import Cohort, Membership, Role
from study.github.models import Repository
from study.missions.models import Criterion, Mission
from study.missions.queries.rubric import rubric_of
from study.missions.rules.deadlines import (
    Deadline,
    deadline_from_row,
    may_request_extension,
    mission_status,
)


@dataclass(frozen=True)
class MissionRow:
    """A mission, read `for_membership`, as the membership sees it at `now`.

    Before it opens, members see its title and its times, not more: its body and repository are "".
    """

    mission: Any
    membership: Membership
    now: datetime

    @cached_property
    def deadline(self) -> Deadline:
        return deadline_from_row(self.mission, base=self.mission.due_at)

    @property
    def is_open(self) -> bool:
        return bool(self.mission.opens_at <= self.now)

    @property
    def is_mine(self) -> bool:
        """Return whether it is theirs to do."""
        return bool(self.mission.is_for(self.membership))

    @property
    def is_hidden(self) -> bool:
        return self.membership.role == Role.MEMBER and not self.is_open

    @property
    def part(self) -> str:
        return self.mission.part.name if self.mission.part else ""

    @property
    def team(self) -> str:
        return self.mission.team.name if self.mission.team else ""

    @property
    def body(self) -> str:
        return "" if self.is_hidden else str(self.mission.body)

    @property
    def repository(self) -> str:
        return "" if self.is_hidden else str(self.mission.repository)

    @cached_property
    def other_repositories(self) -> list[str]:
        """Return the other repositories' names. A query, or none if they are hidden."""
        return [] if self.is_hidden else self.mission.other_repositories

    @property
    def status(self) -> str:
        return mission_status(self.mission, deadline=self.deadline, at=self.now)

    @property
    def may_request_extension(self) -> bool:
        """Return whether the member can ask for more time; not whether the cohort is open."""
        return self.is_mine and may_request_extension(
            status=self.status, opens_at=self.mission.opens_at, deadline=self.deadline, at=self.now
        )

    @property
    def github(self) -> Repository | None:
        """Return what GitHub has said of the repository: for operators, None until it is identified."""
        repository: Repository | None = self.mission.github_repository
        is_known = repository is not None and repository.github_id is not None
        return repository if is_known and self.membership.role == Role.OPERATOR else None

    def rubric(self) -> list[Criterion]:
        """Return the criteria with their levels. Two queries, or none if it is hidden."""
        return [] if self.is_hidden else rubric_of(self.mission)


def missions_by_week(membership: Membership, *, part_id: UUID | None, now: datetime) -> list[MissionRow]:
    """Return the cohort's missions by week; if `part_id` is given, those of the part, of all and of teams."""
    missions = _missions(membership)
    if part_id is not None:
        missions = missions.filter(Q(part=part_id) | Q(part=None))
    ordered = missions.order_by("week__number", "due_at", "title", "id")
    return [MissionRow(mission, membership, now) for mission in ordered]


def list_missions(
    membership: Membership, *, now: datetime, cursor: str | None = None, size: int = 25
) -> Page[MissionRow]:
    """Return a page of the cohort's missions, by base deadline."""
    page = page_of(_missions(membership), order=("due_at", "id"), cursor=cursor, size=size)
    return Page([MissionRow(mission, membership, now) for mission in page.rows], page.next)


def _missions(membership: Membership) -> QuerySet[Mission]:
    missions = Mission.objects.filter(cohort=membership.cohort_id)
    visible = missions.for_membership(membership).visible_to(membership)
    return visible.select_related("part", "team", "week", "github_repository")


def new_patterns(cohort: Cohort, names: Collection[str]) -> list[str]:
    """Return the patterns among the names that the cohort does not watch yet. One statement, or none."""
    patterns = sorted(name for name in names if name.endswith("*"))
    if not patterns:
        return []
    known = set(Repository.objects.filter(cohort=cohort, name__in=patterns).values_list("name", flat=True))
    return [name for name in patterns if name not in known]


def team_has_missions(team_id: UUID) -> bool:
    """Return whether a mission is for this team: the setting TEAM_HAS_MISSIONS."""
    return Mission.objects.filter(team=team_id).exists()
