"""The cells of the matrix, and the charts of the overview."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import NamedTuple

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from chassis.account_mirror.rules import display_name
from look.templatetags.tags import icon
from study.home.queries.overview import MemberRow, WeekFigures
from study.missions.models import Mission
from study.submissions.templatetags.states import STATES

register = template.Library()

# How a cell that is well is drawn: a CSS class of overview.css. Late ones are "late", whatever their status.
QUIET = {
    "not_yet": "open",
    **dict.fromkeys(["merged", "completed", "released", "approved"], "done"),
    **dict.fromkeys(["waiting", "resubmitted", "late"], "waits"),
}


@register.filter
def quiet_legend(statuses: Iterable[str]) -> list[tuple[str, object]]:
    """Return class and text of the signs for these statuses where all is well."""
    texts = {"open": _("Not submitted yet"), "done": _("Done"), "waits": _("Waiting for review")}
    texts |= {"late": _("Submitted late"), "none": _("Not for them")}
    used = {QUIET[status] for status in statuses if status in QUIET} | {"late", "none"}
    return [(css, text) for css, text in texts.items() if css in used]


@register.filter
def problem_legend(statuses: Iterable[str]) -> list[str]:
    """Return the statuses that are problems."""
    return [status for status in statuses if status not in QUIET]


@register.simple_tag
def matrix_row(row: MemberRow, missions: list[Mission]) -> SafeString:
    """Return a row: the member, a cell per mission, and the sums.

    A page has a thousand, so that one is a single element without a link where all is well, the markup of a
    status is made once, and links are relative to the overview.
    """
    cells = []
    quiet: dict[tuple[str, bool], str] = {}
    for cell, mission in zip(row.cells, missions, strict=True):
        if cell is None:
            cells.append(f'<td class="none">{_("Not for them")}</td>')
        elif not cell.is_problem:
            key = cell.status, cell.is_late
            if key not in quiet:
                css = "late" if cell.is_late else QUIET[cell.status]
                label = _("Submitted late") if cell.is_late else STATES[f"submission {cell.status}"][2]
                quiet[key] = f'<td class="{css}">{escape(label)}</td>'
            cells.append(quiet[key])
        else:
            tone, sign, label = STATES[f"submission {cell.status}"]
            url = (
                f"submissions/{cell.submission_id}/"
                if cell.submission_id
                else f"members/{row.member.id}/missions/#m-{mission.id.hex[:8]}"
            )
            cells.append(
                format_html(
                    '<td class="problem {}"><a href="{}" aria-label="{}, {}">{}</a></td>',
                    tone,
                    url,
                    mission.title,
                    label,
                    icon(sign),
                )
            )
    return format_html(
        '<tr><th scope="row"><a href="members/{}/missions/">{}</a></th>{}'
        '<td class="num{}">{}</td><td class="num">{}</td></tr>',
        row.member.id,
        display_name(row.member.name),
        # Each cell is escaped where it is made.
        mark_safe("".join(cells)),  # noqa: S308
        " missing" if row.missing else "",
        row.missing,
        row.points,
    )


class Bar(NamedTuple):
    """A stack of a chart: its week, and the part of each series in it."""

    label: str
    is_named: bool
    x: int
    is_now: bool
    segments: list[tuple[str, float, float]]
    text: str
    text_y: float


WIDTH, HEIGHT, TOP, BASE, BAR_WIDTH = 400, 150, 18, 128, 26
# What a week's name takes. Of many weeks every second or third is named, counted from the last.
LABEL_WIDTH = 36


@register.inclusion_tag("home/chart.html")
def bar_chart(
    anchor: str, title: str, figures: Iterable[WeekFigures], now: object, kind: str
) -> dict[str, object]:
    """Draw a stack per week. Kinds: submissions, timing, review_hours.

    The same numbers are in a table beside it.
    """
    rows = list(figures)
    series: list[tuple[str, str]]
    values: list[list[float]]
    if kind == "submissions":
        series = [("done", _("Submissions")), ("rest", _("Not submitted"))]
        values = [[row.handed_in, row.expected - row.handed_in] for row in rows]
        texts = [f"{row.handed_in}" if row.expected else "" for row in rows]
    elif kind == "timing":
        series = [("done", _("On time")), ("late", _("Late")), ("missing", _("Missing"))]
        values = [[row.on_time, row.late, row.missing] for row in rows]
        texts = [f"{row.missing}" if row.missing else "" for row in rows]
    else:
        series = [("done", _("Hours"))]
        values = [[round(row.review_hours or 0, 1)] for row in rows]
        texts = [f"{row.review_hours:.0f}" if row.review_hours is not None else "" for row in rows]
    highest = max((sum(stack) for stack in values), default=0)
    step = WIDTH / max(len(rows), 1)
    every = ceil(LABEL_WIDTH / step)
    bars = []
    for n, (row, stack) in enumerate(zip(rows, values, strict=True)):
        y = float(BASE)
        segments = []
        for (css, _label), value in zip(series, stack, strict=True):
            height = round(value / (highest or 1) * (BASE - TOP), 1)
            y = round(y - height, 1)
            if height:
                segments.append((css, y, height))
        x = round(n * step + step / 2)
        is_named = (len(rows) - 1 - n) % every == 0
        bars.append(
            Bar(
                label=_("W%(n)s") % {"n": row.week.number},
                is_named=is_named,
                x=x,
                is_now=row.week == now,
                segments=segments,
                text=texts[n] if is_named else "",
                text_y=y - 4,
            )
        )
    bar_width = min(BAR_WIDTH, round(step * 0.7))
    return {
        "id": anchor,
        "title": title,
        "is_empty": not highest,
        "bars": bars,
        "series": series,
        "table": [(bar.label, stack) for bar, stack in zip(bars, values, strict=True)],
        "width": WIDTH,
        "height": HEIGHT,
        "base": BASE,
        "bar_width": bar_width,
        "bar_x": -bar_width // 2,
    }
