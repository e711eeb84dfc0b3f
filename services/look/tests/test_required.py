"""Errors of required fields that were left empty."""

from __future__ import annotations

import pytest
from django.forms import CharField, ChoiceField, Form
from django.template import engines
from django.utils import translation

from look.templatetags import tags


@pytest.mark.usefixtures("particles")
@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ko", ["제목을 입력해 주세요.", "파트를 골라 주세요.", "링크를 적어 주세요."]),
        ("en", ["Fill in “제목”.", "Choose “파트”.", "링크를 적어 주세요."]),
    ],
)
def test_an_empty_required_field_is_named_unless_it_has_a_text_of_its_own(language, expected):
    class Empty(Form):
        title = CharField(label="제목")
        part = ChoiceField(label="파트", choices=[("1", "백엔드")])
        link = CharField(label="링크", error_messages={"required": "링크를 적어 주세요."})

    with translation.override(language):
        form = Empty({})
        assert [text for bound in form for text in tags.error_texts(bound)] == expected
        page = engines["django"].from_string(
            "{% errors form %}{% for bound in form %}{% field bound %}{% endfor %}"
        )
        html = page.render({"form": form})
    assert all(html.count(text) == 2 for text in expected)
