"""The page at /_mail/: received mails, newest first, also as JSON for tests."""

from __future__ import annotations

import json
import re
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader

from demo.mail.store import Store

ZONE = ZoneInfo("Asia/Seoul")
PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True)
PAGES.policies["urlize.rel"] = None
PAGES.filters["local_time"] = lambda text: datetime.fromisoformat(text).astimezone(ZONE)
_MAIL = re.compile(r"/_mail/(?P<id>[0-9T-]+)/(?P<part>html)?")

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; frame-src 'self'; "
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
            self._send_page("list", mails=self._store.newest_first(to))
        elif url.path == "/_mail/messages.json":
            messages = {"messages": self._store.newest_first(to)}
            self._send(json.dumps(messages, ensure_ascii=False), kind="application/json")
        elif not asked or not (mail := self._store.get(asked["id"])):
            self._send_page("missing", HTTPStatus.NOT_FOUND)
        elif asked["part"]:
            self._send(f'<base target="_blank">{mail["html"]}', policy=_MAIL_POLICY)
        else:
            self._send_page("mail", mail=mail)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        """Refuse: the page only reads."""
        self._send("Only GET.\n", HTTPStatus.METHOD_NOT_ALLOWED, kind="text/plain")

    def _send_page(self, name: str, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> None:
        self._send(PAGES.get_template(f"{name}.html").render(values), status)

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
