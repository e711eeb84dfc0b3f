"""Avatars: initials and a hue."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.test_look import render_source


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("김서연", "서연"),
        ("남궁 민수", "민수"),
        ("이솔 (백엔드)", "이솔"),
        ("Ada King Lovelace", "AL"),
        ("ada", "A"),
        ("Anna Adams", "AA"),
        ("Nguyễn Văn Ân", "NÂ"),
        ("김Ada", "김"),
    ],
)
def test_a_person_is_shown_by_their_initials(name, text):
    account = UUID(int=11)
    html = render_source("{% avatar account name %}", account=account, name=name)
    assert html == (
        f'<span class="avatar avatar-3" data-avatar="{account}" data-initials="{text}"'
        ' aria-hidden="true"></span>'
    )


@pytest.mark.parametrize("name", [None, "", "42", "<b>"])
def test_an_avatar_without_initials_is_a_figure_and_never_markup(name):
    html = render_source("{% avatar account name %}", account=str(UUID(int=8)), name=name)
    assert 'class="avatar avatar-0"' in html
    assert "<b>" not in html
    assert ("#i-user" in html) == (name != "<b>")
