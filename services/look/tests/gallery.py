"""A page with every component and state, for tests and for looking at; no service serves it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms

from chassis.web.pagination import Page

DUE = datetime(2026, 11, 25, 14, 59, tzinfo=UTC)  # Wednesday, 23:59 in Seoul


class EveryField(forms.Form):
    """Each kind of input that the field tag renders."""

    title = forms.CharField(label="세션 이름", initial="인증과 인가")
    link = forms.URLField(
        label="PR 주소",
        help_text="예: https://github.com/neuti/django-auth/pull/57",
        assume_scheme="https",
    )
    part = forms.ChoiceField(label="파트", choices=[("be", "백엔드"), ("fe", "프론트엔드")])
    due = forms.DateTimeField(label="마감", initial=DUE)
    day = forms.DateField(label="첫 주의 월요일", required=False)
    sheet = forms.FileField(label="미션 CSV", widget=forms.FileInput, required=False)
    why = forms.CharField(label="사유", widget=forms.Textarea)
    to = forms.ChoiceField(
        label="받을 사람", choices=[("all", "모든 멤버"), ("be", "백엔드만")], widget=forms.RadioSelect
    )
    ways = forms.MultipleChoiceField(
        label="어디로",
        choices=[("mail", "이메일")],
        widget=forms.CheckboxSelectMultiple,
        help_text="알림함에는 늘 남아요.",
    )
    agree = forms.BooleanField(label="되돌릴 수 없다는 것을 알아요")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def refused() -> EveryField:
    """Return the form with field errors and a non-field error."""
    form = EveryField({"title": "인증과 인가", "link": "github.com neuti", "due": "2026-11-25T23:59"})
    form.add_error(None, "마감이 시작보다 빨라요.")
    return form


def context() -> dict[str, Any]:
    """Return the context of the gallery page."""
    return {
        "states": [
            ("success", "check"),
            ("warning", "clock"),
            ("danger", "alert"),
            ("done", "merge"),
            ("info", "eye"),
            ("neutral", "dot"),
        ],
        "form": refused(),
        "untouched": EveryField(prefix="new"),
        "page": Page([], "abc"),
        "due": DUE,
        "now": datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    }
