from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.errors import NotFound
from chassis.testing import NOW, assert_constant_queries
from study.cohorts.models import Membership, Role
from study.missions import access
from study.missions.actions.deadlines import grant_extension, set_part_deadline
from study.missions.actions.missions import create_mission
from study.missions.actions.rubrics import set_rubric
from study.missions.queries.deadlines import (
    deadline_of,
    list_extensions,
    members_to_extend,
    parts_with_deadline,
)
from study.missions.queries.missions import missions_by_week
from study.missions.queries.rubric import latest_rubric, rubric_data, rubric_of
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER, mission_page
from tests.missions.conftest import RUBRIC


@pytest.fixture
def more_missions(club, mission_fields):
    """more_missions() → ten missions over the weeks."""
    return lambda: [
        create_mission(
            cohort=club.cohort,
            at=NOW,
            **mission_fields
            | {"repository": f"club/m{n}", "title": f"미션 {n}", "week_id": club.weeks[n % 8].id},
            by=OLGA,
        )
        for n in range(10)
    ]


def test_a_list_costs_the_same_whatever_its_size(club, everyones, more_missions):
    def read():
        return missions_by_week(club.ada, part_id=None, now=NOW)

    assert_constant_queries(read, more_missions)

    rows = read()
    assert [row.mission.week.number for row in rows] == sorted(row.mission.week.number for row in rows)
    assert len(rows) == 11


def test_a_member_sees_their_own_deadline_and_state(club, vote, everyones, handed_in):
    handed_in()
    set_part_deadline(
        mission=everyones,
        part_id=club.backend.id,
        due_at=everyones.due_at + timedelta(days=1),
        by=OLGA,
        at=NOW,
    )
    grant_extension(
        mission=everyones, membership_id=club.ada.id, hours=2, reason="시험", granted_by=OLGA, at=NOW
    )

    rows = {row.mission.title: row for row in missions_by_week(club.ada, part_id=club.backend.id, now=NOW)}

    assert rows["투표 API 만들기"].status == "waiting"
    assert rows["투표 API 만들기"].mission.handed_in == 1
    assert rows["모두의 미션"].status == "not_yet"
    assert rows["모두의 미션"].deadline.at == everyones.due_at + timedelta(days=1, hours=2)


def test_the_state_of_others_is_not_mine(club, vote, handed_in):
    handed_in()

    [row] = missions_by_week(club.boris, part_id=None, now=NOW)

    assert (row.status, row.mission.submission_id, row.mission.handed_in) == ("not_yet", None, 1)


def test_a_parts_list_holds_its_own_and_everyones(club, vote, everyones):
    def titles(part_id):
        return {row.mission.title for row in missions_by_week(club.ada, part_id=part_id, now=NOW)}

    assert titles(club.backend.id) == {"투표 API 만들기", "모두의 미션"}
    assert titles(club.frontend.id) == {"모두의 미션"}


def test_before_it_opens_members_see_when_and_not_what(club, mission_fields):
    mission_fields |= {"week_id": club.weeks[3].id}
    mission = create_mission(cohort=club.cohort, at=NOW, **mission_fields, by=OLGA)

    [mine] = missions_by_week(club.ada, part_id=None, now=NOW)
    assert (mine.is_open, mine.body, mine.repository) == (False, "", "")
    assert mine.mission.opens_at == mission.opens_at
    [mentors] = missions_by_week(club.boris, part_id=None, now=NOW)
    assert mentors.repository == "club/django-vote"


def test_a_deadline_is_the_same_however_the_mission_was_read(vote, club):
    mission, membership = access.mission_for_member(vote.id, account_id=ADA)

    assert deadline_of(mission, membership).at == vote.due_at
    assert deadline_of(vote, club.ada) == deadline_of(mission, membership)


