"""The page at /_mail/: received mails, newest first, also as JSON for tests."""

from __future__ import annotations

import json
import re
from datetime import datetime
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from demo.mail.store import Mail, Store

PAGES = Path(__file__).parent / "pages"
WEEKDAYS = "월화수목금토일"
ZONE = ZoneInfo("Asia/Seoul")
TITLE = "보낸 메일"
NO_SUBJECT = "(제목 없음)"
_MAIL = re.compile(r"/_mail/(?P<id>[0-9T-]+)/(?P<part>html)?")
_LINK = re.compile(r"(https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]])")

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A mail may use inline styles, but must not run, fetch or post anything. Links open in a new tab.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


class Page(BaseHTTPRequestHandler):
    """Shows a store's mails."""

    def __init__(self, store: Store, *server: Any) -> None:
        self._store = store
        super().__init__(*server)

    def do_GET(self) -> None:
        """Answer with a list, a mail, or the list as {"messages": […]}."""
        url = urlsplit(self.path)
        to = parse_qs(url.query).get("to", [""])[0]
        asked = _MAIL.fullmatch(url.path)
        if url.path == "/_mail/":
            self._send(_list(self._store.newest_first(to)))
        elif url.path == "/_mail/messages.json":
            messages = {"messages": self._store.newest_first(to)}
            self._send(json.dumps(messages, ensure_ascii=False), kind="application/json")
        elif not asked or not (mail := self._store.get(asked["id"])):
            self._send(_page("그런 메일이 없어요", _render("missing")), HTTPStatus.NOT_FOUND)
        elif asked["part"]:
            self._send(f'<base target="_blank">{mail["html"]}', policy=_MAIL_POLICY)
        else:
            self._send(_mail(mail))

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        """Refuse: the page only reads."""
        self._send("Only GET.\n", HTTPStatus.METHOD_NOT_ALLOWED, kind="text/plain")

    def _send(
        self,
        body: str,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        kind: str = "text/html",
        policy: str = _PAGE_POLICY,
    ) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Do not log requests."""


def _list(mails: list[Mail]) -> str:
    rows = "".join(_render("row", **_fields(mail)) for mail in mails)
    return _page(TITLE, f'<ul class="card list">{rows}</ul>' if rows else _render("empty"))


def _mail(mail: Mail) -> str:
    content = _render(
        "mail",
        **_fields(mail),
        sender=escape(mail["headers"].get("From", mail["from"])),
        text=_linked(mail["text"]),
        html=_render("html", id=mail["id"]) if mail["html"] else "",
        headers=escape("\n".join(f"{name}: {value}" for name, value in mail["headers"].items())),
    )
    return _page(escape(mail["subject"]) or NO_SUBJECT, content)


def _page(title: str, content: str) -> str:
    return _render("page", title=title, content=content)


def _render(page: str, **values: str) -> str:
    """Render a page template; the values are escaped HTML."""
    return Template((PAGES / f"{page}.html").read_text(encoding="utf-8")).substitute(values)


def _fields(mail: Mail) -> dict[str, str]:
    there = datetime.fromisoformat(mail["received_at"]).astimezone(ZONE)
    return {
        "id": mail["id"],
        "subject": escape(mail["subject"]) or NO_SUBJECT,
        "to": escape(", ".join(mail["to"])),
        "instant": there.isoformat(timespec="seconds"),
        "moment": f"{there.month}.{there.day}({WEEKDAYS[there.weekday()]}) {there:%H:%M:%S}",
    }


def _linked(text: str) -> str:
    """Return plain text as HTML paragraphs with links."""
    # The pieces at odd places are the links.
    pieces = [escape(piece) for piece in _LINK.split(text)]
    pieces[1::2] = (f'<a href="{link}" rel="noreferrer">{link}</a>' for link in pieces[1::2])
    paragraphs = [part.strip() for part in "".join(pieces).split("\n\n") if part.strip()]
    return "".join(f"<p>{paragraph.replace(chr(10), '<br>')}</p>" for paragraph in paragraphs)
