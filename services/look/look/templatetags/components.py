"""Components of pages: each tag renders look/parts/<tag>.html around its content. No {% load %} needed.

`*to` is what `redirect()` takes: a URL, or a URL's name and its arguments.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import template
from django.forms import BaseForm
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from look.avatars import hue, initials
from look.templatetags.tags import icon

register = template.Library()

_HUES = ["avatar-0", "avatar-1", "avatar-2", "avatar-3", "avatar-4", "avatar-5", "avatar-6", "avatar-7"]


def _part(name: str, **values: Any) -> SafeString:
    return render_to_string(f"look/parts/{name}.html", values)


@register.simple_block_tag
def capture(content: str) -> str:
    """Keep the content in a variable: `{% capture as name %}…{% endcapture %}`."""
    return content


@register.simple_tag
def avatar(account_id: UUID | str, name: str | None = None, size: str = "") -> SafeString:
    """Return a person's avatar, hidden from screen readers: initials on a hue.

    The stylesheet draws the initials, so that they are no part of the page's text. Add the name as text.
    avatars.js puts GitHub's avatar over them.
    Without a name it is a figure. `size`: "avatar-l" beside a heading.
    """
    css = f"{_HUES[hue(account_id)]} {size}".strip()
    text = initials(name or "")
    figure = "" if text else icon("user")
    return format_html(
        '<span class="avatar {}" data-avatar="{}" data-initials="{}" aria-hidden="true">{}</span>',
        css,
        account_id,
        text,
        figure,
    )


@register.simple_block_tag
def breadcrumbs(content: str, current: str) -> SafeString:
    """Render the pages above this one, given as list items, and this page's name."""
    return _part("breadcrumbs", content=content, current=current)


@register.simple_block_tag
def tabs(content: str, label: str) -> SafeString:
    """Render links to the views of a page, given as list items. `label` is for screen readers."""
    return _part("tabs", content=content, label=label)


@register.simple_block_tag
def section(content: str, anchor: str, title: str) -> SafeString:
    """Render a section under its heading."""
    return _part("section", content=content, id=anchor, title=title)


@register.simple_block_tag
def card(content: str, anchor: str, title: str, css: str = "card-body stack") -> SafeString:
    """Render a card with a heading. `css` are the classes of its body; "" gives it none."""
    return _part("card", content=content, id=anchor, title=title, css=css)


@register.simple_block_tag
def empty_state(content: str, icon: str, title: str, label: str = "", *to: Any) -> SafeString:
    """Render what a list without rows shows: the content says why, `label` and `to` what to do next."""
    return _part("empty", text=content, icon=icon, title=title, label=label, to=to and resolve_url(*to))


@register.simple_block_tag
def alert(content: str, tone: str, icon: str, title: str = "", label: str = "", *to: Any) -> SafeString:
    """Render a notice, with a heading and a link if given. Tones: success warning danger info."""
    link = to and resolve_url(*to)
    return _part("alert", text=content, tone=tone, icon=icon, title=title, label=label, to=link)


@register.simple_block_tag(takes_context=True)
def form(
    context: template.Context,
    content: str,
    form: BaseForm,
    *to: Any,
    css: str = "card card-body stack",
    idempotent: bool = False,
) -> SafeString:
    """Render a POST form around its fields: CSRF token, error summary, an idempotency key if `idempotent`."""
    values = {"content": content, "form": form, "to": to and resolve_url(*to), "css": css}
    return _part("form", **values, idempotent=idempotent, csrf_token=context.get("csrf_token"))


@register.simple_tag
def submit(label: str, *cancel: Any, icon: str = "", css: str = "btn-primary") -> SafeString:
    """Render a form's button and a link that cancels it."""
    return _part("submit", label=label, icon=icon, css=css, cancel=cancel and resolve_url(*cancel))


@register.simple_block_tag
def table(
    content: str,
    anchor: str,
    caption: str,
    *columns: str,
    actions: str = "",
    numbers: int = 0,
    hidden: bool = False,
) -> SafeString:
    """Render a table of rows, as cards on a phone.

    `actions` names the last column for screen readers; the last `numbers` columns are aligned at their end.
    A `hidden` caption repeats the heading `anchor` above the table.
    """
    first = len(columns) - numbers
    headings = [(text, number >= first) for number, text in enumerate(columns)]
    return _part(
        "table",
        content=content,
        id=anchor,
        caption=caption,
        headings=headings,
        actions=actions,
        hidden=hidden,
    )


@register.simple_block_tag
def event(content: str, tone: str, icon: str, comment: str = "", *, mark: bool = False) -> SafeString:
    """Render an item of an <ol class="timeline">: what happened, and a person's comment. A `mark` divides."""
    return _part("event", content=content, tone=tone, icon=icon, comment=comment, mark=mark)
