"""Comments on changed lines: drafts with the review, read once it is released, and not changed after that."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from chassis.errors import NotFound
from chassis.testing import NOW, assert_constant_queries
from study.cohorts.actions import CohortClosed
from study.discussions.actions import comments
from study.discussions.models import Diff, LineComment
from study.discussions.rules import File, pack_files
from study.personal_data.queries import export_personal_data
from study.reviews import actions as reviews
from study.submissions.actions.grading import NotAMentor
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, OLGA, review_page, submission_page
from tests.discussions.conftest import HEAD, PATCH, files_url
from tests.reviews.test_actions import draft, release
from tests.reviews.test_pages import filled, review_url

FIRST = UUID(int=1)
LINE = {"path": "vote/app.py", "side": "new", "line": 3}


@pytest.fixture
def files(work) -> Diff:
    """The changed files of Ada's commit, as they were fetched."""
    return Diff.objects.create(
        pull_request=work.submission.pull_request,
        head_sha=HEAD,
        fetched_at=NOW,
        content=pack_files([File(path="README.md"), File(path="vote/app.py", patch=PATCH)]),
    )


def comment(work, body="환경 변수가 좋아요", *, comment_id=FIRST, author=BORIS, at=NOW, **place):
    return comments.save_line_comment(
        comment_id=comment_id,
        submission_id=work.submission.id,
        author_id=author,
        head_sha=HEAD,
        body=body,
        at=at,
        **{**LINE, **place},
    )


def test_a_comment_is_saved_once_however_often_it_is_sent(work, files):
    comment(work, "처음")
    comment(work, "다시", at=NOW + timedelta(minutes=1))

    saved = LineComment.objects.get()
    assert (saved.body, saved.excerpt) == ("다시", 'SECRET = os.environ["SECRET"]')


@pytest.mark.parametrize(
    "place", [{"line": 9}, {"path": "README.md"}, {"path": "no.py"}, {"side": "old", "line": 4}]
)
def test_only_changed_lines_are_commented(work, files, place):
    with pytest.raises(comments.NoSuchLine):
        comment(work, **place)


def test_a_removed_line_has_the_old_number(work, files):
    assert comment(work, side="old", line=2).excerpt == 'SECRET = "<b>neuti</b>"'


def test_nothing_is_said_about_files_that_were_not_fetched(work):
    with pytest.raises(comments.NoSuchLine):
        comment(work)


def test_nobody_comments_on_their_own_work_or_changes_anothers_comment(work, files):
    with pytest.raises(NotAMentor):
        comment(work, author=ADA)
    comment(work)
    with pytest.raises(NotFound):
        comment(work, author=OLGA)
    with pytest.raises(NotFound):
        comments.delete_line_comment(comment_id=FIRST, submission_id=work.submission.id, author_id=OLGA)


def test_the_release_releases_them_and_ends_their_changing(work, files):
    comment(work)
    draft(work, 4, 2)
    release(work)

    with pytest.raises(comments.CommentReleased):
        comment(work, "다른 말")
    with pytest.raises(comments.CommentReleased):
        comments.delete_line_comment(comment_id=FIRST, submission_id=work.submission.id, author_id=BORIS)
    assert LineComment.objects.get().released_at == NOW


def test_a_withdrawal_makes_those_of_its_release_drafts_again(work, files):
    comment(work)
    draft(work, 4, 2)
    release(work)
    comment(work, comment_id=uuid4(), at=NOW + timedelta(minutes=1))
    draft(work, 4, 4, at=NOW + timedelta(minutes=1))
    release(work, at=NOW + timedelta(minutes=2))

    reviews.withdraw_review(submission_id=work.submission.id, mentor_id=BORIS, at=NOW + timedelta(minutes=3))

    assert set(LineComment.objects.values_list("released_at", flat=True)) == {NOW, None}


def test_discarding_the_draft_discards_them(work, files):
    comment(work)
    draft(work, 4)

    reviews.discard_draft(submission_id=work.submission.id)

    assert not LineComment.objects.exists()


