from __future__ import annotations

from pathlib import Path

import pytest

from texts import untranslated

PAGE = Path("page.html")


def found(text, path=PAGE):
    return [problem.partition(": ")[2] for problem in untranslated(text, path)]


@pytest.mark.parametrize(
    "page",
    [
        "<h1>{% translate 'Missions' %}</h1>",
        "<p>{% blocktranslate trimmed with n=count %}\n  {{ n }} members\n{% endblocktranslate %}</p>",
        "<p>{{ mission.title }} · 3/5 — 12</p>",
        "{# Why this stands here. #}<b></b>{% comment %}not said{% endcomment %}",
        "<code>git push</code><kbd>Enter</kbd><svg><title>drawn</title></svg>",
        '<a href="/missions/?page=two" class="btn btn-primary">GitHub</a>',
        "{% block page_class %}wide{% endblock %}",
        '<span translate="no">main</span>&nbsp;&hellip;',
    ],
)
def test_a_page_may_hold_what_everyone_reads(page):
    assert found(page) == []


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<h1>Missions</h1>", "“Missions” is not translated"),
        ('<img alt="A lamp" src="x">', "“A lamp” is not translated"),
        ('<input type="submit" value="Save it">', "“Save it” is not translated"),
        ("<p>{% if a %}late{% endif %}</p>", "“late” is not translated"),
        ("{% blocktranslate %}said{% endblocktranslate %} unsaid", "“unsaid” is not translated"),
    ],
)
def test_a_page_may_not_hold_untranslated_words(page, words):
    assert found(page) == [words]


def test_a_finding_names_its_line():
    assert untranslated("<p>\n\n{% translate 'a' %}\nlate</p>", PAGE) == [
        "page.html:4: “late” is not translated"
    ]


def test_korean_belongs_in_the_catalogue_but_for_the_language_s_own_name():
    assert found('NAMES = [("ko", "한국어")]', Path("house.py")) == []
    assert "기수 belongs in locale/ko" in found('TITLE = "16기수"', Path("rules.py"))[0]


def test_a_mail_in_plain_text_is_read_too():
    assert found("{% translate 'Hello' %}\nhttps://club.example/join/ab\n", Path("mail.txt")) == []
    assert found("Kind regards\n", Path("mail.txt")) == ["“Kind regards” is not translated"]
