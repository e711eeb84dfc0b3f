"""Malformed requests for the tests of every service: no endpoint answers one of them with a server error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from chassis.errors import MEDIA_TYPE

DEEP = 100_000
# JSON texts that replace a value of a valid request.
JSON_VALUES = {
    "null": "null",
    "true": "true",
    "a list": "[[]]",
    "an object": '{"a": {"b": []}}',
    "a negative number": "-1",
    "a number that no column holds": "9" * 30,
    "a number that Python does not read": "9" * 5000,
    "infinity": "1e999",
    "not a number": "NaN",
    "a lone surrogate": '"\\ud800"',
    "a null character": '"a\\u0000b"',
    "line breaks": '"a\\r\\nb"',
    "only invisible characters": '"\\u200b\\u3164"',
    "a bidirectional override": '"\\u202etxt.exe"',
    "the last day": '"9999-12-31"',
    "the last second": '"9999-12-31T23:59:59Z"',
    "the first second, east of Greenwich": '"0001-01-01T00:00:00+14:00"',
    "a long text": json.dumps("x" * 20_000),
}
# What a browser's field may be made to send.
FORM_VALUES = {
    "nothing": "",
    "a null character": "a\0b",
    "line breaks": "a\r\nb",
    "only invisible characters": "\u200b\u3164",
    "a negative number": "-1",
    "a number that no column holds": "9" * 30,
    "a number that Python does not read": "9" * 5000,
    "the last day": "9999-12-31",
    "the last minute": "9999-12-31T23:59",
    "the first minute": "0001-01-01T00:00",
    "a full-width number": "１２",
    "no address": "http://[",
    "not a number": "NaN",
}
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
METHODS = ("get", "post", "put", "patch", "delete")
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Malformed:
    """A request whose path is right, and nothing else need be."""

    body: bytes | str = b""
    content_type: str = JSON
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


REQUESTS: dict[str, Malformed] = {
    "deep lists": Malformed("[" * DEEP),
    "deep lists that end": Malformed("[" * DEEP + "]" * DEEP),
    "deep objects": Malformed('{"a":' * DEEP),
    "half a document": Malformed('{"a":'),
    "not UTF-8": Malformed(b'{"title": "\xff\xfe"}'),
    "UTF-16": Malformed('{"title": "a"}'.encode("utf-16"), "application/json; charset=utf-16"),
    "a character set that is none of text": Malformed("{}", "application/json; charset=hex"),
    "a form in a character set that is none of text": Malformed("a=b", f"{FORM}; charset=hex"),
    "a character set that nobody knows": Malformed("{}", "application/json; charset=\x01nobody"),
    "a text": Malformed('"a"'),
    "a list": Malformed("[1]"),
    "a number": Malformed("1"),
    "null": Malformed("null"),
    "a lone surrogate": Malformed('{"\\ud800": "\\udfff", "title": "\\ud800", "name": "\\ud800"}'),
    "not JSON by its type": Malformed("<a/>", "text/xml"),
    "no type": Malformed("{}", ""),
    "a form": Malformed("a=b", FORM),
    "a form of 2,000 fields": Malformed(urlencode([("a", "b")] * 2000), FORM),
    "a form that is not text": Malformed(b"a=%ff%fe&\xff=\xfe&a=\0", FORM),
    "parts without a boundary": Malformed("a", "multipart/form-data"),
    "parts with an odd boundary": Malformed("a", "multipart/form-data; boundary=\xff"),
    "cut parts": Malformed("--a\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=a"),
    "a body of 30 MB by its header": Malformed("{}", headers={"CONTENT_LENGTH": "30000000"}),
    "an odd query": Malformed(query="cursor=%00&size=NaN&part=%ff&search=%00&after=%00&at=%00&cohort=["),
    "an odd cursor": Malformed(query="cursor=W1td&after=W10&size=-1&format=exe&page=9"),
    "a cursor of deep lists": Malformed(query="cursor=" + "W1tbW1tb" * 500 + "&after=" + "W1tbW1tb" * 500),
    "a query of broken percent signs": Malformed(
        query="%&%zz=%&cursor=%ED%A0%80&search=%ED%A0%80&next=http://["
    ),
    "2,000 query fields": Malformed(query="&".join(["a=b"] * 2000)),
    "odd cookies": Malformed(
        headers={"HTTP_COOKIE": "seodang=\xff; csrftoken=[; messages=\x00; django_language=../..; a"}
    ),
    "a token of odd characters": Malformed(headers={"HTTP_AUTHORIZATION": "Bearer \xff.\x00.\xff"}),
    "a token of deep lists": Malformed(headers={"HTTP_AUTHORIZATION": "Bearer " + "W1tb" * 1000 + ".W1tb.a"}),
    "no scheme": Malformed(headers={"HTTP_AUTHORIZATION": " "}),
    "odd htmx headers": Malformed(
        headers={
            "HTTP_HX_REQUEST": "true",
            "HTTP_HX_CURRENT_URL": "http://[",
            "HTTP_HX_CURRENT_URL_URI_AUTOENCODED": "true",
            "HTTP_HX_PROMPT": "%ff",
            "HTTP_HX_PROMPT_URI_AUTOENCODED": "true",
            "HTTP_HX_TRIGGERING_EVENT": "[" * 5000,
        }
    ),
    "an odd idempotency key": Malformed(
        "{}", headers={"HTTP_IDEMPOTENCY_KEY": "\x00\xff" * 400, "HTTP_CONTENT_ENCODING": "gzip"}
    ),
    "an odd origin": Malformed(headers={"HTTP_ORIGIN": "http://[", "HTTP_REFERER": "http://["}),
    "odd preferences": Malformed(
        headers={"HTTP_ACCEPT": "a/b;q=\xff,*", "HTTP_ACCEPT_LANGUAGE": "x" * 600 + ",-;q=9"}
    ),
    "odd addresses": Malformed(
        headers={"HTTP_X_FORWARDED_FOR": "[, \xff", "HTTP_X_FORWARDED_PROTO": "[", "REMOTE_ADDR": ""}
    ),
    "an odd browser": Malformed(headers={"HTTP_USER_AGENT": "\xff\x00" * 400}),
    "odd conditions": Malformed(
        headers={
            "HTTP_IF_MODIFIED_SINCE": "Mon, 99 Foo 99999",
            "HTTP_IF_NONE_MATCH": '"',
            "HTTP_RANGE": "bytes=-",
        }
    ),
}


# Texts for a parameter of the path that takes any text.
SEGMENTS = ("%00", "%ED%A0%80", "[", "..%2f..", "%F0%9F%90%9F" * 200)


@dataclass(frozen=True)
class Endpoint:
    """A path of the service's URL configuration. `converters` names the kind of each of its parameters."""

    template: str
    converters: Mapping[str, str]
    methods: tuple[str, ...] = ("get", "post")

    @property
    def is_api(self) -> bool:
        return self.template.startswith(("/api/v", "/internal/"))

    def path(self, ids: Mapping[str, Any], odd: str | None = None) -> str:
        """Return the path with these ids; `odd` replaces every parameter that takes any text."""

        def value(name: str) -> str:
            fallback = {"uuid": str(UUID(int=1)), "int": "1"}.get(self.converters[name], "a")
            if odd is not None and self.converters[name] not in {"uuid", "int"}:
                return odd
            return str(ids.get(name, fallback))

        return re.sub(r"\{(\w+)\}", lambda found: value(found[1]), self.template)


