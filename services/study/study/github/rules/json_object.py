"""Typed access to untrusted JSON: an unexpected type raises BadPayload with its path."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError

_SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_REPOSITORY = re.compile(r"[a-z0-9][a-z0-9_.-]*/[a-z0-9_.-]+")
# NUL, which databases refuse, and halves of a surrogate pair, which are no text at all.
_INVALID_TEXT = re.compile("[\x00\ud800-\udfff]")
_MAX_ID = 2**63 - 1


class BadPayload(DomainError):
    """What came is not what GitHub sends."""

    code = "bad_payload"
    title = _("This is not what GitHub sends: %(place)s.")
    status = 422


class JsonObject:
    """An object in a JSON document, with its path."""

    def __init__(self, value: Any, place: str = "payload") -> None:
        if not isinstance(value, dict):
            raise BadPayload(place=place)
        self._value = value
        self._place = place

    def invalid(self, name: str) -> BadPayload:
        """Return the error that names that field."""
        return BadPayload(place=f"{self._place}.{name}")

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._value.get(name) is not None

    def child(self, name: str) -> JsonObject:
        """The object under that name."""
        return JsonObject(self._value.get(name), f"{self._place}.{name}")

    def optional_child(self, name: str) -> JsonObject | None:
        """The object under that name, None if it is null or absent."""
        return self.child(name) if self.has(name) else None

    def children(self, name: str) -> list[JsonObject]:
        """The objects of a list; none if it is null or absent."""
        found = self._value.get(name)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self.invalid(name)
        return [JsonObject(item, f"{self._place}.{name}[{index}]") for index, item in enumerate(found)]

    def text(self, name: str, max_length: int, default: str | None = None) -> str:
        """Text, cut at `longest` characters."""
        found = self._value.get(name)
        if found is None and default is not None:
            return default
        if not isinstance(found, str) or _INVALID_TEXT.search(found):
            raise self.invalid(name)
        return found[:max_length]

    def number(self, name: str, default: int | None = None, maximum: int = _MAX_ID) -> int:
        """A whole number, 0 or more."""
        found = self._value.get(name)
        if found is None and default is not None:
            return default
        if type(found) is not int or not 0 <= found <= maximum:
            raise self.invalid(name)
        return found

    def boolean(self, name: str) -> bool | None:
        """True or false, None if it is null or absent."""
        found = self._value.get(name)
        if found is not None and not isinstance(found, bool):
            raise self.invalid(name)
        return found

    def sha(self, name: str, default: str | None = None) -> str:
        """A commit's hash."""
        found = self.text(name, 64, default)
        if found != default and not _SHA.fullmatch(found):
            raise self.invalid(name)
        return found

    def repository(self, name: str, default: str | None = None) -> str:
        """A repository's "owner/name", in lower case."""
        found = self.text(name, 141, default).lower()
        if found != default and (len(found) > 140 or not _REPOSITORY.fullmatch(found)):
            raise self.invalid(name)
        return found

    def timestamp(self, name: str) -> datetime:
        """An instant with its offset."""
        found = self.optional_timestamp(name)
        if found is None:
            raise self.invalid(name)
        return found

    def optional_timestamp(self, name: str) -> datetime | None:
        """An instant with its offset, None if it is null or absent."""
        if not self.has(name):
            return None
        try:
            found = parse_datetime(self.text(name, 40))
        except ValueError:
            raise self.invalid(name) from None
        if found is None or found.tzinfo is None or not 1970 < found.year < 9999:
            raise self.invalid(name)
        return found
