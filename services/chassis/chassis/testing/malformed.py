"""Malformed requests, which no endpoint answers with a server error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

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
