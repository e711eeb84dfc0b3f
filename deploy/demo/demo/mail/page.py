"""The page at /_mail/: received mails, newest first, also as JSON for tests."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from demo.mail.store import Mail, Store

PAGES = Path(__file__).parent / "pages"
WEEKDAYS = "월화수목금토일"
ZONE = ZoneInfo("Asia/Seoul")
TITLE = "보낸 메일"
NO_SUBJECT = "(제목 없음)"
_MAIL = re.compile(r"/_mail/(?P<id>[0-9T-]+)/(?P<part>html)?")
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A mail may use inline styles, but must not run, fetch or post anything. Links open in a new tab.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)

StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True)
class Response:
    """An HTTP response."""

    body: str
    status: str = "200 OK"
    kind: str = "text/html"
    policy: str = _PAGE_POLICY


def application(store: Store) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """Return the read-only WSGI application of a store."""

    def respond(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method in {"GET", "HEAD"}:
            answer = _answer(store, environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        else:
            answer = Response("Only GET.\n", "405 Method Not Allowed", "text/plain")
        content = answer.body.encode()
        headers = [
            ("Content-Type", f"{answer.kind}; charset=utf-8"),
            ("Content-Length", str(len(content))),
            ("Content-Security-Policy", answer.policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
        ]
        start(answer.status, headers)
        return [b"" if method == "HEAD" else content]

    return respond


def _answer(store: Store, path: str, query: str) -> Response:
    to = parse_qs(query).get("to", [""])[0]
    if path == "/_mail/":
        return Response(_list(store.newest_first(to)))
    if path == "/_mail/messages.json":
        return Response(as_json(store.newest_first(to)), kind="application/json")
    asked = _MAIL.fullmatch(path)
    mail = store.get(asked["id"]) if asked else None
    if asked is None or mail is None:
        return Response(_page("그런 메일이 없어요", _render("missing")), "404 Not Found")
    if asked["part"]:
        return Response(f'<base target="_blank">{mail.html}', policy=_MAIL_POLICY)
    return Response(_mail(mail))


def as_json(mails: list[Mail]) -> str:
    """Return {"messages": [{id, received_at, from, to, subject, text, html, headers}]}, newest first."""
    messages = [
        {
            "id": mail.id,
            "received_at": mail.received_at.isoformat(),
            "from": mail.sender,
            "to": list(mail.to),
            "subject": mail.subject,
            "text": mail.text,
            "html": mail.html,
            "headers": dict(mail.headers),
        }
        for mail in mails
    ]
    return json.dumps({"messages": messages}, ensure_ascii=False)


def _list(mails: list[Mail]) -> str:
    if not mails:
        return _page(TITLE, _render("empty"))
    rows = "".join(
        _render(
            "row",
            id=mail.id,
            subject=escape(mail.subject) or NO_SUBJECT,
            to=escape(", ".join(mail.to)),
            **_timestamp(mail.received_at),
        )
        for mail in mails
    )
    return _page(TITLE, f'<ul class="card list">{rows}</ul>')


def _mail(mail: Mail) -> str:
    content = _render(
        "mail",
        to=escape(", ".join(mail.to)),
        sender=escape(dict(mail.headers).get("From", mail.sender)),
        text=_linked(mail.text),
        html=_render("html", id=mail.id) if mail.html else "",
        headers=escape("\n".join(f"{name}: {value}" for name, value in mail.headers)),
        **_timestamp(mail.received_at),
    )
    return _page(escape(mail.subject) or NO_SUBJECT, content)


def _page(title: str, content: str) -> str:
    return _render("page", title=title, content=content)


def _render(page: str, **values: str) -> str:
    """Render a page template; the values are escaped HTML."""
    return Template((PAGES / f"{page}.html").read_text(encoding="utf-8")).substitute(values)


def _timestamp(at: datetime) -> dict[str, str]:
    there = at.astimezone(ZONE)
    return {
        "instant": there.isoformat(timespec="seconds"),
        "moment": f"{there.month}.{there.day}({WEEKDAYS[there.weekday()]}) {there:%H:%M:%S}",
    }


def _linked(text: str) -> str:
    """Return plain text as HTML paragraphs with links."""
    shown, end = "", 0
    for link in _LINK.finditer(text):
        address = escape(link[0])
        shown += f'{escape(text[end : link.start()])}<a href="{address}" rel="noreferrer">{address}</a>'
        end = link.end()
    shown += escape(text[end:])
    paragraphs = [part.strip() for part in shown.split("\n\n") if part.strip()]
    return "".join(f"<p>{paragraph.replace(chr(10), '<br>')}</p>" for paragraph in paragraphs)
