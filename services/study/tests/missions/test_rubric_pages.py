"""The rubric of a mission is a table that is edited in place."""

from __future__ import annotations

import re

from study.missions.models import Mission
from study.missions.queries.rubric import rubric_of
from tests.conftest import OLGA
from tests.missions.test_pages import text_of, typed  # noqa: F401 - a fixture


def test_every_cell_of_the_rubric_has_a_name_of_its_own(club, typed, as_principal):  # noqa: F811
    page = text_of(as_principal(OLGA, locale="en").get(f"/cohorts/{club.cohort.id}/missions/new/"))

    for name in ("Criterion 1", "Criterion 1, level 3: points", "Criterion 1, level 3"):
        assert re.search(rf"<label [^>]*>\s*{name}\s*<", page), name
    assert "Total: at most <b>4</b> points" in page


def test_a_line_break_in_a_cell_is_a_space(club, typed, as_principal):  # noqa: F811
    broken = {"criteria-0-levels-0-label": "모두\r\n충족", "criteria-0-title": "요구\n사항"}

    as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/missions/new/", typed | broken)

    (criterion,) = rubric_of(Mission.objects.get())
    assert (criterion.title, criterion.levels.all()[0].label) == ("요구 사항", "모두 충족")


def test_criteria_change_places(club, typed, as_principal):  # noqa: F811
    second = {
        "criteria-TOTAL_FORMS": "2",
        "criteria-1-title": "테스트",
        "criteria-1-levels-TOTAL_FORMS": "1",
        "criteria-1-levels-INITIAL_FORMS": "0",
        "criteria-1-levels-0-points": "1",
        "criteria-1-levels-0-label": "있음",
    }
    url = f"/cohorts/{club.cohort.id}/missions/new/"

    for button in ("up-1", "down-0"):
        answer = as_principal(OLGA).post(url, typed | second | {"rubric": button})

        rubric = answer.context["form"].rubric
        assert [form["title"].value() for form in rubric.forms] == ["테스트", "요구사항"]
        # The moved one has the focus, and a row with fewer levels leaves their columns to its buttons.
        assert text_of(answer).count("autofocus") == 1
        assert [rest for _criterion, rest in rubric.table] == [2, 1]
        assert rubric.total == 5
