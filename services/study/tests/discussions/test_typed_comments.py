"""Comments on lines that the page saves as they are typed."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from chassis.testing import NOW, assert_constant_queries
from study.discussions.models import Diff, LineComment
from tests.conftest import ADA, BORIS, OLGA, submission_page
from tests.discussions.conftest import files_url
from tests.discussions.test_comments import comment, files
from tests.reviews.test_pages import filled, review_url

__all__ = ["files"]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(work, files: Diff, as_principal):
    """Boris's page of the changed files, opened to comment on a line."""
    return CommentPage(work, as_principal(BORIS))


class CommentPage:
    def __init__(self, work, client) -> None:
        self.work, self.client, self.edits = work, client, 0
        self.url = f"{files_url(work)}?attempt=1&file=2&line=new-3"
        form = client.get(self.url).content.decode().partition('id="comment-form"')[2].partition("</form>")[0]
        self.hidden = dict(re.findall(r'type="hidden"[^>]* name="(\w+)" value="([^"]*)"', form))
        self.hidden |= dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        self.shown = form
        self.draft_url = re.findall(r'hx-post="([^"]*/draft/[^"]*)"', form)[0].replace("&amp;", "&")

    def save(self, text: str, **changes: str):
        self.edits += 1
        return self.client.post(self.draft_url, self.typed(text, **changes), headers=HTMX)

    def typed(self, text: str, **changes: str) -> dict[str, str]:
        """Return what the form sends once it says this text."""
        sent = {name: value for name, value in self.hidden.items() if name != "idempotency_key"}
        return {**sent, "body": text, "edits": str(self.edits), **changes}


def test_it_is_saved_as_it_is_typed_and_goes_on_in_the_form(work, page):
    answer = page.save("환경")

    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in shown
    assert "저장했어요" in shown
    assert f'value="{LineComment.objects.get().revision}"' in shown

    # The answer was lost, and the page knows its own text all the same.
    assert page.save("환경 변수").status_code == 200
    again = CommentPage(work, page.client)
    assert "환경 변수</textarea>" in again.shown
    assert again.save("환경 변수가 좋아요").status_code == 200
    assert LineComment.objects.get().body == "환경 변수가 좋아요"


def test_a_second_tab_overwrites_nothing(work, page):
    page.save("처음")
    first, second = CommentPage(work, page.client), CommentPage(work, page.client)
    second.save("둘째 탭")

    refused = first.save("첫째 탭")

    assert refused.status_code == 409
    assert "다른 탭" in refused.content.decode()
    assert LineComment.objects.get().body == "둘째 탭"
    # By the button both texts are shown, and the next press replaces what is stored, knowingly.
    sent = page.client.post(first.url, first.typed("첫째 탭"))
    assert sent.status_code == 422
    assert "둘째 탭" in sent.content.decode()
    assert "data-draft" not in sent.content.decode()
    knowingly = first.typed("첫째 탭", revision=LineComment.objects.get().revision)
    assert page.client.post(first.url, knowingly).status_code == 302
    assert LineComment.objects.get().body == "첫째 탭"


def test_a_second_device_is_not_overwritten_though_the_first_knows_no_revision(work, page):
    page.save("처음")  # The answer with its revision never reached the page.
    second = CommentPage(work, page.client)
    second.save("둘째 기기")

    assert page.save("첫째 기기").status_code == 409
    assert page.client.post(page.url, page.typed("첫째 기기")).status_code == 422
    assert LineComment.objects.get().body == "둘째 기기"


def test_what_arrives_late_overwrites_nothing(work, page):
    page.save("처음")
    late = page.typed("처음")
    page.save("다음")

    assert page.client.post(page.draft_url, late, headers=HTMX).status_code == 200
    assert LineComment.objects.get().body == "다음"
    assert page.client.post(page.url, page.typed("다음")).status_code == 302


def test_an_empty_comment_is_not_saved_and_deletes_nothing(page):
    assert page.save(" ").status_code == 200
    assert not LineComment.objects.exists()


