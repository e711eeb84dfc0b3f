"""What the lists cost, whatever is in them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.reviews import queries
from study.submissions.models import Submission
from tests.conftest import BORIS
from tests.reviews.conftest import create_submission


@pytest.fixture
def thirty(work, club):
    for n in range(30):
        member = Membership.objects.create(
            cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, joined_at=NOW
        )
        create_submission(work.mission, member, number=100 + n)
    Submission.objects.update(mentor_id=BORIS)


def test_the_queue_is_one_statement(thirty, django_assert_num_queries):
    with django_assert_num_queries(1):
        page = queries.queue(BORIS)
    assert len(page.rows) == 25
    with django_assert_num_queries(1):
        rest = queries.queue(BORIS, cursor=page.next)
    assert len(rest.rows) == 6


def test_the_queue_is_oldest_first_and_names_whom_it_knows(work):
    [row] = queries.queue(BORIS).rows
    assert (row.name, row.mission_title, row.week) == ("Ada", "django-vote", 3)


def test_who_reviews_what_is_a_statement_each(thirty, club, django_assert_num_queries):
    with django_assert_num_queries(1):
        [boris] = queries.reviewers(club.cohort.id)
    assert (boris.name, boris.waiting, boris.done) == ("Boris", 31, 0)
    with django_assert_num_queries(1):
        page = queries.waiting(club.cohort.id)
    assert len(page.rows) == 31


def test_what_has_no_mentor_comes_first(work, club, thirty):
    last = Submission.objects.order_by("-waiting_since", "-id").first()
    assert last is not None
    Submission.objects.filter(id=last.id).update(mentor_id=None)

    page = queries.waiting(club.cohort.id, size=1)
    assert page.rows[0].id == last.id
    following = queries.waiting(club.cohort.id, size=1, cursor=page.next)
    assert following.rows[0].mentor_id == BORIS


def test_a_sheet_is_two_statements_also_without_a_rubric(work, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert len(queries.review_draft(work.submission).criteria) == 2
    work.mission.criteria.all().delete()
    assert queries.review_draft(work.submission).criteria == []
