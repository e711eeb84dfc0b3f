"""Markdown to HTML that is safe in any page, and to plain text for a message."""

from __future__ import annotations

import html
import re

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    *("a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre"),
    *("s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
# Nothing that styles, scripts, names or asks: no class, style, id, hx-*, on*, data-*.
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_MIN_HEADING, _MAX_HEADING = 3, 6


def _parser() -> MarkdownIt:
    # Raw HTML in the source is shown as text; the sanitiser below is the second wall.
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _fit_headings(tokens: list[Token]) -> None:
    # The text is under an h2 of the page: its headings start at h3 and skip no level.
    levels = sorted({token.tag for token in tokens if token.type == "heading_open"})
    above = _MIN_HEADING - 1
    for token in tokens:
        if token.type == "heading_open":
            above = min(_MIN_HEADING + levels.index(token.tag), above + 1, _MAX_HEADING)
            token.tag = f"h{above}"
        elif token.type == "heading_close":
            token.tag = f"h{above}"


def _address(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src" and not value.lower().startswith("https://"):
        return None
    return value


def render_markdown(text: str) -> SafeString:
    """Markdown as HTML without script, style, htmx or plain-http images. Its headings begin at h3."""
    parser = _parser()
    tokens = parser.parse(text)
    _fit_headings(tokens)
    clean = nh3.clean(
        parser.renderer.render(tokens, parser.options, {}),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_address,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
    shown = re.sub(r"<img(?![^>]* src=)[^>]*>", "", clean)
    # A wide table scrolls by itself instead of widening the page on a phone, also by keyboard.
    wrapped = shown.replace("<table>", '<div class="table-wrap" tabindex="0"><table>')
    return SafeString(wrapped.replace("</table>", "</table></div>"))


def markdown_excerpt(text: str, *, max_length: int = 280) -> str:
    """The beginning of a Markdown text as plain text on one line, cut at a word and closed by an ellipsis."""
    # Blocks would run into each other once their tags are gone.
    spaced = re.sub(r"</(p|h[1-6]|li|td|th|pre)>|<br ?/?>", " ", _parser().render(text))
    plain = " ".join(html.unescape(nh3.clean(spaced, tags=set())).split())
    if len(plain) <= max_length:
        return plain
    cut = plain[: max_length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[max_length // 2 :] else cut).rstrip() + "…"
