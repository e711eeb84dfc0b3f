"""A published announcement is edited without notifying again, and copied for chats."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from chassis.testing import NOW
from study.announcements.models import Announcement
from study.announcements.rules import chat_text
from study.cohorts.actions import close_cohort
from tests.announcements.test_announcements import say
from tests.conftest import ADA, OLGA, announcement_page


def test_an_operator_changes_a_published_one_and_nobody_is_notified_again(club, as_principal, published):
    announcement, operator = say(club), as_principal(OLGA)
    address = f"{announcement_page(announcement)}edit/"
    assert 'value="OT 안내"' in operator.get(address).content.decode()
    typed = {"title": "OT 안내 (변경)", "body": "**토요일** 19시"}

    preview = operator.post(address, {**typed, "preview": "1"}).content.decode()
    assert "<strong>토요일</strong>" in preview
    assert Announcement.objects.get().edited_at is None
    refused = operator.post(address, {**typed, "publish": "1"})
    assert (refused.status_code, "토요일" in refused.content.decode()) == (422, True)
    seen = re.search(r'name="seen" value="(\w+)"', preview)
    assert seen
    saved = operator.post(address, {**typed, "publish": "1", "seen": seen[1]})

    assert saved["Location"] == announcement_page(announcement)
    page = as_principal(ADA).get(saved["Location"]).content.decode()
    assert "OT 안내 (변경)" in page
    assert "수정됨" in page
    assert len(published("study.announcement_published.v1")) == 1


def test_what_is_saved_unchanged_is_not_marked_as_changed(club, api_as):
    announcement = say(club)
    address = f"/api/v1/study/announcements/{announcement.id}"
    same = {"title": announcement.title, "body": announcement.body}

    assert api_as(OLGA).put(address, same).json()["edited_at"] is None
    changed = api_as(OLGA).put(address, {**same, "title": "MT 안내"}).json()
    assert (changed["title"], changed["edited_at"] is None) == ("MT 안내", False)


def test_one_of_a_closed_cohort_is_not_changed(club, api_as, as_principal):
    announcement = say(club)
    close_cohort(cohort=club.cohort, at=NOW)

    answer = api_as(OLGA).put(f"/api/v1/study/announcements/{announcement.id}", {"title": "MT", "body": "…"})

    assert (answer.status_code, answer.json()["code"]) == (409, "cohort_closed")
    assert "/edit/" not in as_principal(OLGA).get(announcement_page(announcement)).content.decode()


def test_the_text_for_a_chat_is_for_operators_and_ends_with_the_link(club, as_principal):
    announcement = say(club)
    address = announcement_page(announcement)

    page = as_principal(OLGA).get(address).content.decode()
    text = html.unescape(page.partition("readonly>")[2].partition("</textarea>")[0])
    assert text == f"[{club.cohort.title}] OT 안내\n\n금요일 19시에 만나요.\n\nhttp://testserver{address}"
    assert "chat-text" not in as_principal(ADA).get(address).content.decode()


@given(title=st.text(min_size=1, max_size=120), body=st.text(max_size=3000))
def test_the_text_for_a_chat_has_a_thousand_characters_at_most(title: str, body: str) -> None:
    url = "https://club.example/announcements/00000000-0000-4000-8000-000000000000/"

    text = chat_text(cohort="16기", title=title, body=body, url=url)

    assert len(text) <= 1000
    assert text.startswith(f"[16기] {title}")
    assert text.endswith(f"\n\n{url}")


def test_the_preview_of_a_link_says_nothing_of_the_page(club, client, as_principal):
    address = announcement_page(say(club))

    # Who follows the link without an account, as chats do for a preview, is asked to sign in.
    assert client.get(address).status_code == 307
    page = as_principal(ADA).get(address).content.decode()
    assert re.findall(r'<meta property="og:title" content="([^"]*)">', page) == ["서당"]
