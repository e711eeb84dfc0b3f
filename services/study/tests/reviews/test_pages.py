"""The mentor's review page and the author's page, used as people use them."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from chassis.testing import NOW, assert_constant_queries
from study.cohorts.models import Membership, Role
from study.reviews import queries
from study.reviews.models import Review
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER, review_page, submission_page
from tests.reviews.conftest import add_submissions, create_submission


def filled(work, *points, **more):
    """Return what the review form posts when those levels are selected."""
    posted = {"comment": "잘했어요", "revision": queries.review_draft(work.submission).revision}
    for line, wanted in zip(work.rubric, points, strict=False):
        [level] = [level for level in line.levels if level.points == wanted]
        posted[f"level_{line.criterion.id}"] = str(level.id)
        posted[f"comment_{line.criterion.id}"] = f"{wanted}점인 까닭"
    return {**posted, **more}


def review_url(work) -> str:
    return review_page(work.submission)


def test_the_queue_names_what_waits(work, as_principal):
    shown = as_principal(BORIS).get("/reviews/").content.decode()

    assert "Ada" in shown
    assert review_url(work) in shown


def test_an_empty_queue_says_what_will_come(club, as_principal):
    assert "대기 중인 제출이 없어요" in as_principal(BORIS).get("/reviews/").content.decode()


def test_a_draft_is_saved_and_comes_back(work, as_principal):
    boris = as_principal(BORIS)
    boris.post(review_url(work), filled(work, 4, draft="1"))

    shown = boris.get(review_url(work)).content.decode()
    assert "4점인 까닭" in shown
    assert shown.count(" checked>") == 1
    assert "4점인 까닭" not in as_principal(ADA).get(submission_page(work.submission)).content.decode()


def test_sending_goes_on_to_the_next_and_shows_to_the_author(work, as_principal):
    boris, ada = as_principal(BORIS), as_principal(ADA)
    page = submission_page(work.submission)
    assert "아직 공개 전이에요" in ada.get(page).content.decode()

    sent = boris.post(review_url(work), filled(work, 4, 2, release="1"))

    assert sent["Location"] == "/reviews/"
    shown = ada.get(page).content.decode()
    assert "<b>6</b><span>/ 8</span>" in shown
    assert "2점인 까닭" in shown
    assert "Ada" not in boris.get("/reviews/").content.decode()
    assert "Ada" in boris.get("/reviews/?show=done").content.decode()


def errors_of(page: str) -> list[str]:
    """The lines of the page's summary of errors, without markup."""
    summary = page.partition('id="errors"')[2].partition("</div>")[0]
    return [
        " ".join(re.sub(r"<[^>]+>", "", line).split())
        for line in re.findall(r"<li>(.*?)</li>", summary, re.DOTALL)
    ]


def test_every_open_criterion_is_named_by_its_title_and_nothing_typed_is_lost(work, as_principal):
    boris = as_principal(BORIS)

    response = boris.post(review_url(work), filled(work, release="1"))

    assert response.status_code == 422
    shown = response.content.decode()
    assert errors_of(shown) == ["요구사항: 점수를 골라 주세요.", "테스트: 점수를 골라 주세요."]
    assert "잘했어요" in shown
    assert Submission.objects.get().released_at is None

    # What was sent with it is a draft already, and is no obstacle to sending it whole.
    response = boris.post(review_url(work), filled(work, 4, release="1"))
    assert errors_of(response.content.decode()) == ["테스트: 점수를 골라 주세요."]
    assert "4점인 까닭" in response.content.decode()
    again = filled(work, 4, 2, release="1", revision=response.context["revision"])
    assert boris.post(review_url(work), again).status_code == 302


def test_the_sum_is_that_of_what_is_chosen(work, as_principal):
    boris = as_principal(BORIS)
    assert "<b data-total>0</b><span>/ 8</span>" in boris.get(review_url(work)).content.decode()

    refused = boris.post(review_url(work), filled(work, 4, release="1")).content.decode()

    assert "<b data-total>4</b><span>/ 8</span>" in refused
    assert "<b data-total>4</b>" in boris.get(review_url(work)).content.decode()


@pytest.mark.parametrize("other", [BORIS, OLGA])
def test_a_second_tab_or_mentor_overwrites_nothing_and_both_texts_are_shown(work, as_principal, other):
    opened = filled(work, 4, draft="1", comment="첫째 글")
    as_principal(other).post(review_url(work), filled(work, 1, 2, draft="1", comment="둘째 글"))

    refused = as_principal(BORIS).post(review_url(work), opened)

    shown = refused.content.decode()
    assert refused.status_code == 422
    assert "첫째 글" in shown
    assert "둘째 글" in shown
    assert "4점인 까닭" in shown
    assert "1점인 까닭" in shown
    assert Review.objects.get().comment == "둘째 글"

    # A mentor who sends again has seen the other review and chooses their own.
    opened |= {"revision": refused.context["revision"]}
    assert as_principal(BORIS).post(review_url(work), opened).status_code == 302
    assert Review.objects.get().comment == "첫째 글"


def test_a_review_released_meanwhile_is_not_followed_by_another_unseen(work, as_principal, published):
    opened = filled(work, 4, 4, release="1")
    as_principal(OLGA).post(review_url(work), filled(work, 1, 2, release="1"))

    refused = as_principal(BORIS).post(review_url(work), opened)

    assert refused.status_code == 422
    assert "Olga" in refused.content.decode()
    assert [event["points"] for event in published("study.review_released.v1")] == [3]