def endpoints(prefix: str = "/", patterns: list[Any] | None = None, outer: Any = None) -> Iterator[Endpoint]:
    """Walk the URL configuration; a path given by a regular expression has its groups as text parameters."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        text = str(entry.pattern)
        converters = {**(outer or {})}
        if isinstance(entry.pattern, RegexPattern):
            names = list(entry.pattern.regex.groupindex)
            text = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", text).strip("^$")
            converters |= dict.fromkeys(names, "regex")
        else:
            for name, converter in entry.pattern.converters.items():
                text = re.sub(rf"<[^<>]*\b{name}>", f"{{{name}}}", text)
                converters[name] = type(converter).__name__.removesuffix("Converter").lower()
        if isinstance(entry, URLResolver):
            yield from endpoints(prefix + text, entry.url_patterns, converters)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "cls", None)
            methods = tuple(method for method in METHODS if hasattr(view, method)) if view else METHODS[:2]
            yield Endpoint(prefix + text, converters, methods)


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


def bodies(valid: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield JSON texts: the valid body with one value at a time, at any depth, replaced by each odd one."""
    marked = "\x00here\x00"
    for place in _places(valid):
        text = json.dumps(_put(valid, place, marked))
        for name, value in JSON_VALUES.items():
            yield f"{'.'.join(map(str, place))}: {name}", text.replace(json.dumps(marked), value)


def _places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, below in inner:
        yield (*here, key)
        yield from _places(below, (*here, key))


def _put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    key, *rest = place
    if isinstance(value, Mapping):
        return {**value, key: _put(value[key], tuple(rest), new)}
    return [_put(item, tuple(rest), new) if n == key else item for n, item in enumerate(value)]


class Probe:
    """Sends malformed requests by a test client, undoes what they did, and collects what was wrong."""

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
        """Send each kind of form on the page with one odd value at a time."""
        page = self.browser.get(path)
        if page.status_code != 200 or "html" not in page.headers["Content-Type"]:
            return
        tried: set[tuple[str, ...]] = set()
        for action, fields in Form(page.content.decode()).forms:
            shape = (UUID_TEXT.sub("", action), *sorted(fields))
            # Signing out or renewing ends what is tested here.
            if action in {"GET", "/accounts/language/", "/accounts/logout/"} or shape in tried:
                continue
            tried.add(shape)
            for name in set(fields) - {"csrfmiddlewaretoken"}:
                for what, value in FORM_VALUES.items():
                    body = urlencode({**fields, name: value})
                    self.send(f"{name}: {what}", "post", action or path, Malformed(body, FORM))