def test_a_rubric_is_in_order_and_costs_the_same_whatever_its_size(club, everyones):
    set_rubric(cohort=everyones.cohort, missions=[everyones.id], rubric=RUBRIC[:1], by=OLGA, at=NOW)

    def replace_rubric():
        set_rubric(cohort=everyones.cohort, missions=[everyones.id], rubric=RUBRIC, by=OLGA, at=NOW)

    assert_constant_queries(lambda: rubric_data(rubric_of(everyones)), replace_rubric)
    assert rubric_data(rubric_of(everyones)) == RUBRIC


def test_the_next_mission_begins_with_the_newest_rubric(club, vote, everyones):
    set_rubric(cohort=everyones.cohort, missions=[everyones.id], rubric=[], by=OLGA, at=NOW)

    assert latest_rubric(club.cohort) == RUBRIC
    assert latest_rubric(club.other) == []


def test_part_deadlines_and_extensions_say_whose_they_are(club, everyones):
    later = everyones.due_at + timedelta(days=1)
    set_part_deadline(mission=everyones, part_id=club.backend.id, due_at=later, by=OLGA, at=NOW)
    grant_extension(
        mission=everyones, membership_id=club.ada.id, hours=24, reason="시험", granted_by=OLGA, at=NOW
    )

    parts = parts_with_deadline(everyones)
    [row], [member] = list_extensions(everyones), members_to_extend(everyones)

    assert [(part.name, part.due_at) for part in parts] == [("백엔드", later), ("프론트엔드", None)]
    assert (row.name, row.part_name, row.granter) == ("Ada", "백엔드", "Olga")
    assert (row.hours, row.deadline.at) == (24, later + timedelta(hours=24))
    assert (member.name, member.part) == ("Ada", club.backend)


def test_deadlines_cost_the_same_however_many_members_have_more_time(club, everyones, as_principal):
    browser = as_principal(OLGA)

    def extend(membership):
        grant_extension(
            mission=everyones, membership_id=membership.id, hours=2, reason="시험", granted_by=OLGA, at=NOW
        )

    def add_rows():
        for _ in range(5):
            extend(
                Membership.objects.create(
                    cohort=club.cohort,
                    account_id=uuid4(),
                    role=Role.MEMBER,
                    part=club.backend,
                    joined_at=NOW,
                )
            )

    extend(club.ada)
    assert_constant_queries(lambda: browser.get(f"{mission_page(everyones)}dues/"), add_rows)


@pytest.mark.parametrize(
    ("account_id", "may_read", "may_run"),
    [
        (ADA, True, False),
        (BORIS, True, False),
        (OLGA, True, True),
        (CLARA, False, False),
        (STRANGER, False, False),
    ],
)
def test_only_people_of_the_cohort_reach_a_mission_and_only_operators_run_it(
    vote, account_id, may_read, may_run
):
    if may_read:
        mission, membership = access.mission_for_member(vote.id, account_id=account_id)
        assert (mission.id, membership.account_id) == (vote.id, account_id)
    if may_run:
        assert access.mission_for_operator(vote.id, account_id=account_id) == vote
    for door, open_to in [(access.mission_for_member, may_read), (access.mission_for_operator, may_run)]:
        if not open_to:
            with pytest.raises(NotFound):
                door(vote.id, account_id=account_id)


def test_who_has_left_reaches_nothing(club, vote):
    club.ada.left_at = NOW
    club.ada.save(update_fields=["left_at"])

    with pytest.raises(NotFound):
        access.mission_for_member(vote.id, account_id=ADA)
    with pytest.raises(NotFound):
        access.mission_for_member(uuid4(), account_id=OLGA)


def test_an_extension_is_reached_by_operators_alone(club, vote, everyones):
    extension = grant_extension(
        mission=vote, membership_id=club.ada.id, hours=24, reason="시험", granted_by=OLGA, at=NOW
    )

    assert access.extension_for_operator(vote.id, extension.id, account_id=OLGA) == extension
    for account_id in (ADA, BORIS, CLARA):
        with pytest.raises(NotFound):
            access.extension_for_operator(vote.id, extension.id, account_id=account_id)
    with pytest.raises(NotFound):
        access.extension_for_operator(everyones.id, extension.id, account_id=OLGA)
