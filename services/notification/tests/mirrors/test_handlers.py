"""Mirrors after events that arrive twice, late or out of order."""

from __future__ import annotations

import itertools

import pytest

from chassis.account_mirror.models import AccountMirror
from notification.mirrors import actions as mirrors
from notification.mirrors.models import CohortMirror, ContactMirror, MembershipMirror, PartMirror
from tests.conftest import ADA, COHORT, ReceiveExample

CHANGES = [
    ("users.account_changed.v1", {"name": "Ada", "version": 1}),
    ("users.account_changed.v1", {"name": "Ada L.", "version": 4}),
    ("users.contact_changed.v1", {"email": "old@example.org", "version": 2}),
    ("users.contact_changed.v1", {"email": "new@example.org", "version": 3}),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_in_every_order_the_newest_name_and_address_win(
    db: None, receive_example: ReceiveExample, order: tuple[int, ...]
) -> None:
    for index in order:
        name, changes = CHANGES[index]
        receive_example(name, account_id=str(ADA), **changes)

    assert AccountMirror.objects.get().name == "Ada L."
    assert ContactMirror.objects.get().email == "new@example.org"


def test_an_older_title_of_a_cohort_changes_nothing(db: None, receive_example: ReceiveExample) -> None:
    receive_example("study.cohort_changed.v1", cohort_id=str(COHORT), title="17기", version=2)
    receive_example("study.cohort_changed.v1", cohort_id=str(COHORT), title="16기", version=1)

    assert CohortMirror.objects.get().title == "17기"


def test_a_cohort_that_a_release_without_parts_mirrored_gets_them_with_the_same_version(
    db: None, receive_example: ReceiveExample
) -> None:
    mirrors.upsert_cohort(cohort_id=COHORT, title="16기", version=2)
    parts = [{"part_id": str(ADA), "name": "웹"}]
    receive_example("study.cohort_changed.v1", cohort_id=str(COHORT), title="16기", version=2, parts=parts)
    receive_example("study.cohort_changed.v1", cohort_id=str(COHORT), title="15기", version=1, parts=[])

    assert [part.name for part in PartMirror.objects.all()] == ["웹"]


def test_who_has_left_stays_away_when_the_joining_arrives_late(
    db: None, receive_example: ReceiveExample
) -> None:
    receive_example(
        "study.membership_changed.v1", account_id=str(ADA), cohort_id=str(COHORT), left=True, version=2
    )
    receive_example(
        "study.membership_changed.v1", account_id=str(ADA), cohort_id=str(COHORT), left=False, version=1
    )

    assert MembershipMirror.objects.left_among([ADA]) == {(ADA, COHORT)}


def test_who_left_and_came_back_has_not_left(db: None, receive_example: ReceiveExample) -> None:
    membership = {"account_id": str(ADA), "cohort_id": str(COHORT)}
    first, second = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
    receive_example("study.membership_changed.v1", membership_id=first, left=True, version=2, **membership)
    receive_example("study.membership_changed.v1", membership_id=second, left=False, version=1, **membership)

    assert not MembershipMirror.objects.left_among([ADA])
