"""A cohort of sixty people and twelve weeks, as a former one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW
from study.announcements.actions import publish_announcement, withdraw
from study.cohorts.models import Cohort, Membership, Role, Team, TeamKind, Week
from study.missions.actions.deadlines import set_part_deadline
from study.missions.actions.missions import create_mission
from study.missions.models import CompletedBy, Mission
from tests.conftest import BORIS, OLGA
from tests.missions.conftest import RUBRIC

WEEKS = 12
API = "/api/v1/study/"
# Sixteen weeks after the former first day, in winter instead of summer.
FIRST_DAY = date(2027, 2, 1)


def account(number: int) -> UUID:
    return UUID(int=0x60 << 64 | number)


@pytest.fixture
def former(club: SimpleNamespace) -> SimpleNamespace:
    """The cohort of `club` with a mission a week, of all kinds, and 57 more members.

    Its clock is Berlin's, and clocks change in its third week.
    """
    cohort = club.cohort
    cohort.time_zone, cohort.has_check_runs = "Europe/Berlin", False
    cohort.save(update_fields=["time_zone", "has_check_runs"])
    monday = datetime(2026, 10, 12, tzinfo=UTC).date()
    cohort.weeks.all().delete()
    # A week is free between the sixth and the seventh.
    weeks = [
        Week.objects.create(
            cohort=cohort,
            number=n,
            starts_on=monday + timedelta(weeks=n - 1 + (n > 6)),
            topic=f"주제 {n}" if n % 2 else "",
        )
        for n in range(1, WEEKS + 1)
    ]
    parts = [None, club.backend, club.frontend]
    study = Team.objects.create(cohort=cohort, name="알고리즘", kind=TeamKind.STUDY, mentor_id=BORIS)
    Team.objects.create(cohort=cohort, name="2조")
    teams = {6: study, 9: club.team}
    for week in weeks:
        part = parts[week.number % 3]
        # Of the study team in the sixth week, of Ada's project team in the ninth.
        team = teams.get(week.number)
        mission = create_mission(
            cohort=cohort,
            week_id=week.id,
            part_id=part.id if part else None,
            team_id=team.id if team else None,
            title=f"미션 {week.number}",
            body=f"## 목표\n\n{week.number}주차",
            repository="" if week.number == 12 else "club/term-16",
            other_repositories=["club/shared"] if week.number % 4 == 0 else [],
            marker=f"week{week.number}",
            completed_by=CompletedBy.SUBMISSION if week.number == 12 else CompletedBy.REVIEW,
            accepts=["text", "link"] if week.number == 12 else ["pull_request"],
            opens_at=None,
            due_at=None,
            rubric=RUBRIC if week.number % 2 else [],
            by=OLGA,
            at=NOW,
        )
        if part is None and team is None:
            set_part_deadline(
                mission=mission,
                part_id=club.frontend.id,
                due_at=mission.due_at + timedelta(days=2),
                by=OLGA,
                at=NOW,
            )
    announced = [
        publish_announcement(
            cohort=cohort,
            part_id=part.id if part else None,
            team_id=team.id if team else None,
            author_id=OLGA,
            title=title,
            body=f"**{title}**",
            at=datetime(2026, 10, 13, 10, n, tzinfo=UTC),
        )
        for n, (title, part, team) in enumerate(
            [
                ("OT 안내", None, None),
                ("취소된 모임", None, None),
                ("백엔드 모임", club.backend, None),
                ("1조 회의", None, club.team),
            ]
        )
    ]
    withdraw(announcement=announced[1], at=NOW)
    AccountMirror.objects.bulk_create(
        AccountMirror(account_id=account(n), name=f"멤버 {n}", version=1) for n in range(57)
    )
    Membership.objects.bulk_create(
        Membership(
            cohort=cohort,
            account_id=account(n),
            role=Role.MENTOR if n < 7 else Role.MEMBER,
            part=club.backend if n % 2 else club.frontend,
            joined_at=NOW,
        )
        for n in range(57)
    )
    assert Mission.objects.filter(cohort=cohort).count() == WEEKS
    club.weeks = weeks
    return club


@pytest.fixture
def olga(api_as: Callable[..., Any]) -> Any:
    return api_as(OLGA, roles=["cohort_creator"])


def start(api: Any, source: Cohort, **changes: Any) -> Any:
    body = {"title": "17기", "first_day": str(FIRST_DAY), **changes}
    answer = api.post(f"{API}cohorts/{source.id}/copies", body)
    assert answer.status_code == 201, answer.json()
    return answer.json()
