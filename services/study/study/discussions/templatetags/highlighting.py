"""Highlighted code."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from study.discussions.rules import Run

register = template.Library()


@register.simple_tag
def highlighted(runs: Iterable[Run]) -> SafeString:
    """Return the runs of a line, each in a <span> of its class."""
    return format_html_join(
        "",
        "{}",
        ((format_html('<span class="{}">{}</span>', css, text) if css else text,) for css, text in runs),
    )
