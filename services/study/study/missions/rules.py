"""Deadlines, and what a mission's text may contain. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import nh3
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt

# GitHub's own limits: an owner has at most 39 characters, a repository at most 100.
_REPOSITORY = re.compile(
    r"^(?:(?:https?://)?(?:www\.)?github\.com/|git@github\.com:)?"
    r"(?P<owner>[a-z0-9](?:[a-z0-9-]{0,37}[a-z0-9])?)/(?P<name>[a-z0-9._-]{1,100}?)(?:\.git)?/?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Step:
    """One line of the sum: a moment, or hours that are added, and why."""

    label: str | Promise
    at: datetime | None = None
    hours: int = 0
    reason: str = ""

    @property
    def text(self) -> str:
        """What is added, in words; empty for a moment."""
        return str(_("+%(n)d hours") % {"n": self.hours}) if self.hours else ""


@dataclass(frozen=True)
class Due:
    """The moment that binds, and how it came about: the last step is the result."""

    at: datetime
    steps: tuple[Step, ...]


def effective_due(*, base: datetime, part: datetime | None, extension: tuple[int, str] | None) -> Due:
    """The deadline that binds one person: the part's own, if it has one, else the base; plus their hours.

    `extension` is hours and reason. The deadline itself still counts as in time.
    """
    steps = [Step(_("Base deadline"), at=base)]
    at = base
    if part is not None:
        at = part
        steps.append(Step(_("Your part's deadline instead"), at=part))
    if extension is not None:
        hours, reason = extension
        at += timedelta(hours=hours)
        steps.append(Step(_("Extended for you"), hours=hours, reason=reason))
    steps.append(Step(_("Your deadline"), at=at))
    return Due(at, tuple(steps))



def week_due(starts_on: date, time_zone: str) -> datetime:
    """The last day of the week that begins on `starts_on`, 23:59, in the cohort's zone."""
    return datetime.combine(starts_on + timedelta(days=6), time(23, 59), ZoneInfo(time_zone))


def week_opens(starts_on: date, time_zone: str) -> datetime:
    """The first moment of the week that begins on `starts_on`, in the cohort's zone."""
    return datetime.combine(starts_on, time(), ZoneInfo(time_zone))


def repository_of(text: str) -> str | None:
    """owner/name in lower case, from a link, an SSH address or the name itself; None if it is none."""
    found = _REPOSITORY.match(text.strip())
    if not found or found["name"] in {".", ".."}:
        return None
    return f"{found['owner']}/{found['name']}".lower()


_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").enable("strikethrough")
)
_TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td"),
}


def rendered(text: str) -> SafeString:
    """Markdown as safe HTML: no scripts, styles, images or attributes but a link's address.

    A page has one h1, its own, so a first-level heading of the text becomes a second-level one.
    """
    tokens = _markdown.parse(text)
    for token in tokens:
        if token.tag == "h1":
            token.tag = "h2"
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308 - just cleaned