def test_a_line_is_commented_without_javascript(work, files, as_principal):
    boris, ada, page = as_principal(BORIS), as_principal(ADA), files_url(work)
    shown = boris.get(page).content.decode()
    link = f"{page}?attempt=1&amp;file=2&amp;line=new-3#comment-form"
    assert f'href="{link}"' in shown
    assert 'aria-label="3번 줄에 코멘트"' in shown
    assert "line=new" not in ada.get(page).content.decode()

    asked = boris.get(f"{page}?attempt=1&file=2&line=new-3").content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked))
    refused = boris.post(f"{page}?attempt=1&file=2&line=new-3", {**fields, "body": " "})
    assert refused.status_code == 422
    assert 'id="comment-form"' in refused.content.decode()
    sent = boris.post(f"{page}?attempt=1&file=2&line=new-3", {**fields, "body": "**환경 변수**가 좋아요 <i>"})

    saved = LineComment.objects.get()
    assert sent["Location"] == f"{review_url(work)}?attempt=1&file=2#comment-{saved.id}"
    assert "<strong>환경 변수</strong>가 좋아요 &lt;i&gt;" in boris.get(page).content.decode()
    assert "환경 변수" not in ada.get(page).content.decode()
    submission = submission_page(work.submission)
    assert "환경 변수" not in ada.get(submission).content.decode()
    review = review_page(work.submission)
    assert "환경 변수" in boris.get(review).content.decode()
    boris.post(review, filled(work, 4, 2, release="1"))
    assert "환경 변수" in ada.get(page).content.decode()
    assert "환경 변수" in ada.get(submission).content.decode()
    assert ada.post(f"{page}?file=2&line=new-3", {**fields, "body": "나도"}).status_code == 404


def test_a_stale_line_says_so_and_keeps_what_was_typed(work, files, as_principal):
    fields = {**LINE, "comment_id": str(uuid4()), "line": "77", "body": "여기가 이상해요"}

    refused = as_principal(BORIS).post(f"{files_url(work)}?attempt=1&file=2&line=new-77", fields)

    assert refused.status_code == 422
    assert "여기가 이상해요" in refused.content.decode()
    assert "바뀐 줄에 없어요" in refused.content.decode()


def test_a_draft_is_deleted_after_a_confirmation(work, files, as_principal):
    comment(work)
    url = f"{files_url(work)}comments/{FIRST}/delete/"
    assert url in as_principal(BORIS).get(files_url(work)).content.decode()
    assert url not in as_principal(OLGA).get(files_url(work)).content.decode()

    assert "삭제할까요" in as_principal(BORIS).get(url).content.decode()
    as_principal(BORIS).post(url)

    assert not LineComment.objects.exists()


def test_the_api_saves_lists_and_deletes(work, files, api_as):
    api, path = api_as(BORIS), f"/api/v1/study/submissions/{work.submission.id}/line-comments"
    assert api.put(f"{path}/{FIRST}", {**LINE, "body": "좋아요"}).status_code == 204
    assert api.put(f"{path}/{FIRST}", {**LINE, "body": "더 좋아요"}).status_code == 204
    assert api.put(f"{path}/{uuid4()}", {**LINE, "line": 50, "body": "?"}).json()["code"] == "no_such_line"

    [listed] = api.get(path).json()["results"]

    assert (listed["body"], listed["attempt"], listed["released_at"]) == ("더 좋아요", 1, None)
    assert api_as(ADA).get(path).json()["results"] == []
    assert api.delete(f"{path}/{FIRST}").status_code == 204
    assert api.delete(f"{path}/{FIRST}").status_code == 204


def test_in_a_closed_cohort_only_what_waits_is_commented(work, files):
    work.mission.cohort.closed_at = NOW
    work.mission.cohort.save(update_fields=["closed_at"])
    comment(work)
    Submission.objects.update(awaits_review=False)

    with pytest.raises(CohortClosed):
        comment(work, comment_id=uuid4())


def test_an_export_has_what_somebody_wrote_and_what_was_released_to_them(work, files):
    comment(work)
    assert [row["body"] for row in export_personal_data(BORIS)["line_comments"]] == ["환경 변수가 좋아요"]
    assert export_personal_data(ADA)["line_comments"] == []
    draft(work, 4, 2)

    release(work)

    assert [row["path"] for row in export_personal_data(ADA)["line_comments"]] == ["vote/app.py"]


def test_the_page_costs_the_same_however_much_was_said(work, files, as_principal):
    def say() -> None:
        for number in range(10):
            comment(work, f"{number}", comment_id=uuid4())

    comment(work)
    page = files_url(work)
    assert_constant_queries(lambda: as_principal(BORIS).get(page), say)
