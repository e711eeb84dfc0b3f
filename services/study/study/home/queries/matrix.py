"""A page of the matrix of members and missions: filtered, sorted, and no longer than a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Page, Paginator

from study.cohorts.models import Week
from study.home.forms import MatrixForm
from study.home.queries.overview import MemberRow, Overview
from study.home.rules import BY_URGENCY
from study.missions.models import Mission

PAGE_SIZE = 50


@dataclass(frozen=True)
class Matrix:
    """Some of the members, and all missions in groups of a week."""

    weeks: list[tuple[Week, list[Mission]]]
    page: Page[MemberRow]
    # How many members have a problem, whether shown or not.
    problems: int
    # The statuses of the cells that are shown, the least urgent first.
    legend: list[str]


# What each order sorts by; equal rows stay in the order of their names.
_ORDERS: dict[str, Callable[[MemberRow], int]] = {
    "missing": lambda row: -row.missing,
    "points": lambda row: -row.points,
}


def matrix(overview: Overview, form: MatrixForm) -> Matrix:
    """Return the page of the matrix that the form selects. No statement."""
    rows = [row for row in overview.rows if form.matches(row.member)]
    problems = sum(row.has_problem for row in rows)
    if form.cleaned_data["problems"]:
        rows = [row for row in rows if row.has_problem]
    if by := _ORDERS.get(form.cleaned_data["sort"]):
        rows = sorted(rows, key=by)
    page = Paginator(rows, PAGE_SIZE).get_page(form.cleaned_data["page"])
    return Matrix(
        weeks=[
            (week, list(group))
            for week, group in groupby(overview.missions, key=lambda mission: mission.week)
        ],
        page=page,
        problems=problems,
        legend=sorted({cell.status for row in page for cell in row.cells if cell}, key=BY_URGENCY.index),
    )
