"""Send malformed requests to every endpoint, and collect what is answered with a server error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db import transaction

from chassis.errors import MEDIA_TYPE
from chassis.testing.malformed import FORM, FORM_VALUES, REQUESTS, SEGMENTS, Malformed, bodies
from chassis.web.endpoints import Endpoint

UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Form(HTMLParser):
    """The forms of a page: each one's action and the fields that a browser would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append((found.get("action", "") if found.get("method") == "post" else "GET", {}))
        elif not self.forms:
            return
        elif tag in {"input", "textarea"} and found.get("name"):
            self.forms[-1][1].setdefault(found["name"], found.get("value", ""))
        elif tag == "select":
            self._select = found.get("name", "")
        elif (
            tag == "option"
            and self._select
            and ("selected" in found or self._select not in self.forms[-1][1])
        ):
            self.forms[-1][1][self._select] = found.get("value", "")


class Probe:
    """Sends malformed requests by a test client, undoes what they did, and collects what was wrong."""

    # Kinds of form that were tried: several pages may show the same form.
    tried: ClassVar[set[tuple[str, ...]]] = set()

    def __init__(self, browser: Any, *, is_api: bool = True) -> None:
        self.browser, self.is_api = browser, is_api
        self.faults: dict[str, str] = {}
        self.sent = 0
        browser.raise_request_exception = False

    def send(self, name: str, method: str, path: str, sent: Malformed) -> None:
        """Send it. A server error is a fault, and so is an error response that is not machine-readable."""
        with transaction.atomic():
            answer = self.browser.generic(
                method.upper(),
                path,
                sent.body,
                content_type=sent.content_type,
                QUERY_STRING=sent.query,
                **sent.headers,
            )
            transaction.set_rollback(True)
        self.sent += 1
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code >= 500:
            self.faults[f"{method} {path} {name}"] = str(answer.status_code)
        elif answer.status_code >= 400 and self.is_api and kind != MEDIA_TYPE:
            self.faults[f"{method} {path} {name}"] = f"{answer.status_code} {kind}"

    def requests(self, endpoint: Endpoint, ids: Mapping[str, Any]) -> None:
        """Send every malformed request to the endpoint by every method that it has."""
        path = endpoint.path(ids)
        for name, sent in REQUESTS.items():
            for method in endpoint.methods:
                if method != "get" or not sent.body:
                    self.send(name, method, path, sent)
        if set(endpoint.converters.values()) - {"uuid", "int"}:
            for segment in SEGMENTS:
                self.send(segment, "get", endpoint.path(ids, segment), Malformed())

    def body(self, method: str, path: str, valid: Mapping[str, Any]) -> None:
        """Send the valid body with one odd value at a time."""
        for name, body in bodies(valid):
            self.send(name, method, path, Malformed(body))

    def forms(self, path: str) -> None:
        """Send each kind of form on the page with one odd value at a time, unless an earlier page had it."""
        page = self.browser.get(path)
        if page.status_code != 200 or "html" not in page.headers["Content-Type"]:
            return
        for action, fields in Form(page.content.decode()).forms:
            shape = (UUID_TEXT.sub("", action or path), *sorted(fields))
            # Signing out or renewing ends what is tested here.
            if action in {"GET", "/accounts/language/", "/accounts/logout/"} or shape in self.tried:
                continue
            self.tried.add(shape)
            for name in set(fields) - {"csrfmiddlewaretoken"}:
                for what, value in FORM_VALUES.items():
                    body = urlencode({**fields, name: value})
                    self.send(f"{name}: {what}", "post", action or path, Malformed(body, FORM))
