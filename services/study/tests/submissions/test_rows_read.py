"""What MySQL reads for the lists of submissions: the same with 100 cohorts as with a single cohort."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from chassis.testing import NOW
from chassis.testing.rows import rows_read
from study.cohorts.models import Cohort, Membership, Role, Week
from study.missions.models import Mission
from study.reviews.queries import queue
from study.submissions.models import Attempt, State, Submission
from study.submissions.queries.lists import list_cohort_submissions, list_own_submissions
from tests.conftest import ADA, BORIS

pytestmark = [
    # ANALYZE TABLE ends a transaction.
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite does not count what it reads"),
]
PAGE = 25


def fill(cohort: Cohort, *, members: int, missions: int, first: int = 0) -> None:
    """Let new members of the cohort hand in all of its new missions; `first` is the number of the first."""
    week = Week.objects.create(cohort=cohort, number=100 + first, starts_on=NOW.date())
    due_at = NOW + timedelta(days=7)
    text = {"accepts_pull_request": False, "accepts_text": True}
    made = Mission.objects.bulk_create(
        Mission(cohort=cohort, week=week, opens_at=NOW, due_at=due_at, created_at=NOW, **text)
        for n in range(missions)
    )
    joined = Membership.objects.bulk_create(
        Membership(cohort=cohort, account_id=uuid4(), role=Role.MEMBER, joined_at=NOW) for _ in range(members)
    )
    ada = Membership.objects.filter(cohort=cohort, account_id=ADA)
    submissions = Submission.objects.bulk_create(
        Submission(
            mission=mission,
            cohort=cohort,
            membership=member,
            account_id=member.account_id,
            state=State.WAITING if n % 10 else State.MERGED,
            waiting_since=NOW,
            # He reviews where Ada is.
            mentor_id=BORIS if ada else None,
            created_at=NOW + timedelta(seconds=first + n),
        )
        for n, (mission, member) in enumerate(product(made, [*joined, *ada]))
    )
    Attempt.objects.bulk_create(
        Attempt(submission=submission, number=1, source="webhook", received_at=NOW, due_at=due_at)
        for submission in submissions
    )


LISTS: dict[str, Callable[[Cohort], Any]] = {
    "of a cohort": lambda cohort: list_cohort_submissions(cohort.id, size=PAGE),
    "of a cohort in one state": lambda cohort: list_cohort_submissions(cohort.id, state="merged", size=PAGE),
    "of a cohort, page 2": lambda cohort: list_cohort_submissions(
        cohort.id, cursor=list_cohort_submissions(cohort.id).next
    ),
    "that wait for a mentor": lambda _cohort: queue(BORIS),
    "of an account": lambda _cohort: list_own_submissions(ADA, size=PAGE),
}


def measure(cohort: Cohort) -> dict[str, int]:
    """Return what MySQL reads for a full page of each list."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE TABLE {', '.join(connection.introspection.table_names())}")
    found = {}
    for name, read in LISTS.items():
        page, found[name] = rows_read(partial(read, cohort))
        assert len(page.rows) == PAGE
    return found


def test_a_page_reads_the_same_whatever_else_there_is(club) -> None:
    fill(club.cohort, members=19, missions=PAGE + 5)
    few = measure(club.cohort)
    fill(club.cohort, members=50, missions=16, first=1000)
    for n in range(100):
        fill(Cohort.objects.create(title=f"기수 {n}", opened_at=NOW), members=10, missions=4)
    many = measure(club.cohort)

    assert not {name: (few[name], many[name]) for name in LISTS if many[name] > 1.2 * few[name]}
