"""Drafts that the review page saves as they are typed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from chassis.events.models import OutboxEvent
from chassis.idempotency.models import IdempotencyRecord
from chassis.testing import NOW, assert_constant_queries
from study.discussions.models import PageState
from study.missions.models import CompletedBy, Criterion, Level, Mission
from study.reviews import actions, queries
from study.reviews.models import Review
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, OLGA
from tests.reviews.test_pages import filled, review_url

HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(work, as_principal):
    """Boris's review page: what its form holds, typed into and saved."""
    return TypedPage(work, as_principal(BORIS))


class TypedPage:
    def __init__(self, work, client) -> None:
        self.work, self.client, self.edits = work, client, 0
        context = client.get(review_url(work)).context
        self.hidden = {"page_id": str(context["page_id"]), "revision": context["revision"]}

    def type(self, text: str):
        """Return what the form sends once the comment is this text."""
        self.edits += 1
        return filled(self.work, 4, comment=text, edits=str(self.edits), **self.hidden)

    def save(self, posted: dict[str, str]):
        return self.client.post(f"{review_url(self.work)}draft/", posted, headers=HTMX)


def test_the_answer_is_a_fragment_with_the_time_and_the_revision_for_the_form(work, page):
    answer = page.save(page.type("처음"))

    shown = answer.content.decode()
    draft = Review.objects.get()
    assert answer.status_code == 200
    assert "<html" not in shown
    assert "저장했어요" in shown
    assert f'value="{draft.revision}"' in shown
    assert f'id="revision-{page.hidden["page_id"]}"' in shown
    assert shown.count('hx-swap-oob="true"') == 2  # the revision, and the link that discards the first draft
    assert draft.comment == "처음"

    page.hidden["revision"] = draft.revision
    assert page.save(page.type("처음과 다음")).content.decode().count('hx-swap-oob="true"') == 1
    assert "처음과 다음" in page.client.get(review_url(work)).content.decode()


@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/New_York"])
def test_the_time_is_in_the_readers_zone(work, as_principal, zone):
    page = TypedPage(work, as_principal(BORIS, zoneinfo=zone))

    answer = page.save(page.type("글"))

    at = Review.objects.get().saved_at.astimezone(ZoneInfo(zone))
    assert f'저장했어요 <time datetime="{at.isoformat(timespec="minutes")}">{at:%H:%M}</time>' in (
        " ".join(answer.content.decode().split())
    )


def test_a_screen_reader_speaks_errors_and_not_each_saving(work, page):
    form = page.client.get(review_url(work)).content.decode().partition("</style>")[2]
    shown = form.partition('hx-post="')[0].rpartition("<p")[2]
    saved = page.save(page.type("글")).content.decode()
    refused = page.save(page.type("글" * 4001)).content.decode()

    assert "role" not in shown + saved
    assert 'class="error" role="alert"' in refused


def test_saving_costs_the_same_for_every_rubric_and_tells_nobody(work, page):
    texts = [page.type(f"글 {number}") for number in range(3)]
    page.save(texts.pop(0))
    events = OutboxEvent.objects.count()

    def add_criteria() -> None:
        for position in range(3, 9):
            criterion = Criterion.objects.create(mission=work.mission, position=position, title="더")
            Level.objects.create(criterion=criterion, points=1, label="있음")

    assert_constant_queries(lambda: page.save(texts.pop(0)), add_criteria)

    assert Review.objects.get().comment == "글 2"
    assert OutboxEvent.objects.count() == events
    assert not IdempotencyRecord.objects.exists()


def test_a_newer_text_of_the_same_page_is_no_conflict_though_an_answer_was_lost(page):
    page.save(page.type("처음"))  # The answer with its revision never reached the page.

    assert page.save(page.type("다음")).status_code == 200
    assert Review.objects.get().comment == "다음"


def test_an_older_text_that_arrives_late_overwrites_nothing(page):
    late = page.type("처음")
    page.save(page.type("다음"))

    assert page.save(late).status_code == 200
    assert Review.objects.get().comment == "다음"


@pytest.mark.parametrize("button", [{"draft": "1"}, {"release": "1"}])
def test_sending_right_after_typing_is_no_conflict(work, page, button):
    page.save(page.type("처음"))
    sent = page.type("끝") | filled(work, 4, 2, comment="끝", edits="2", **page.hidden) | button

    assert page.client.post(review_url(work), sent).status_code == 302
    assert Review.objects.get().comment == "끝"


