"""Template tags of all services, built in: no {% load %} needed."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms, template
from django.forms import BaseForm, BaseFormSet, BoundField
from django.templatetags.static import static
from django.utils import dateformat, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from look.styles import STYLES
from look.theme import SYSTEM, chosen_theme

register = template.Library()

_WEEKDAYS = pgettext_lazy("days of the week from Monday, short", "Mon Tue Wed Thu Fri Sat Sun")
# {number} is the number of the month.
_STYLES = {
    "full": pgettext_lazy("moment", "{weekday} {day} {month}, {time}"),
    "date": pgettext_lazy("moment", "{weekday} {day} {month}"),
    "time": "{time}",
    "weekday": "{weekday_in_full}",
    "year": pgettext_lazy("moment", "{weekday} {day} {month} {year}, {time}"),
    "year-date": pgettext_lazy("moment", "{weekday} {day} {month} {year}"),
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return an icon of the sprite, hidden from screen readers: always add a text."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#i-{}"></use></svg>',
        static("look/icons.svg"),
        name,
    )


@register.simple_tag
def styles(name: str = "") -> SafeString:
    """Return the stylesheet of all pages, or one of css/pages, as an element of the page."""
    return mark_safe(f"<style>{STYLES[name]}</style>")  # noqa: S308 - our own file


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """Return the theme that the reader has chosen: light, dark or system."""
    # An error page may be rendered without a request.
    request = context.get("request")
    return chosen_theme(request) if request else SYSTEM


@register.simple_tag
def idempotency_key() -> SafeString:
    """Return the hidden field that makes a form idempotent: a repeated submit takes effect once."""
    # autocomplete="off": a browser that restores form fields must not restore an old key.
    return format_html(
        '<input type="hidden" name="idempotency_key" value="{}" autocomplete="off">', uuid.uuid4()
    )


@register.simple_tag(name="moment", takes_context=True)
def moment_of_page(
    context: template.Context, at: datetime | date | None, style: str = "full", now: datetime | None = None
) -> SafeString | str:
    """Return a `moment`, with its zone where the page's cohort has another clock than the reader."""
    cohort = context.get("cohort")
    return moment(at, style, now, cohort_zone=getattr(cohort, "time_zone", ""))


def moment(
    at: datetime | date | None, style: str = "full", now: datetime | None = None, *, cohort_zone: str = ""
) -> SafeString | str:
    """Return a <time> in the active time zone and language; "" for None.

    Styles: full, date, time, weekday, year, year-date and day. `day` is today, tomorrow or yesterday
    relative to `now`, the weekday within six days, else the date. A text with hours names the zone if
    `cohort_zone` has other hours then.
    """
    if not at:
        return ""
    local = timezone.localtime(at) if isinstance(at, datetime) else at
    text = (style == "day" and _relative_day(local, now)) or _format(
        local, "date" if style == "day" else style
    )
    if isinstance(local, datetime) and cohort_zone and "{time}" in str(_STYLES.get(style, "")):
        there = local.astimezone(ZoneInfo(cohort_zone))
        if there.utcoffset() != local.utcoffset():
            text = f"{text} {_zone_name(local)}"
    iso = local.isoformat(timespec="minutes") if isinstance(local, datetime) else local.isoformat()
    return format_html('<time datetime="{}">{}</time>', iso, text)


def _zone_name(local: datetime) -> str:
    """Return "KST", or "UTC+05:30" for a zone that has no abbreviation."""
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{local.isoformat()[-6:]}"


def moment_text(at: datetime, style: str = "full") -> str:
    """Return the text of `moment`, without its element; not in the style `day`."""
    return _format(timezone.localtime(at), style)


def _format(local: datetime | date, style: str) -> str:
    return str(_STYLES[style]).format(
        weekday=str(_WEEKDAYS).split()[local.weekday()],
        weekday_in_full=dateformat.format(local, "l"),
        day=local.day,
        month=dateformat.format(local, "M"),
        number=local.month,
        year=local.year,
        time=f"{local:%H:%M}",
    )


