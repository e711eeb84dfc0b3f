"""A reviewer gets one digest a day, in the morning of their zone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW, assert_constant_queries
from study.cohorts.actions import close_cohort
from study.cohorts.models import Membership, Role
from study.reminders.tasks import send_review_digests
from study.submissions.models import Submission
from tests.conftest import BORIS
from tests.reviews.conftest import work  # noqa: F401

HOUR = timedelta(hours=1)
REVIEWERS = "study.reviewer_reminded.v1"
# 09:00 in Seoul, the zone of everyone's account.
NINE = NOW.replace(day=25, hour=0)


@pytest.fixture
def digests(clock, published):
    """digests(at): run the task; return (recipient, how many wait) of what it published."""

    def at(time):
        clock(time)
        before = len(published(REVIEWERS))
        send_review_digests()
        new = published(REVIEWERS)[before:]
        return [(UUID(event["recipients"][0]), event["waiting"]) for event in new]

    return at


def test_a_reviewer_gets_one_digest_at_nine(club, work, digests):  # noqa: F811
    assert digests(NINE - timedelta(minutes=1)) == []
    assert digests(NINE) == [(BORIS, 1)]
    assert digests(NINE + timedelta(minutes=5)) == []
    assert digests(NINE + 24 * HOUR) == [(BORIS, 1)]
    Submission.objects.update(awaits_review=False)
    assert digests(NINE + 48 * HOUR) == []


def test_what_came_after_nine_waits_for_the_next_morning(club, work, digests):  # noqa: F811
    Submission.objects.update(waiting_since=NINE + HOUR)

    assert digests(NINE + 2 * HOUR) == []
    assert digests(NINE + 24 * HOUR) == [(BORIS, 1)]


def test_a_digest_is_sent_late_but_not_in_the_evening(club, work, digests):  # noqa: F811
    assert digests(NINE + 5 * HOUR) == [(BORIS, 1)]
    assert digests(NINE + 24 * HOUR + 7 * HOUR) == []


def test_nine_is_in_the_zone_of_the_reviewer(club, work, digests):  # noqa: F811
    AccountMirror.objects.filter(account_id=BORIS).update(time_zone="Europe/Berlin")

    assert digests(NINE) == []
    assert digests(NINE + 8 * HOUR) == [(BORIS, 1)]


def test_digests_ask_as_much_however_many_reviewers_there_are(club, work, digests):  # noqa: F811
    assert digests(NINE) == [(BORIS, 1)]

    def add_rows() -> None:
        for n in range(5):
            account_id = UUID(int=n + 1)
            AccountMirror.objects.create(account_id=account_id, name=f"{n}")
            club.cohort.memberships.create(account_id=account_id, role=Role.MENTOR, joined_at=NOW)

    assert_constant_queries(send_review_digests, add_rows)


def test_who_reviews_here_no_more_gets_no_digest(club, work, digests):  # noqa: F811
    Membership.objects.filter(id=club.boris.id).update(left_at=NOW)
    assert digests(NINE) == []


def test_a_closed_cohort_has_no_digest(club, work, digests):  # noqa: F811
    close_cohort(cohort=club.cohort, at=NOW)
    assert digests(NINE) == []
