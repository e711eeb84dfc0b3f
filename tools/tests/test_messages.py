from __future__ import annotations

import gettext
import shutil
import subprocess
import sys

import pytest

import messages
from project import ROOT

PO = "services/study/study/cohorts/locale/ko/LC_MESSAGES/django.po"


@pytest.fixture
def app(tmp_path, monkeypatch):
    """An app of a service in a tree of its own, with one text in Python and two in a template."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    app = tmp_path / "services/study/study/cohorts"
    (app / "templates/cohorts").mkdir(parents=True)
    (app / "__init__.py").write_text("")
    (app / "actions.py").write_text('from x import gettext_lazy as _\ntitle = _("Every place is taken.")\n')
    (app / "templates/cohorts/list.html").write_text(
        "<h1>{% translate 'Cohorts' %}</h1>\n"
        "  {% blocktranslate count n=n %}{{ n }} member{% plural %}{{ n }} members{% endblocktranslate %}"
    )
    return app


def translate(app, **korean):
    path = messages.catalogue(app)
    text = path.read_text()
    for english, words in korean.items():
        before, _, after = text.partition(f'"{english.replace("_", " ")}"')
        text = before + f'"{english.replace("_", " ")}"' + after.replace('""', f'"{words}"', 1)
    path.write_text(text)


def test_update_lists_every_text_once_and_says_what_lacks_its_korean(app):
    assert messages.update() == [
        f'{PO}: "Every place is taken." has no Korean',
        f'{PO}: "Cohorts" has no Korean',
        f'{PO}: "%(n)s member" has no Korean',
    ]


def test_update_keeps_the_korean_and_drops_what_is_said_no_more(app):
    messages.update()
    translate(app, Cohorts="기수")
    (app / "actions.py").write_text("")

    messages.update()

    text = messages.catalogue(app).read_text()
    assert 'msgid "Cohorts"\nmsgstr "기수"' in text
    assert "Every place" not in text


def test_updating_twice_changes_nothing(app):
    messages.update()
    first = messages.catalogue(app).read_bytes()
    messages.update()
    assert messages.catalogue(app).read_bytes() == first


def test_a_compiled_catalogue_speaks_korean_and_is_made_anew_only_when_older(app):
    messages.update()
    translate(app, Cohorts="기수")
    messages.compile_all()
    compiled = messages.catalogue(app).with_suffix(".mo")
    with compiled.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Cohorts") == "기수"

    before = compiled.stat().st_mtime_ns
    messages.compile_all()
    assert compiled.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('msgid "Cohorts"\nmsgstr ""', "has no Korean"),
        (
            'msgid "Cohorts"\nmsgstr "기수을(를)"',
            "has a particle in two forms; write {을/를} after the placeholder",
        ),
        (
            'msgid "Cohorts"\nmsgstr "기수{을/를}"',
            "has a particle's marker that does not follow a placeholder such as %(name)s",
        ),
        ('#, fuzzy\nmsgid "Cohorts"\nmsgstr "기수"', "is marked fuzzy"),
        ('msgid "Cohort list"\nmsgstr "기수"', "is not listed"),
    ],
)
def test_a_text_without_its_korean_is_found(app, entry, fault):
    messages.update()
    messages.catalogue(app).write_text(messages.HEADER + entry + "\n")
    assert f'{PO}: "Cohorts" {fault}' in messages.missing_translations(app)


def test_a_lost_placeholder_is_found(app):
    (app / "actions.py").write_text('title = _("%(n)s places are left.")\n')
    messages.update()
    path = messages.catalogue(app)
    text = path.read_text()
    path.write_text(text.replace('are left."\nmsgstr ""', 'are left."\nmsgstr "자리가 남았습니다."'))
    assert any("is mistranslated" in problem for problem in messages.missing_translations(app))


def test_a_pattern_takes_the_parts_that_its_language_needs(app):
    (app / "actions.py").write_text('title = _("{day} {month}")\n')
    messages.update()
    path = messages.catalogue(app)
    path.write_text(path.read_text().replace('{month}"\nmsgstr ""', '{month}"\nmsgstr "{number}. {day}."'))
    assert not any("{month}" in problem for problem in messages.missing_translations(app))


def test_a_text_outside_every_app_is_found(app):
    (app.parent / "urls.py").write_text('title = _("Missions")\n')
    assert "services/study/study/urls.py: a text outside every app; move it into one" in messages.check()


def test_two_apps_of_a_service_say_a_text_alike(app):
    other = app.parent / "missions"
    other.mkdir()
    (other / "__init__.py").write_text("")
    (other / "actions.py").write_text('from x import gettext as _\ntitle = _("Cohorts")\n')
    messages.update()
    translate(app, Cohorts="기수")
    translate(other, Cohorts="기수들")

    [problem] = messages.contradictions("study")

    assert "missions" in problem
    assert '"Cohorts" is translated differently in' in problem


def test_what_an_image_contains_of_tools_can_compile_the_messages(tmp_path):
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line.startswith("!tools/"):
            shutil.copy(ROOT / line[1:], tmp_path)

    subprocess.run([sys.executable, "-c", "import messages"], cwd=tmp_path, check=True)
