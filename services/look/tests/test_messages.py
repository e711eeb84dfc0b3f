"""Messages about what was done, with a form that undoes it where that can be."""

from __future__ import annotations

from django.contrib.messages.storage.base import Message
from django.utils import translation

from tests.gallery import context
from tests.test_look import render_page


def test_messages_are_told_with_their_weight():
    page = render_page(
        "gallery.html", {**context(), "messages": [Message(25, "저장했어요"), Message(40, "끊겼어요")]}
    )
    classes = [attrs.get("class") for attrs in page.all("div")]
    assert "alert success" in classes
    assert "alert danger" in classes
    assert not [attrs for attrs in page.all("form") if "data-undo" in attrs]


def test_what_can_be_undone_has_a_form_that_undoes_it():
    said = Message(25, "내렸어요", extra_tags="/announcements/1/restore/")
    with translation.override("ko"):
        page = render_page("gallery.html", {**context(), "messages": [said]})
    forms = [attrs for attrs in page.all("form") if "data-undo" in attrs]
    assert [(attrs["method"], attrs["action"]) for attrs in forms] == [("post", "/announcements/1/restore/")]
    assert "되돌리기" in page.text
