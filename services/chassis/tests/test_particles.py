from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.template import Context, Template
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy, ngettext

from chassis.particles import ParticleText, particle


@pytest.mark.parametrize(
    ("name", "forms", "expected"),
    [
        ("미션", "을/를", "을"),
        ("과제", "을/를", "를"),
        ("김민준", "이/가", "이"),
        ("이서아", "은/는", "는"),
        ("백엔드", "과/와", "와"),
        ("운영진", "이에요/예요", "이에요"),
        ("멘토", "이에요/예요", "예요"),
        ("서울", "으로/로", "로"),
        ("서울", "을/를", "을"),
        ("부산", "으로/로", "으로"),
        ("제주", "으로/로", "로"),
        *[(f"week-{digit}", "을/를", "을") for digit in "013678"],
        *[(f"week-{digit}", "을/를", "를") for digit in "2459"],
        *[(f"week-{digit}", "으로/로", "로") for digit in "178245"],
        *[(f"week-{digit}", "으로/로", "으로") for digit in "036"],
        *[(f"TEA{sign}", "을/를", "을") for sign in "LMNR"],
        ("club-manager", "으로/로", "로"),
        ("Yeon", "으로/로", "으로"),
        ("Hana", "을/를", "를"),
        ("‘1주차 (Spring)’", "을/를", "를"),
        ("알고리즘 (심화)", "을/를", "를"),
        ("<b>미션</b> &#x27;반&#x27;", "을/를", "을"),
        ("서버!", "을/를", "를"),
        ("", "을/를", "를"),
        ("😀", "을/를", "를"),
    ],
)
def test_the_last_syllable_chooses_the_particle(name, forms, expected):
    assert particle(name, forms) == expected


@pytest.fixture
def korean(tmp_path, settings):
    """Korean, with messages that have markers."""
    path = tmp_path / "ko/LC_MESSAGES/django.mo"
    path.parent.mkdir(parents=True)
    messages = Catalog(locale="ko")
    messages.add("Delete “%(name)s”?", "‘%(name)s’{을/를} 삭제할까요?")
    messages.add(
        ("%(n)d file of %(name)s", "%(n)d files of %(name)s"), ("%(name)s{이/가} 올린 파일 %(n)d개",)
    )
    with path.open("wb") as file:
        write_mo(file, messages)
    settings.LOCALE_PATHS = [str(tmp_path)]
    with translation.override("ko"):
        yield


@pytest.mark.usefixtures("korean")
def test_python_templates_and_numbers_choose_the_particle_of_the_value():
    assert gettext("Delete “%(name)s”?") % {"name": "미션"} == "‘미션’을 삭제할까요?"
    assert gettext_lazy("Delete “%(name)s”?") % {"name": "과제"} == "‘과제’를 삭제할까요?"
    files = ngettext("%(n)d file of %(name)s", "%(n)d files of %(name)s", 2)
    assert files % {"n": 2, "name": "이서아"} == "이서아가 올린 파일 2개"
    template = Template("{% load i18n %}{% blocktranslate %}Delete “{{ name }}”?{% endblocktranslate %}")
    assert template.render(Context({"name": "<미션>"})) == "‘&lt;미션&gt;’을 삭제할까요?"


@pytest.mark.usefixtures("korean")
def test_a_value_cannot_be_a_marker():
    assert gettext("Delete “%(name)s”?") % {"name": "a’{을/를}"} == "‘a’{을/를}’을 삭제할까요?"


def test_a_copy_as_str_keeps_its_markers():
    assert str(ParticleText("%(name)s{을/를}")) % {"name": "미션"} == "미션을"