def test_a_save_that_arrives_after_the_release_begins_no_new_version(work, page):
    typed = filled(work, 4, 2, comment="끝", edits="1", **page.hidden)
    page.client.post(review_url(work), typed | {"release": "1"})

    assert page.save(typed).status_code == 200
    assert Review.objects.get().released_at


def test_a_review_that_was_released_meanwhile_is_not_called_saved(work, page, as_principal):
    typed = filled(work, 4, 2, comment="처음", edits="1", **page.hidden)
    page.save(typed)
    as_principal(OLGA).post(review_url(work), filled(work, 4, 2, comment="처음", release="1"))

    same, newer = page.save(typed), page.save(typed | {"comment": "다음", "edits": "2"})

    assert (same.status_code, newer.status_code) == (200, 409)
    for answer in (same, newer):
        shown = answer.content.decode()
        assert "이 화면을 연 뒤 리뷰가 공개됐어요" in shown
        assert "저장했어요" not in shown
        assert 'name="revision"' not in shown
    assert Review.objects.get().released_at


@pytest.mark.parametrize("completed_by", [CompletedBy.REVIEW, CompletedBy.APPROVAL])
def test_typing_begins_no_new_version_and_a_press_does(work, as_principal, completed_by):
    Mission.objects.update(completed_by=completed_by)
    boris = as_principal(BORIS)
    boris.post(review_url(work), filled(work, 4, 2, release="1"))
    page = TypedPage(work, boris)
    shown = boris.get(review_url(work)).content.decode()
    assert "data-draft" not in shown
    assert "/withdraw/" in shown

    assert page.save(page.type("더 썼어요")).status_code == 409
    assert Review.objects.get().version == 1

    assert boris.post(review_url(work), page.type("더 썼어요") | {"draft": "1"}).status_code == 302
    assert "data-draft" in boris.get(review_url(work)).content.decode()
    next_page = TypedPage(work, boris)
    assert next_page.save(next_page.type("더 많이")).status_code == 200
    assert Review.objects.get(version=2).comment == "더 많이"


def test_what_came_after_a_release_is_reviewed_as_it_is_typed(work, as_principal):
    boris = as_principal(BORIS)
    boris.post(review_url(work), filled(work, 4, 2, release="1"))
    Submission.objects.update(awaits_review=True, waiting_since=timezone.now())
    page = TypedPage(work, boris)

    assert page.save(page.type("둘째 제출")).status_code == 200
    assert Review.objects.get(version=2).comment == "둘째 제출"


def test_text_that_was_typed_after_a_release_elsewhere_is_a_conflict(work, page):
    page.save(page.type("처음"))
    actions.save_draft(submission_id=work.submission.id, mentor_id=OLGA, scores={}, comment="", at=NOW)
    Review.objects.update(released_at=NOW)

    assert page.save(page.type("다음")).status_code == 409


@pytest.mark.parametrize("other", [BORIS, OLGA])
def test_a_second_tab_or_mentor_is_a_conflict_that_leaves_the_form_alone(work, page, as_principal, other):
    second = TypedPage(work, as_principal(other))
    second.save(second.type("둘째 탭"))

    refused = page.save(page.type("첫째 탭"))

    shown = refused.content.decode()
    assert refused.status_code == 409
    assert "저장하지 못했어요" in shown
    assert "다른 탭" in shown
    assert "revision" not in shown
    assert "<html" not in shown
    assert Review.objects.get().comment == "둘째 탭"
    # Nor does it follow from the error that the next one is right.
    assert page.save(page.type("첫째 탭 다시")).status_code == 409
    assert second.save(second.type("둘째 탭 다시")).status_code == 200


def test_without_script_the_page_can_be_sent_twice(work, page):
    for text in ("처음", "다음"):
        sent = filled(work, 4, comment=text, draft="1", edits="0", page_id=page.hidden["page_id"])
        page.client.post(review_url(work), sent)

    assert Review.objects.get().comment == "다음"


def test_a_page_that_was_refused_is_saved_before_an_edit_and_conflicts_not_with_itself(work, page):
    refused = page.client.post(review_url(work), page.type("아직 점수 없이") | {"release": "1"})
    shown = {name: refused.context[name] for name in ("revision", "page_id")} | {"edits": "0"}
    assert refused.status_code == 422
    assert 'name="edits" value="0"' in refused.content.decode()

    # Sent when the page is hidden.
    late = filled(work, 4, comment="아직 점수 없이", **shown)
    for _ in range(2):
        assert page.save(late).status_code == 200
    assert page.save(late | {"comment": "더 썼어요", "edits": "1"}).status_code == 200
    # Overtaken.
    assert page.save(late).status_code == 200
    assert Review.objects.get().comment == "더 썼어요"

    assert page.client.post(review_url(work), late | {"draft": "1", "edits": "2"}).status_code == 302
    assert Review.objects.get().comment == "아직 점수 없이"


