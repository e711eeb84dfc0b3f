"""What the lists cost, whatever is in them."""

from __future__ import annotations

import pytest

from chassis.testing import assert_constant_queries
from study.missions.models import Criterion, Level
from study.reviews import queries
from study.submissions.models import Submission
from tests.conftest import BORIS
from tests.reviews.conftest import add_submissions


@pytest.mark.parametrize(
    "read",
    [
        lambda _club: queries.queue(BORIS),
        lambda _club: queries.done(BORIS),
        lambda club: list(queries.reviewers(club.cohort.id)),
        lambda club: queries.waiting(club.cohort.id),
    ],
    ids=["queue", "done", "mentors", "waiting"],
)
def test_a_list_costs_the_same_whatever_its_size(work, club, read):
    assert_constant_queries(lambda: read(club), lambda: add_submissions(work, club, 5))


def test_the_queue_is_oldest_first_and_names_whom_it_knows(work):
    [row] = queries.queue(BORIS).rows
    assert (row.name, row.mission.title) == ("Ada", "django-vote")


def test_the_queue_goes_on_by_cursor(work, club):
    add_submissions(work, club)
    page = queries.queue(BORIS)
    rest = queries.queue(BORIS, cursor=page.next)
    assert (len(page.rows), len(rest.rows)) == (25, 6)


def test_mentors_have_their_load(work, club):
    add_submissions(work, club)
    boris, olga = queries.reviewers(club.cohort.id)
    assert (boris.name, boris.waiting, boris.done) == ("Boris", 31, 0)
    assert (olga.name, olga.waiting, olga.done) == ("Olga", 0, 0)
    assert len(queries.waiting(club.cohort.id).rows) == 31


def test_what_has_no_mentor_comes_first(work, club):
    add_submissions(work, club)
    last = Submission.objects.latest("waiting_since", "id")
    Submission.objects.filter(id=last.id).update(mentor_id=None)

    page = queries.waiting(club.cohort.id, size=1)
    assert page.rows[0].id == last.id
    following = queries.waiting(club.cohort.id, size=1, cursor=page.next)
    assert following.rows[0].assignee_id == BORIS


def test_a_draft_costs_the_same_however_long_the_rubric_is(work):
    def add_criteria() -> None:
        for n in range(3, 9):
            criterion = Criterion.objects.create(mission=work.mission, position=n, title=f"기준 {n}")
            Level.objects.create(criterion=criterion, points=1, label="예")

    assert_constant_queries(lambda: queries.review_draft(Submission.objects.get()), add_criteria)


def test_a_draft_can_be_without_a_rubric(work):
    work.mission.criteria.all().delete()
    assert queries.review_draft(work.submission).criteria == []
