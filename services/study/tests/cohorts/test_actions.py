from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from chassis.testing import NOW
from study.cohorts import actions
from study.cohorts.models import Cohort, Membership, Part, Role
from study.github.models import Repository
from study.missions.models import Mission
from tests.conftest import ADA, OLGA

NEW: dict[str, Any] = {
    "title": "17기",
    "time_zone": "Asia/Seoul",
    "parts": ["백엔드", "프론트엔드"],
    "weeks": 3,
    "first_day": date(2027, 3, 8),
    "at": NOW,
}


@pytest.fixture
def mission(club):
    return Mission.objects.create(
        cohort=club.cohort,
        week=club.weeks[-1],
        part=club.backend,
        title="마지막 미션",
        github_repository=Repository.objects.create(cohort=club.cohort, name="club/last"),
        opens_at=NOW,
        due_at=NOW + timedelta(days=1),
        created_at=NOW,
    )


def test_opening_a_cohort_makes_its_weeks_its_parts_and_an_operator(db, published):
    cohort = actions.create_cohort(account_id=OLGA, allowed=True, **NEW)

    assert [(week.number, week.starts_on) for week in cohort.weeks.order_by("number")] == [
        (1, date(2027, 3, 8)),
        (2, date(2027, 3, 15)),
        (3, date(2027, 3, 22)),
    ]
    assert [part.name for part in cohort.parts.order_by("position")] == ["백엔드", "프론트엔드"]
    membership = Membership.objects.get(cohort=cohort)
    assert (membership.account_id, membership.role) == (OLGA, Role.OPERATOR)
    assert published("study.cohort_changed.v1") == [
        {
            "cohort_id": str(cohort.id),
            "title": "17기",
            "version": 1,
            "parts": [
                {"part_id": str(part.id), "name": part.name} for part in cohort.parts.order_by("position")
            ],
        }
    ]
    [payload] = published("study.membership_changed.v1")
    assert (payload["account_id"], payload["role"], payload["left"]) == (str(OLGA), "operator", False)


def test_nobody_opens_a_cohort_unasked(db, published):
    with pytest.raises(actions.CohortCreationNotAllowed):
        actions.create_cohort(account_id=ADA, allowed=False, **NEW)

    assert not Cohort.objects.exists()
    assert not published("study.cohort_changed.v1")


def test_a_new_name_raises_the_version_and_the_same_name_publishes_nothing(club, published):
    actions.update_cohort(cohort=club.cohort, title="열여섯 번째", time_zone="Asia/Seoul", at=NOW)
    actions.update_cohort(cohort=club.cohort, title="열여섯 번째", time_zone="Asia/Seoul", at=NOW)

    assert [(payload["title"], payload["version"]) for payload in published("study.cohort_changed.v1")] == [
        ("열여섯 번째", 2)
    ]


def test_closing_keeps_the_first_moment_and_can_be_undone(club):
    actions.close_cohort(cohort=club.cohort, at=NOW)
    again = actions.close_cohort(cohort=club.cohort, at=NOW + timedelta(hours=1))
    assert again.closed_at == NOW

    assert actions.reopen_cohort(cohort=club.cohort).closed_at is None


def test_two_parts_of_one_name_are_refused_at_the_name(club):
    for attempt in (
        lambda: actions.create_part(cohort=club.cohort, name="백엔드", at=NOW),
        lambda: actions.rename_part(part=club.frontend, name="백엔드", at=NOW),
    ):
        with pytest.raises(actions.NameTaken) as refused:
            attempt()
        assert refused.value.field == "name"

    assert actions.create_part(cohort=club.cohort, name="디자인", at=NOW).position == 3
    assert actions.rename_part(part=club.frontend, name="웹", at=NOW).name == "웹"


def test_a_part_that_someone_was_ever_in_stays(club, published):
    Membership.objects.filter(part=club.backend).update(left_at=NOW)

    with pytest.raises(actions.PartInUse):
        actions.delete_part(part=club.backend, at=NOW)
    actions.delete_part(part=club.frontend, at=NOW)
    assert [part["name"] for part in published("study.cohort_changed.v1")[-1]["parts"]] == ["백엔드"]

    assert [part.name for part in Part.objects.filter(cohort=club.cohort)] == ["백엔드"]


def test_a_part_with_a_mission_stays(club, mission):
    Membership.objects.filter(part=club.backend).update(part=None)

    with pytest.raises(actions.PartInUse):
        actions.delete_part(part=club.backend, at=NOW)


def test_a_team_goes_only_when_nobody_is_in_it(club):
    with pytest.raises(actions.TeamInUse):
        actions.delete_team(team=club.team)

    Membership.objects.filter(team=club.team).update(left_at=NOW)
    actions.delete_team(team=club.team)

    assert not club.cohort.teams.exists()
    assert Membership.objects.get(account_id=ADA).team is None


def test_a_team_is_renamed_but_not_to_another_teams_name(club):
    other = actions.create_team(cohort=club.cohort, name="2조")

    with pytest.raises(actions.NameTaken):
        actions.update_team(team=other, name="1조", kind=other.kind, mentor_id=None)
    with pytest.raises(actions.NameTaken):
        actions.create_team(cohort=club.cohort, name="2조")

    renamed = actions.update_team(team=other, name="두 번째", kind=other.kind, mentor_id=None)
    assert renamed.name == "두 번째"


def test_a_further_week_follows_the_last(club):
    week = actions.create_week(cohort=club.cohort, topic="마무리")

    assert (week.number, week.starts_on) == (9, club.weeks[-1].starts_on + timedelta(days=7))
    with pytest.raises(actions.WeekOutOfOrder):
        actions.create_week(cohort=club.cohort, starts_on=week.starts_on + timedelta(days=6))


def test_the_first_week_of_all_needs_its_day(club):
    with pytest.raises(actions.WeekOutOfOrder):
        actions.create_week(cohort=club.other)

    assert actions.create_week(cohort=club.other, starts_on=date(2026, 9, 1)).number == 1


def test_a_week_moves_within_its_neighbours(club):
    third, fourth = club.weeks[2], club.weeks[3]

    with pytest.raises(actions.WeekOutOfOrder):
        actions.update_week(week=third, topic="", starts_on=fourth.starts_on - timedelta(days=6))
    with pytest.raises(actions.WeekOutOfOrder):
        actions.update_week(week=fourth, topic="", starts_on=third.starts_on + timedelta(days=6))
    last = actions.update_week(
        week=club.weeks[-1], topic="데모데이", starts_on=club.weeks[-1].starts_on + timedelta(days=7)
    )

    assert last.topic == "데모데이"


def test_only_the_last_week_without_missions_can_go(club, mission):
    with pytest.raises(actions.NotLastWeek):
        actions.delete_week(week=club.weeks[0])
    with pytest.raises(actions.WeekInUse):
        actions.delete_week(week=club.weeks[-1])

    mission.delete()
    actions.delete_week(week=club.weeks[-1])

    assert club.cohort.weeks.count() == 7