def _relative_day(local: datetime | date, now: datetime | None) -> str | None:
    day = local.date() if isinstance(local, datetime) else local
    days = (day - timezone.localtime(now).date()).days
    if abs(days) < 2:
        return (pgettext("day", "Today"), pgettext("day", "Tomorrow"), pgettext("day", "Yesterday"))[days]
    return _format(day, "weekday") if abs(days) < 7 else None


@register.simple_tag
def waiting(since: datetime, now: datetime) -> SafeString:
    """Return for how long something has waited, in whole hours, from two days on in days, in a <time>."""
    hours = int((now - since).total_seconds() // 3600)
    if hours < 1:
        text = _("less than an hour")
    elif hours < 48:
        text = ngettext("for %(n)d hour", "for %(n)d hours", hours) % {"n": hours}
    else:
        text = ngettext("for %(n)d day", "for %(n)d days", hours // 24) % {"n": hours // 24}
    return format_html('<time datetime="{}">{}</time>', since.isoformat(timespec="minutes"), text)


@register.simple_tag
def badge(tone: str, icon_name: str, text: object, *, dashed: bool = False) -> SafeString:
    """Return a badge with icon and text. Tones: success warning danger done info neutral."""
    modifier = " badge-dash" if dashed else ""
    return format_html('<span class="badge {}{}">{}{}</span>', tone, modifier, icon(icon_name), text)


@register.simple_tag
def pips(points: int, max_points: int) -> SafeString:
    """Return points as filled squares, hidden from screen readers: always add the numbers."""
    squares = format_html_join(
        "", "<i{}></i>", ((SafeString(' class="on"') if n < points else "",) for n in range(max_points))
    )
    return format_html('<span class="pips" aria-hidden="true">{}</span>', squares)


@register.inclusion_tag("look/parts/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """Render a form field with label, hint and errors, linked by aria-describedby and aria-invalid."""
    widget = bound.field.widget
    if isinstance(widget, forms.DateTimeInput):
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif isinstance(widget, forms.DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"
    is_choice = isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple)
    classes = "" if is_choice else f"input {widget.attrs.get('class', '')}".strip()
    control = "" if widget.use_fieldset else bound.as_widget(attrs={"class": classes} if classes else None)
    return {"field": bound, "control": control, "tick": is_choice}


@register.filter
def error_texts(bound: BoundField) -> list[str]:
    """Return a field's errors. Without a text of its own, an empty required field is named."""
    texts: list[str] = []
    for error in bound.errors.as_data():
        default = forms.Field.default_error_messages["required"]
        if error.code != "required" or bound.field.error_messages["required"] != default:
            texts += map(str, error.messages)
        elif isinstance(bound.field, forms.ChoiceField | forms.BooleanField | forms.FileField):
            texts.append(_("Choose “%(label)s”.") % {"label": bound.label})
        else:
            texts.append(_("Fill in “%(label)s”.") % {"label": bound.label})
    return texts


@register.inclusion_tag("look/parts/errors.html")
def errors(*sources: BaseForm | BaseFormSet[Any]) -> dict[str, Any]:
    """Render the error summary of forms and formsets. It takes the focus and links to each field."""
    lines: list[tuple[str, str, str]] = []
    for form in sources:
        parts = [form] if isinstance(form, BaseForm) else list(form)
        lines += (
            [] if isinstance(form, BaseForm) else [("", "", str(text)) for text in form.non_form_errors()]
        )
        for part in parts:
            lines += [("", "", str(text)) for text in part.non_field_errors()]
            lines += [
                (_anchor(bound), str(bound.label), text) for bound in part for text in error_texts(bound)
            ]
    return {"lines": lines}


def _anchor(bound: BoundField) -> str:
    # A group of checkboxes has no id of its own; link to the first one.
    return bound.id_for_label or f"{bound.auto_id}_0"


@register.inclusion_tag("look/parts/pager.html", takes_context=True)
def pager(context: template.Context, page: Any) -> dict[str, Any]:
    """Render links to the first and next page of a cursor Page; nothing if there is only one."""
    return {"page": page, "request": context["request"]}
