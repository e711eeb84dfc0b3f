"""Every path of a service's URL configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Endpoint:
    """A path of the service's URL configuration. `converters` names the kind of each of its parameters."""

    template: str
    converters: Mapping[str, str]
    methods: tuple[str, ...] = ("get", "post")

    @property
    def is_api(self) -> bool:
        return self.template.startswith(("/api/v", "/internal/"))

    def path(self, ids: Mapping[str, Any], text: str | None = None) -> str:
        """Return the path with these ids; `text` replaces every parameter that takes any text."""

        def value(name: str) -> str:
            fallback = {"uuid": str(UUID(int=1)), "int": "1"}.get(self.converters[name], "a")
            if text is not None and self.converters[name] not in {"uuid", "int"}:
                return text
            return str(ids.get(name, fallback))

        return re.sub(r"\{(\w+)\}", lambda found: value(found[1]), self.template)


def endpoints(
    prefix: str = "/", patterns: list[Any] | None = None, inherited: Mapping[str, str] | None = None
) -> Iterator[Endpoint]:
    """Walk the URL configuration; a path given by a regular expression has its groups as text parameters."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        text = str(entry.pattern)
        converters = dict(inherited or {})
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
