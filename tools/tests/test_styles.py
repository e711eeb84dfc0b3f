"""The check of the stylesheet's classes."""

from __future__ import annotations

import pytest

import styles


def test_classes_are_read_from_selectors_alone():
    css = "/* .old */ .card > .row:not(.off), a.btn:hover { margin: .5rem } @media print { .tabs { } }"
    assert styles.defined(css) == {"card", "row", "off", "btn", "tabs"}


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<p class="small {% if x %}muted{% endif %}">', {"small", "muted"}),
        ('<p class="badge {{ tone }}">', {"badge"}),
        ('{% card "h" title css="card-body prose" %}', {"card-body", "prose"}),
        ("{% block page_class %}wide{% endblock %}", {"wide"}),
        ('<p data-class="x">class</p>', set()),
    ],
)
def test_classes_are_read_from_a_template(html, found):
    assert styles.written(html) == found


def test_the_script_keeps_its_code_and_loses_its_comments(tmp_path, monkeypatch):
    part = tmp_path / "js/part.js"
    part.parent.mkdir()
    part.write_text("/* Of\n   two lines. */\nif (a) {\n  /* One. */\n  b('/* kept */'); /* kept too */\n}\n")
    monkeypatch.setattr(styles, "SOURCES", tmp_path / "css")
    code = "if (a) {\nb('/* kept */'); /* kept too */\n}\n"
    assert styles.script(["part", "part"]).partition("\n")[2] == code + code


def test_a_class_without_a_style_and_a_style_without_a_class_are_found(tmp_path, monkeypatch):
    page, css = tmp_path / "services/x/templates/page.html", tmp_path / "css/card.css"
    for path, text in (
        (page, '<p class="card kard">{% icon "x" %}\n' + " " * 141),
        (css, ".card { } .dead { }"),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    monkeypatch.setattr(styles, "ROOT", tmp_path)
    monkeypatch.setattr(styles, "SOURCES", css.parent)
    for name, file in (
        ("TARGET", "seodang.css"),
        ("FONTS", "fonts.css"),
    ):
        monkeypatch.setattr(styles, name, tmp_path / file)
    monkeypatch.setattr(styles, "SCRIPTS", {})
    monkeypatch.setattr(
        styles, "tracked", lambda *patterns: [page] if "services/*/templates/*.html" in patterns else []
    )
    assert styles.main([]) == 0

    assert list(styles.problems()) == [
        "services/x/templates/page.html:2: 141 columns, 140 at most",
        "services/x/templates/page.html: no style for the class kard",
        "css: nothing has the class dead",
    ]

    css.write_text(".card { } .kard { } .btn-big { }")
    assert styles.main([]) == 0
    page.write_text('<p class="card kard btn-big">')
    assert list(styles.problems()) == [
        "css: no button is a btn-big: use .btn, .btn-primary, .btn-danger or .link"
    ]

    css.write_text(".card { } .kard { }")
    page.write_text('<p class="card kard">')
    assert list(styles.problems()) == ["seodang.css is not what its sources say: run `make css`"]
