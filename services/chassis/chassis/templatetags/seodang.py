"""The look in tags: every service has them without {% load %}, so each thing is drawn in one way only."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django import forms, template
from django.forms import BaseForm, BaseFormSet, BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as written
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext, pgettext_lazy

register = template.Library()

_STYLES = {
    "full": pgettext_lazy("format of a moment", "D j M, H:i"),
    "date": pgettext_lazy("format of a day", "D j M"),
    "time": "H:i",
    "weekday": "l",
    "year": pgettext_lazy("format of a moment with its year", "D j M Y, H:i"),
    "year-date": pgettext_lazy("format of a day with its year", "D j M Y"),
}


class Mark(NamedTuple):
    """How a state is shown: never by colour alone."""

    tone: str
    icon: str
    word: str
    dashed: bool = False


_STATES: dict[str, dict[str, Mark]] = {
    "submission": {
        "not_yet": Mark("mute", "dot", gettext_noop("Not handed in yet"), dashed=True),
        "draft": Mark("mute", "page", gettext_noop("Draft")),
        "waiting": Mark("info", "eye", gettext_noop("Waiting for review")),
        "changes_requested": Mark("wait", "edit", gettext_noop("Changes requested")),
        "resubmitted": Mark("info", "refresh", gettext_noop("Handed in again")),
        "approved": Mark("ok", "check", gettext_noop("Approved")),
        "merged": Mark("alt", "merge", gettext_noop("Merged")),
        "released": Mark("ok", "scale", gettext_noop("Marks released")),
        "late": Mark("wait", "clock", gettext_noop("Handed in late")),
        "missing": Mark("bad", "alert", gettext_noop("Not handed in")),
        "closed": Mark("bad", "closed", gettext_noop("Closed")),
        "exempt": Mark("mute", "minus", gettext_noop("Exempt"), dashed=True),
    },
    "attempt": {
        "on_time": Mark("ok", "check", gettext_noop("On time")),
        "late": Mark("wait", "clock", gettext_noop("Late")),
        "marked": Mark("ok", "scale", gettext_noop("Marked")),
        "kept": Mark("mute", "minus", gettext_noop("Kept on record")),
    },
    "review": {
        "waiting": Mark("info", "eye", gettext_noop("To be reviewed")),
        "draft": Mark("mute", "page", gettext_noop("Draft")),
        "released": Mark("ok", "scale", gettext_noop("Released")),
    },
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A sign from the sprite, silent to screen readers: a word stands beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#i-{}"></use></svg>', static("chassis/icons.svg"), name
    )


@register.simple_tag
def moment(at: datetime | date | None, style: str = "full", now: datetime | None = None) -> SafeString | str:
    """A moment in the reader's zone and language; nothing for None.

    Styles: full, date, time, weekday, year, year-date, and day, which says today, tomorrow or yesterday
    as seen from `now`, the weekday within six days, else the date.
    """
    if not at:
        return ""
    here = timezone.localtime(at) if isinstance(at, datetime) else at
    text = _day(here, now) if style == "day" else written(here, str(_STYLES[style]))
    machine = here.isoformat(timespec="minutes") if isinstance(here, datetime) else here.isoformat()
    return format_html('<time datetime="{}">{}</time>', machine, text)


def _day(here: datetime | date, now: datetime | None) -> str:
    day = here.date() if isinstance(here, datetime) else here
    away = (day - timezone.localtime(now).date()) // timedelta(days=1)
    near = {0: pgettext("day", "Today"), 1: pgettext("day", "Tomorrow"), -1: pgettext("day", "Yesterday")}
    return near.get(away) or written(day, str(_STYLES["weekday" if abs(away) < 7 else "date"]))


@register.simple_tag
def badge(tone: str, icon_name: str, text: object, *, dashed: bool = False) -> SafeString:
    """A state in a cell: ground, sign and word. Tones: ok wait bad alt info mute."""
    dash = " badge-dash" if dashed else ""
    return format_html('<span class="badge {}{}">{}{}</span>', tone, dash, icon(icon_name), text)


@register.simple_tag
def state(kind: str, value: str) -> SafeString:
    """The badge of a state. KeyError for one that has no look: it is a bug, not a style."""
    mark = _STATES[kind][str(value)]
    return badge(mark.tone, mark.icon, _(mark.word), dashed=mark.dashed)


@register.simple_tag
def pips(points: int, most: int) -> SafeString:
    """Points as filled squares. They are silent: the figures stand beside them."""
    squares = format_html_join("", "<i{}></i>", ((SafeString(' class="on"') if n < points else "",) for n in range(most)))
    return format_html('<span class="pips" aria-hidden="true">{}</span>', squares)


@register.inclusion_tag("chassis/parts/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A field with its label, hint and errors, which hang on it by aria-describedby and aria-invalid."""
    widget = bound.field.widget
    if isinstance(widget, forms.DateTimeInput):
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif isinstance(widget, forms.DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"
    ticks = isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple)
    classes = "" if ticks else f"input {widget.attrs.get('class', '')}".strip()
    control = "" if widget.use_fieldset else bound.as_widget(attrs={"class": classes} if classes else None)
    return {"field": bound, "control": control, "tick": ticks, "required": bound.field.required and not ticks}


@register.inclusion_tag("chassis/parts/errors.html")
def errors(*asked: BaseForm | BaseFormSet[Any]) -> dict[str, Any]:
    """What is wrong with these forms and formsets: a summary that takes the focus and leads to each field."""
    lines: list[tuple[str, str, str]] = []
    for form in asked:
        parts = [form] if isinstance(form, BaseForm) else list(form)
        lines += [] if isinstance(form, BaseForm) else [("", "", str(text)) for text in form.non_form_errors()]
        for part in parts:
            lines += [("", "", str(text)) for text in part.non_field_errors()]
            lines += [(_anchor(bound), str(bound.label), str(text)) for bound in part for text in bound.errors]
    return {"lines": lines}


def _anchor(bound: BoundField) -> str:
    # A group of ticks has no id of its own to lead to, but its first one has.
    return bound.id_for_label or f"{bound.auto_id}_0"


@register.inclusion_tag("chassis/parts/pager.html", takes_context=True)
def pager(context: template.Context, page: Any) -> dict[str, Any]:
    """Links to the first and the next page of a cursor's Page; nothing if there is only one."""
    return {"page": page, "request": context["request"]}
