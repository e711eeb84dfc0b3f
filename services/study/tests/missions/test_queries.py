from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.errors import NotFound
from chassis.testing import NOW
from study.missions import access, actions, queries
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER
from tests.missions.conftest import RUBRIC


@pytest.fixture
def many(club, mission_fields):
    return [
        actions.create_mission(
            cohort=club.cohort,
            at=NOW,
            **mission_fields
            | {"repository": f"club/m{n}", "title": f"미션 {n}", "week_id": club.weeks[n % 8].id},
        )
        for n in range(10)
    ]


def test_a_list_costs_one_query_whatever_its_size(club, many, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = queries.missions_of(club.ada, part_id=None, at=NOW)

    assert [row.week for row in rows] == sorted(row.week for row in rows)
    assert len(rows) == 10


def test_a_member_sees_their_own_deadline_and_state(club, vote, everyones, handed_in):
    handed_in()
    actions.set_part_deadline(
        mission=everyones, part_id=club.backend.id, due_at=everyones.due_at + timedelta(days=1)
    )
    actions.grant_extension(
        mission=everyones, membership_id=club.ada.id, hours=2, reason="시험", granted_by=OLGA, at=NOW
    )

    rows = {row.title: row for row in queries.missions_of(club.ada, part_id=club.backend.id, at=NOW)}

    assert rows["투표 API 만들기"].state == "waiting"
    assert rows["투표 API 만들기"].handed_in == 1
    assert rows["모두의 미션"].state == "not_yet"
    assert rows["모두의 미션"].deadline.at == everyones.due_at + timedelta(days=1, hours=2)


def test_the_state_of_others_is_not_mine(club, vote, handed_in):
    handed_in()

    [row] = queries.missions_of(club.boris, part_id=None, at=NOW)

    assert (row.state, row.submission_id, row.handed_in) == ("not_yet", None, 1)


def test_a_parts_list_holds_its_own_and_everyones(club, vote, everyones):
    def titles(part_id):
        return {row.title for row in queries.missions_of(club.ada, part_id=part_id, at=NOW)}

    assert titles(club.backend.id) == {"투표 API 만들기", "모두의 미션"}
    assert titles(club.frontend.id) == {"모두의 미션"}


def test_before_it_opens_members_see_when_and_not_what(club, mission_fields):
    mission_fields |= {"week_id": club.weeks[3].id}
    mission = actions.create_mission(cohort=club.cohort, at=NOW, **mission_fields)

    [mine] = queries.missions_of(club.ada, part_id=None, at=NOW)
    assert (mine.is_open, mine.body, mine.repository) == (False, "", "")
    assert mine.opens_at == mission.opens_at
    [mentors] = queries.missions_of(club.boris, part_id=None, at=NOW)
    assert mentors.repository == "club/django-vote"


def test_a_deadline_of_a_mission_loaded_with_its_membership_costs_nothing_more(
    club, vote, django_assert_num_queries
):
    with django_assert_num_queries(2):
        mission, membership = access.mission_for_member(vote.id, account_id=ADA)
        deadline = queries.deadline_of(mission, membership)

    assert deadline.at == vote.due_at
    with django_assert_num_queries(1):
        assert queries.deadline_of(vote, club.ada) == deadline


def test_deadlines_of_many_missions_cost_one_query(club, many, django_assert_num_queries):
    with django_assert_num_queries(1):
        part_deadlines = queries.deadlines_of(many, club.ada)

    assert {mission.id: mission.due_at for mission in many} == {
        key: deadline.at for key, deadline in part_deadlines.items()
    }


def test_a_rubric_costs_one_query_and_stands_in_order(club, vote, django_assert_num_queries):
    with django_assert_num_queries(1):
        rubric = queries.rubric_of(vote)

    assert queries.specs_of(rubric) == RUBRIC
    assert [row.max_points for row in rubric] == [4, 2]


def test_the_next_mission_begins_with_the_newest_rubric(club, vote, everyones):
    actions.set_rubric(mission=everyones, rubric=[])

    assert queries.latest_rubric(club.cohort) == RUBRIC
    assert queries.latest_rubric(club.other) == []


def test_terms_and_more_time_cost_one_query_each(club, everyones, django_assert_num_queries):
    later = everyones.due_at + timedelta(days=1)
    actions.set_part_deadline(mission=everyones, part_id=club.backend.id, due_at=later)
    actions.grant_extension(
        mission=everyones, membership_id=club.ada.id, hours=24, reason="시험", granted_by=OLGA, at=NOW
    )

    with django_assert_num_queries(2):
        terms = queries.list_part_deadlines(everyones)
        time = queries.list_extensions(everyones)

    [extension], [member] = time.extensions, time.members

    assert [(term.name, term.due_at) for term in terms] == [("백엔드", later), ("프론트엔드", None)]
    assert (extension.name, extension.granted_by, extension.hours) == ("Ada", "Olga", 24)
    assert extension.deadline.at == later + timedelta(hours=24)
    assert (member.name, member.part) == ("Ada", "백엔드")


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
    extension = actions.grant_extension(
        mission=vote, membership_id=club.ada.id, hours=24, reason="시험", granted_by=OLGA, at=NOW
    )

    assert access.extension_for_operator(vote.id, extension.id, account_id=OLGA) == extension
    for account_id in (ADA, BORIS, CLARA):
        with pytest.raises(NotFound):
            access.extension_for_operator(vote.id, extension.id, account_id=account_id)
    with pytest.raises(NotFound):
        access.extension_for_operator(everyones.id, extension.id, account_id=OLGA)