def test_leaving_by_the_queue_saves_what_was_written(work, club, as_principal):
    boris = as_principal(BORIS)
    member = Membership.objects.create(
        cohort=club.cohort, account_id=STRANGER, role=Role.MEMBER, joined_at=NOW
    )
    other = create_submission(work.mission, member, number=43)
    Submission.objects.update(mentor_id=BORIS)
    shown = boris.get(review_url(work)).content.decode()
    assert f'form="review" name="next" value="{other.id}"' in shown

    gone = boris.post(review_url(work), filled(work, 4, next=str(other.id)))

    assert gone["Location"] == review_page(other)
    assert Review.objects.get().comment == "잘했어요"
    assert boris.post(review_url(work), filled(work, 4, next=""))["Location"] == "/reviews/"
    assert boris.post(review_url(work), filled(work, 4, next="nonsense"))["Location"] == "/reviews/"


def test_leaving_by_the_queue_with_nothing_written_saves_nothing(work, as_principal):
    boris = as_principal(BORIS)
    empty = {"comment": "", "revision": "", "next": ""}
    assert boris.post(review_url(work), empty)["Location"] == "/reviews/"
    assert not Review.objects.exists()

    boris.post(review_url(work), filled(work, 4, 2, release="1", comment="하나\n둘"))
    same = filled(work, 4, 2, next="", comment="하나\r\n둘")
    assert boris.post(review_url(work), same)["Location"] == "/reviews/"
    assert Review.objects.count() == 1


def test_after_the_release_the_review_page_shows_what_was_released(work, as_principal):
    boris = as_principal(BORIS)
    boris.post(review_url(work), filled(work, 4, 2, release="1"))

    shown = boris.get(review_url(work)).content.decode()

    assert 'type="radio"' not in shown
    assert "2점인 까닭" in shown
    assert "<b data-total>6</b>" in shown
    assert 'href="?edit=1#rubric"' in shown
    edited = boris.get(f"{review_url(work)}?edit=1").content.decode()
    assert len(re.findall(r'type="radio"[^>]* checked', edited)) == 2


@pytest.mark.parametrize("page", [submission_page, review_page, lambda _: "/submissions/"])
def test_nothing_waits_and_is_released_at_once(work, as_principal, page):
    boris, ada = as_principal(BORIS), as_principal(ADA)
    path = page(work.submission)
    reader = boris if page is review_page else ada
    assert "리뷰 대기" in reader.get(path).content.decode()

    boris.post(review_url(work), filled(work, 4, 2, release="1"))

    shown = reader.get(path).content.decode()
    assert "리뷰 대기" not in shown
    assert "결과 공개" in shown
    Submission.objects.update(state="merged")
    assert "병합" in reader.get(path).content.decode()


def test_a_level_that_is_none_is_refused_in_words(work, as_principal):
    forged = filled(work, 4, release="1")
    forged[f"level_{work.rubric[1].criterion.id}"] = str(uuid4())

    response = as_principal(BORIS).post(review_url(work), forged)

    assert response.status_code == 422
    assert not Review.objects.exists()


def test_throwing_away_asks_first(work, as_principal):
    boris = as_principal(BORIS)
    boris.post(review_url(work), filled(work, 4, draft="1"))

    assert "임시 저장을 삭제할까요?" in boris.get(f"{review_url(work)}discard/").content.decode()
    assert Review.objects.exists()
    boris.post(f"{review_url(work)}discard/")
    assert not Review.objects.exists()


@pytest.mark.parametrize("who", [ADA, CLARA, STRANGER])
def test_the_review_page_is_not_found_for_others(work, as_principal, who):
    assert as_principal(who).get(review_url(work)).status_code == 404
    assert as_principal(who).post(review_url(work), filled(work, 4, 4, release="1")).status_code == 404


@pytest.mark.parametrize("who", [CLARA, STRANGER])
def test_a_submission_is_not_there_for_strangers(work, as_principal, who):
    assert as_principal(who).get(submission_page(work.submission)).status_code == 404


def test_work_is_given_out_evenly_and_by_hand(work, club, as_principal):
    olga, address = as_principal(OLGA), f"/cohorts/{club.cohort.id}/reviewers/"
    Submission.objects.update(mentor_id=None)

    olga.post(f"{address}evenly/")
    assert Submission.objects.get().mentor_id == BORIS
    olga.post(f"{address}{work.submission.id}/", {"mentor_id": ""})
    assert Submission.objects.get().mentor_id is None
    refused = olga.post(f"{address}{work.submission.id}/", {"mentor_id": str(ADA)}, follow=True)
    assert "자기 것은 리뷰할 수 없어요" in refused.content.decode()
    assert as_principal(BORIS).get(address).status_code == 404


def test_the_pages_cost_the_same_however_much_they_show(work, club, as_principal):
    boris, ada, olga = as_principal(BORIS), as_principal(ADA), as_principal(OLGA)
    boris.post(review_url(work), filled(work, 4, 2, release="1"))
    boris.post(review_url(work), filled(work, 4, 4, draft="1"))

    def open_pages() -> None:
        boris.get("/reviews/")
        boris.get(review_url(work))
        ada.get(submission_page(work.submission))
        olga.get(f"/cohorts/{club.cohort.id}/reviewers/")

    add_submissions(work, club, 1)
    # The first opening asks GitHub for the files.
    open_pages()
    assert_constant_queries(open_pages, lambda: add_submissions(work, club, 5))
