"""A mentor who is none here any more sees nobody's work, and what was theirs can be given out at once."""

from __future__ import annotations

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.submissions.models import Submission
from tests.conftest import BORIS, CLARA, OLGA


def leave(club, as_principal, deliver_event) -> None:
    as_principal(BORIS).post(f"/cohorts/{club.cohort.id}/leave/")


def be_removed(club, as_principal, deliver_event) -> None:
    as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/members/{club.boris.id}/remove/")


def be_demoted(club, as_principal, deliver_event) -> None:
    body = {"role": "member", "part_id": "", "team_id": ""}
    as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/members/{club.boris.id}/", body)


def close_the_account(club, as_principal, deliver_event) -> None:
    deliver_event("users.account_closed.v1", {"account_id": BORIS, "version": 9})


@pytest.fixture(params=[leave, be_removed, be_demoted, close_the_account])
def gone(request, work, club, as_principal, deliver_event):
    request.param(club, as_principal, deliver_event)
    return work


def test_their_queue_names_nobody(gone, as_principal, api_as):
    boris = as_principal(BORIS)
    assert "Ada" not in boris.get("/reviews/").content.decode()
    assert api_as(BORIS).get("/api/v1/study/reviews").json()["results"] == []

    Submission.objects.update(awaits_review=False, released_at=NOW, points=1, max_points=2)
    assert "Ada" not in boris.get("/reviews/", {"show": "done"}).content.decode()


def test_operators_see_that_it_waits_for_nobody(gone, club, as_principal, api_as):
    page = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/submissions/").content.decode()
    assert "Boris" not in page.partition("<main")[2]
    rows = api_as(OLGA).get(f"/api/v1/study/cohorts/{club.cohort.id}/submissions").json()["results"]
    assert [row["mentor_id"] for row in rows] == [None]


def test_it_is_given_to_the_others_at_once(gone, club, as_principal):
    Membership.objects.create(cohort=club.cohort, account_id=CLARA, role=Role.MENTOR, joined_at=NOW)

    as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/reviewers/evenly/")

    assert Submission.objects.get().mentor_id == CLARA


def test_who_stays_mentor_elsewhere_keeps_what_is_theirs_there(work, club, as_principal):
    """Boris mentors a second cohort: leaving the first changes nothing there."""
    Membership.objects.create(cohort=club.other, account_id=BORIS, role=Role.MENTOR, joined_at=NOW)

    as_principal(BORIS).post(f"/cohorts/{club.other.id}/leave/")

    assert "Ada" in as_principal(BORIS).get("/reviews/").content.decode()