def test_a_page_that_was_saved_when_it_was_hidden_can_be_sent_without_an_edit(work, page):
    refused = page.client.post(review_url(work), page.type("아직 점수 없이") | {"release": "1"})
    shown = {name: refused.context[name] for name in ("revision", "page_id")} | {"edits": "0"}
    late = filled(work, 4, comment="아직 점수 없이", **shown)
    page.save(late)

    assert page.client.post(review_url(work), late | {"draft": "1"}).status_code == 302


def test_a_client_of_the_api_is_a_conflict_too(work, page, api_as):
    page.save(page.type("처음"))
    address = f"/api/v1/study/submissions/{work.submission.id}/review/draft"
    api_as(OLGA).put(address, {"comment": "프로그램", "scores": []}, format="json")

    assert page.save(page.type("다음")).status_code == 409


def test_typed_and_taken_back_begins_no_new_version(work, page):
    page.client.post(review_url(work), filled(work, 4, 2, release="1"))
    shown = filled(work, 4, 2, edits="2", page_id=str(uuid4()))

    answer = page.save(shown)

    assert answer.status_code == 200
    assert "저장했어요" not in answer.content.decode()
    assert Review.objects.get().released_at


def test_what_cannot_be_saved_is_said(work, page):
    refused = page.save(page.type("글" * 4001))
    assert refused.status_code == 409
    assert "4000" in refused.content.decode()
    assert not Review.objects.exists()


def test_a_token_that_has_ended_is_renewed_on_the_way(work, client):
    answer = client.post(f"{review_url(work)}draft/", {}, headers=HTMX)

    assert answer.status_code == 307
    assert answer["Location"] == f"/accounts/renew?next={review_url(work)}draft/"


def test_who_is_signed_in_by_now_does_not_save_what_another_account_typed(work, page, as_principal):
    page.hidden["account_id"] = str(BORIS)
    assert f'name="account_id" value="{BORIS}"' in page.client.get(review_url(work)).content.decode()
    page.client = as_principal(OLGA)

    refused = page.save(page.type("보리스의 글"))
    pressed = page.client.post(review_url(work), page.type("보리스의 글") | {"draft": "1"})

    assert (refused.status_code, pressed.status_code) == (409, 422)
    for answer in (refused, pressed):
        assert "다른 계정으로 로그인되어 있어요" in answer.content.decode()
    assert not Review.objects.exists()
    # What was typed is still there, and the next press saves it, knowingly.
    assert "보리스의 글" in pressed.content.decode()
    assert f'name="account_id" value="{OLGA}"' in pressed.content.decode()


def test_only_mentors_and_operators_save(work, as_principal):
    assert as_principal(ADA).post(f"{review_url(work)}draft/", {}, headers=HTMX).status_code == 404


def test_a_page_that_shows_two_versions_does_not_save_itself(work, page, as_principal):
    second = TypedPage(work, as_principal(OLGA))
    second.save(second.type("둘째"))
    assert "data-draft" in page.client.get(review_url(work)).content.decode()

    refused = page.client.post(review_url(work), page.type("첫째") | {"draft": "1"})

    assert refused.status_code == 422
    assert "둘째" in refused.content.decode()
    assert "data-draft" not in refused.content.decode()
    assert "임시 저장됨" not in refused.content.decode()


def test_a_draft_that_was_discarded_elsewhere_does_not_come_back(work, page):
    page.save(page.type("처음"))
    page.hidden["revision"] = Review.objects.get().revision
    actions.discard_draft(submission_id=work.submission.id)

    assert page.save(page.type("다음")).status_code == 409
    assert not Review.objects.exists()


def test_a_page_knows_its_own_edits_only(work):
    page_id = uuid4()

    draft = actions.save_draft(
        submission_id=work.submission.id,
        mentor_id=BORIS,
        scores={},
        comment="",
        at=NOW - timedelta(minutes=1),
        page=PageState(page_id, 3),
    )

    assert draft.was_saved_by(PageState(page_id, 9))
    assert not draft.was_saved_by(PageState(uuid4(), 9))
    assert not draft.was_saved_by(None)
    assert queries.review_draft(work.submission).revision == draft.revision
