"""The mentor's desk and the author's page, gone through as people go through them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from study.reviews.models import Review
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER


def filled(work, *points, **more):
    """What the desk's form posts when those levels are ticked."""
    posted = {"comment": "잘했어요", "seen": ""}
    for line, wanted in zip(work.rubric, points, strict=False):
        [level] = [level for level in line.levels if level.points == wanted]
        posted[f"level_{line.criterion.id}"] = str(level.id)
        posted[f"said_{line.criterion.id}"] = f"{wanted}점인 까닭"
    return {**posted, **more}


def desk(work) -> str:
    return f"/reviews/{work.submission.id}/"


def test_the_queue_names_what_waits(work, as_caller):
    shown = as_caller(BORIS).get("/reviews/").content.decode()

    assert "Ada" in shown
    assert desk(work) in shown


def test_an_empty_queue_says_what_will_come(club, as_caller):
    assert "기다리는 제출이 없어요" in as_caller(BORIS).get("/reviews/").content.decode()


def test_a_draft_is_saved_and_comes_back(work, as_caller):
    boris = as_caller(BORIS)
    boris.post(desk(work), filled(work, 4, draft="1"))

    shown = boris.get(desk(work)).content.decode()
    assert "4점인 까닭" in shown
    assert shown.count(" checked>") == 1
    assert "4점인 까닭" not in as_caller(ADA).get(f"/submissions/{work.submission.id}/").content.decode()


def test_sending_goes_on_to_the_next_and_shows_to_the_author(work, as_caller):
    boris, ada = as_caller(BORIS), as_caller(ADA)
    page = f"/submissions/{work.submission.id}/"
    assert "아직 공개 전이에요" in ada.get(page).content.decode()

    sent = boris.post(desk(work), filled(work, 4, 2, release="1"))

    assert sent["Location"] == "/reviews/"
    shown = ada.get(page).content.decode()
    assert "<b>6</b><span>/ 8</span>" in shown
    assert "2점인 까닭" in shown
    assert "Ada" not in boris.get("/reviews/").content.decode()
    assert "Ada" in boris.get("/reviews/?show=done").content.decode()


def test_an_open_criterion_is_pointed_at_and_nothing_typed_is_lost(work, as_caller):
    response = as_caller(BORIS).post(desk(work), filled(work, 4, release="1"))

    shown = response.content.decode()
    assert response.status_code == 422
    assert "‘테스트’ 점수를 골라 주세요" in shown
    assert "4점인 까닭" in shown
    assert Submission.objects.get().released_at is None


def test_a_level_that_is_none_is_refused_in_words(work, as_caller):
    forged = filled(work, 4, release="1")
    forged[f"level_{work.rubric[1].criterion.id}"] = str(uuid4())

    response = as_caller(BORIS).post(desk(work), forged)

    assert response.status_code == 422
    assert not Review.objects.exists()


def test_throwing_away_asks_first(work, as_caller):
    boris = as_caller(BORIS)
    boris.post(desk(work), filled(work, 4, draft="1"))

    assert "임시 저장을 지울까요?" in boris.get(f"{desk(work)}discard/").content.decode()
    assert Review.objects.exists()
    boris.post(f"{desk(work)}discard/")
    assert not Review.objects.exists()


@pytest.mark.parametrize("who", [ADA, CLARA, STRANGER])
def test_the_desk_is_not_there_for_others(work, as_caller, who):
    assert as_caller(who).get(desk(work)).status_code == 404
    assert as_caller(who).post(desk(work), filled(work, 4, 4, release="1")).status_code == 404


@pytest.mark.parametrize("who", [CLARA, STRANGER])
def test_a_submission_is_not_there_for_strangers(work, as_caller, who):
    assert as_caller(who).get(f"/submissions/{work.submission.id}/").status_code == 404


def test_work_is_given_out_evenly_and_by_hand(work, club, as_caller):
    olga, address = as_caller(OLGA), f"/cohorts/{club.cohort.id}/reviewers/"
    Submission.objects.update(mentor_id=None)

    olga.post(f"{address}evenly/")
    assert Submission.objects.get().mentor_id == BORIS
    olga.post(f"{address}{work.submission.id}/", {"mentor_id": ""})
    assert Submission.objects.get().mentor_id is None
    refused = olga.post(f"{address}{work.submission.id}/", {"mentor_id": str(ADA)}, follow=True)
    assert "자기 것은 리뷰할 수 없습니다" in refused.content.decode()
    assert as_caller(BORIS).get(address).status_code == 404


def test_the_pages_cost_what_they_should(work, club, as_caller, django_assert_num_queries):
    boris, ada, olga = as_caller(BORIS), as_caller(ADA), as_caller(OLGA)
    boris.post(desk(work), filled(work, 4, 2, release="1"))
    boris.post(desk(work), filled(work, 4, 4, draft="1"))

    with django_assert_num_queries(1):
        boris.get("/reviews/")
    with django_assert_num_queries(3):
        boris.get(desk(work))
    with django_assert_num_queries(3):
        ada.get(f"/submissions/{work.submission.id}/")
    with django_assert_num_queries(3):
        olga.get(f"/cohorts/{club.cohort.id}/reviewers/")
