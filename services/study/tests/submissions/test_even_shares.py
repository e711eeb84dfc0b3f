"""Even shares: the least busy goes first, and nobody reviews themselves."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from study.cohorts.models import Membership, Role, Team
from study.missions.models import Mission
from study.submissions.models import Submission
from study.submissions.rules.reviewers import distribute_evenly

A, B = UUID(int=1), UUID(int=2)
BACKEND, FRONTEND = UUID(int=10), UUID(int=20)


SOMEBODY = UUID(int=99)


def mentor(account_id, part_id=None, role=Role.MENTOR) -> Membership:
    return Membership(account_id=account_id, part_id=part_id, role=role)


def waiting(n: int, part=None, author=SOMEBODY, mission=None, **teams) -> list[Submission]:
    member, mission = Membership(account_id=author, part_id=part, **teams), mission or Mission()
    return [
        Submission(id=UUID(int=1000 + i), account_id=author, membership=member, mission=mission)
        for i in range(n)
    ]


def test_the_one_with_less_to_do_catches_up_first():
    taken = distribute_evenly([mentor(A), mentor(B)], waiting(4), load={A: (2, 2)})

    assert Counter(taken.values()) == {A: 1, B: 3}


def test_of_two_with_as_much_to_do_the_one_who_had_less_goes_first():
    taken = distribute_evenly([mentor(A), mentor(B)], waiting(1), load={A: (2, 9), B: (2, 3)})

    assert set(taken.values()) == {B}


def test_a_mentor_of_the_part_goes_before_one_of_another():
    taken = distribute_evenly(
        [mentor(A, FRONTEND), mentor(B, BACKEND)], waiting(2, BACKEND), load={B: (5, 5)}
    )

    assert set(taken.values()) == {B}


def test_another_parts_mentor_is_better_than_nobody_where_that_is_asked_for():
    reviewers = [mentor(A, FRONTEND)]

    assert distribute_evenly(reviewers, waiting(1, BACKEND), load={}) == {}
    taken = distribute_evenly(reviewers, waiting(1, BACKEND), load={}, any_part=True)
    assert set(taken.values()) == {A}


def test_an_operator_is_chosen_by_part_only():
    partless, backend = mentor(A, None, Role.OPERATOR), mentor(B, BACKEND, Role.OPERATOR)

    assert distribute_evenly([partless], waiting(1), load={}, any_part=True) == {}
    assert set(distribute_evenly([partless, backend], waiting(1, BACKEND), load={}).values()) == {B}
    assert distribute_evenly([backend], waiting(1, FRONTEND), load={}, any_part=True) == {}


def test_the_mentors_of_the_teams_go_first():
    study, project = Team(mentor_id=A), Team(mentor_id=B)
    reviewers = [mentor(A, FRONTEND), mentor(B, FRONTEND), mentor(uuid4(), BACKEND)]

    both = waiting(1, BACKEND, study_team=study, team=project)
    assert set(distribute_evenly(reviewers, both, load={A: (9, 9)}).values()) == {A}
    assert set(distribute_evenly(reviewers[1:], both, load={}).values()) == {B}


def test_the_mentor_of_the_team_that_a_mission_is_for_goes_before_them():
    study, project = Team(mentor_id=A), Team(mentor_id=B)
    of_project = waiting(1, mission=Mission(team=project), study_team=study, team=project)

    assert set(distribute_evenly([mentor(A), mentor(B)], of_project, load={}).values()) == {B}


def test_nobody_reviews_themselves():
    team = Team(mentor_id=A)

    assert distribute_evenly([mentor(A)], waiting(1, author=A, team=team), load={}, any_part=True) == {}


@given(st.integers(1, 6), st.integers(0, 40))
def test_equal_mentors_end_within_one_of_each_other(mentors, n):
    people = [mentor(uuid4()) for _ in range(mentors)]
    load = Counter(distribute_evenly(people, waiting(n), load={}).values())
    shares = [load[person.account_id] for person in people]

    assert sum(shares) == n
    assert max(shares) - min(shares) <= 1
