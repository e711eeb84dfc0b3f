"""Even shares: the least busy goes first, and nobody reviews themselves."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from study.reviews.rules import Mentor, Unassigned, distribute_evenly

A, B = UUID(int=1), UUID(int=2)
BACKEND, FRONTEND = UUID(int=10), UUID(int=20)


SOMEBODY = UUID(int=99)


def waiting(n: int, part=None, author=SOMEBODY) -> list[Unassigned]:
    return [Unassigned(UUID(int=1000 + i), author, part) for i in range(n)]


def test_the_one_with_less_to_do_catches_up_first():
    taken = distribute_evenly([Mentor(A, None, 2), Mentor(B, None, 0)], waiting(4))

    assert Counter(taken.values()) == {A: 1, B: 3}


def test_a_mentor_of_the_part_goes_before_one_of_another():
    taken = distribute_evenly([Mentor(A, FRONTEND, 0), Mentor(B, BACKEND, 5)], waiting(2, BACKEND))

    assert set(taken.values()) == {B}


def test_another_parts_mentor_is_better_than_nobody():
    assert set(distribute_evenly([Mentor(A, FRONTEND, 0)], waiting(1, BACKEND)).values()) == {A}


def test_nobody_reviews_themselves():
    assert distribute_evenly([Mentor(A, None, 0)], waiting(1, author=A)) == {}


@given(st.integers(1, 6), st.integers(0, 40))
def test_equal_mentors_end_within_one_of_each_other(mentors, n):
    people = [Mentor(uuid4(), None, 0) for _ in range(mentors)]
    load = Counter(distribute_evenly(people, waiting(n)).values())
    shares = [load[person.account_id] for person in people]

    assert sum(shares) == n
    assert max(shares) - min(shares) <= 1
