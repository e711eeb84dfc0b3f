"""Even shares: the least busy goes first, and nobody reviews themselves."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from study.cohorts.models import Membership
from study.reviews.rules import distribute_evenly
from study.submissions.models import Submission

A, B = UUID(int=1), UUID(int=2)
BACKEND, FRONTEND = UUID(int=10), UUID(int=20)


SOMEBODY = UUID(int=99)


def mentor(account_id, part_id=None) -> Membership:
    return Membership(account_id=account_id, part_id=part_id)


def waiting(n: int, part=None, author=SOMEBODY) -> list[Submission]:
    member = Membership(account_id=author, part_id=part)
    return [Submission(id=UUID(int=1000 + i), account_id=author, membership=member) for i in range(n)]


def test_the_one_with_less_to_do_catches_up_first():
    taken = distribute_evenly([mentor(A), mentor(B)], waiting(4), load={A: 2})

    assert Counter(taken.values()) == {A: 1, B: 3}


def test_a_mentor_of_the_part_goes_before_one_of_another():
    taken = distribute_evenly([mentor(A, FRONTEND), mentor(B, BACKEND)], waiting(2, BACKEND), load={B: 5})

    assert set(taken.values()) == {B}


def test_another_parts_mentor_is_better_than_nobody():
    taken = distribute_evenly([mentor(A, FRONTEND)], waiting(1, BACKEND), load={})

    assert set(taken.values()) == {A}


def test_nobody_reviews_themselves():
    assert distribute_evenly([mentor(A)], waiting(1, author=A), load={}) == {}


@given(st.integers(1, 6), st.integers(0, 40))
def test_equal_mentors_end_within_one_of_each_other(mentors, n):
    people = [mentor(uuid4()) for _ in range(mentors)]
    load = Counter(distribute_evenly(people, waiting(n), load={}).values())
    shares = [load[person.account_id] for person in people]

    assert sum(shares) == n
    assert max(shares) - min(shares) <= 1