def test_one_that_was_erased_stays_unfinished_and_can_be_deleted(work, page):
    page.save("처음")
    page.client.post(page.url, page.typed("처음"))
    page = CommentPage(work, page.client)

    erased = page.save("")

    comment = LineComment.objects.get()
    assert erased.status_code == 200
    assert "비어 있어요" in erased.content.decode()
    assert "저장했어요" not in erased.content.decode()
    assert f"/files/comments/{comment.id}/delete/" in erased.content.decode()
    assert (comment.body, comment.is_finished) == ("처음", False)


def test_what_was_only_typed_is_not_released_and_the_mentor_is_told(work, page, as_principal):
    page.save("쓰다 만 글")
    shown = page.client.get(review_url(work)).content.decode()
    assert "작성 중인 줄 코멘트 1개는 공개되지 않아요" in shown
    finish = re.findall(r'href="([^"]*comment=[^"]*)#comment-form"', shown)[0].replace("&amp;", "&")

    released = page.client.post(review_url(work), filled(work, 4, 2, release="1"), follow=True)

    assert "작성 중인 줄 코멘트 1개는 공개하지 않았어요" in released.content.decode()
    assert LineComment.objects.get().released_at is None
    assert "쓰다 만 글" not in as_principal(ADA).get(submission_page(work.submission)).content.decode()

    # The link goes on with it, and the button finishes it, also with nothing typed after its last saving.
    assert "쓰다 만 글</textarea>" in page.client.get(finish).content.decode()
    assert page.client.post(page.url, page.typed("쓰다 만 글")).status_code == 302
    assert LineComment.objects.get().is_finished
    # Overtaken.
    page.edits -= 1
    page.save("쓰다 만 글")
    assert LineComment.objects.get().is_finished
    page.client.post(review_url(work), filled(work, 4, 2, release="1"))
    assert LineComment.objects.get().released_at


def test_one_that_was_finished_and_is_changed_is_finished_anew(work, page):
    page.save("처음")
    page.client.post(page.url, page.typed("처음"))
    again = CommentPage(work, page.client)
    again.save("처음부터 다시")

    page.client.post(review_url(work), filled(work, 4, 2, release="1"))

    assert LineComment.objects.get().released_at is None


def test_one_on_an_earlier_commit_goes_on_too(work, page):
    page.save("앞 커밋의 글")
    LineComment.objects.update(head_sha="c" * 40)

    shown = page.client.get(f"{files_url(work)}?comment={LineComment.objects.get().id}").content.decode()

    assert "앞 커밋의 글</textarea>" in shown


def test_what_was_released_is_not_changed_any_more(work, page):
    page.save("처음")
    page.client.post(page.url, page.typed("처음"))
    page.client.post(review_url(work), filled(work, 4, 2, release="1"))

    assert page.save("다음").status_code == 409
    assert LineComment.objects.get().body == "처음"


def test_another_reviewers_draft_does_not_go_on_in_the_form(work, page, as_principal):
    page.save("보리스의 글")

    assert "보리스의 글" not in CommentPage(work, as_principal(OLGA)).shown


def test_who_is_signed_in_by_now_does_not_save_what_another_account_typed(work, page, as_principal):
    page.client = as_principal(OLGA)

    assert page.hidden["account_id"] == str(BORIS)
    assert page.save("보리스의 글").status_code == 409
    assert not LineComment.objects.exists()


def test_only_reviewers_save(work, page, as_principal, client):
    assert as_principal(ADA).post(page.draft_url, page.typed("나도"), headers=HTMX).status_code == 404
    assert client.post(page.draft_url, page.typed("나도"), headers=HTMX).status_code == 307


def test_saving_costs_the_same_however_much_was_said(work, page):
    page.save("처음")

    assert_constant_queries(
        lambda: page.save("다음"),
        lambda: [comment(work, comment_id=uuid4(), at=NOW) for _ in range(5)],
    )
