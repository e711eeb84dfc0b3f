"""Sentences that a reviewer writes often: their own, at hand wherever they comment."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from chassis.errors import NotFound
from chassis.testing import NOW
from study.discussions.actions.replies import TooManyReplies, save_reply
from study.discussions.models import MAX_SAVED_REPLIES, SavedReply
from study.personal_data.actions import delete_personal_data
from study.personal_data.queries import export_personal_data
from tests.conftest import BORIS, OLGA
from tests.reviews.test_pages import review_url

PAGE = "/reviews/replies/"


def save(account_id, body="테스트를 하나 추가해 주세요.", reply_id=None):
    return save_reply(reply_id=reply_id or uuid4(), account_id=account_id, body=body, at=NOW)


def test_a_reply_is_added_changed_and_deleted(club, as_principal):
    boris = as_principal(BORIS)
    form = boris.get(PAGE).content.decode()
    reply_id = re.findall(r'name="reply_id" value="([^"]+)"', form)[0]
    typed = {"reply_id": reply_id, "body": "이름이 <b>하는 일</b>을 말해 주면 좋겠어요."}

    for _twice in range(2):
        assert boris.post(PAGE, typed)["Location"] == PAGE

    assert SavedReply.objects.count() == 1
    assert "&lt;b&gt;하는 일&lt;/b&gt;" in boris.get(PAGE).content.decode()
    changed = f"{PAGE}{reply_id}/"
    assert "하는 일" in boris.get(changed).content.decode()
    boris.post(changed, {**typed, "body": "좋아요"})
    assert SavedReply.objects.get().body == "좋아요"
    assert boris.post(f"{changed}delete/")["Location"] == PAGE
    assert not SavedReply.objects.exists()


def test_what_was_typed_comes_back_with_the_error(club, as_principal):
    refused = as_principal(BORIS).post(PAGE, {"reply_id": str(uuid4()), "body": "가" * 501})

    assert refused.status_code == 422
    assert "가" * 501 in refused.content.decode()


def test_they_are_beside_every_comment_of_a_review(work, as_principal):
    save(BORIS, '"따옴표"도 <i>그대로</i>')
    save(OLGA, "올가의 답")

    shown = as_principal(BORIS).get(review_url(work)).content.decode()

    assert 'data-insert="&quot;따옴표&quot;도 &lt;i&gt;그대로&lt;/i&gt;"' in shown
    assert "올가의 답" not in shown


def test_they_are_their_authors_alone(club, as_principal):
    reply = save(BORIS)
    olga = as_principal(OLGA)

    assert olga.get(f"{PAGE}{reply.id}/").status_code == 404
    olga.post(f"{PAGE}{reply.id}/delete/")
    with pytest.raises(NotFound):
        save(OLGA, "바꾼 글", reply_id=reply.id)
    assert SavedReply.objects.get().body == reply.body


def test_there_are_at_most_thirty(club):
    replies = [save(BORIS, f"답 {n}") for n in range(MAX_SAVED_REPLIES)]

    with pytest.raises(TooManyReplies):
        save(BORIS)

    save(BORIS, "바꾼 글", reply_id=replies[0].id)
    save(OLGA)
    assert SavedReply.objects.filter(account_id=BORIS).count() == MAX_SAVED_REPLIES


def test_they_are_exported_and_deleted_with_the_account(club):
    save(BORIS, "내보내는 답")
    save(OLGA)

    assert [row["body"] for row in export_personal_data(BORIS)["saved_replies"]] == ["내보내는 답"]
    delete_personal_data(account_id=BORIS, at=NOW)

    assert [row.account_id for row in SavedReply.objects.all()] == [OLGA]
