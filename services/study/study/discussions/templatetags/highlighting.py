"""Highlighted code."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from study.discussions.rules import Run

register = template.Library()

# Short, for a page has thousands.
_CLASSES = {"keyword": "k", "name": "f", "string": "s", "number": "n", "comment": "c"}


@register.simple_tag
def highlighted(runs: Iterable[Run]) -> SafeString:
    """Return the runs of a line, each in a <span> of its kind's class."""
    parts = (
        format_html('<span class="{}">{}</span>', _CLASSES[kind], text) if kind else text
        for kind, text in runs
    )
    return format_html_join("", "{}", ((part,) for part in parts))
