"""Parse GitHub's webhook payloads and API responses."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.github.rules.deliveries import NotReadable
from study.github.rules.payloads import (
    CheckRunEvent,
    CheckSuiteEvent,
    Delivery,
    GitHubEvent,
    PingEvent,
    PullRequestEvent,
    RepositoryEvent,
    ReviewEvent,
)

T = TypeVar("T")
_EVENTS: dict[str, type[GitHubEvent]] = {
    "pull_request": PullRequestEvent,
    "pull_request_review": ReviewEvent,
    "check_suite": CheckSuiteEvent,
    "check_run": CheckRunEvent,
    "repository": RepositoryEvent,
    "ping": PingEvent,
}
# Of these events, the actions that are used.
_ACTIONS = {
    "check_suite": {"completed"},
    "check_run": {"completed"},
    "repository": {"created", "renamed", "transferred", "deleted", "privatized", "publicized"},
}


class BadPayload(DomainError):
    code = "bad_payload"
    title = _("This is not what GitHub sends: %(place)s.")
    status = 422


def parse_event(event_type: str, text: str) -> tuple[str, GitHubEvent | None]:
    """Return the action of a delivery ("" if it has none) and its event, None if it is not used.

    Raises NotReadable and BadPayload.
    """
    payload = _load(text)
    action = _convert(payload, Delivery).action
    event_class = _EVENTS.get(event_type)
    if event_class is None or action not in _ACTIONS.get(event_type, {action}):
        return action, None
    event = _convert(payload, event_class)
    if isinstance(event, ReviewEvent) and not event.review.is_submitted:
        return action, None
    return action, event


def parse_response(text: bytes, kind: type[T]) -> T:
    """Return an API response as that type. Raises NotReadable and BadPayload."""
    return _convert(_load(text), kind)


def _load(text: str | bytes) -> Any:
    try:
        return json.loads(text, object_hook=_drop_nulls, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        raise NotReadable from None


def _drop_nulls(value: dict[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in value.items() if item is not None}


def _reject_constant(word: str) -> NoReturn:
    raise ValueError(word)


def _convert(value: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    # A name of a field may contain half a surrogate pair.
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise BadPayload(place=_place(str(error))) from None


def _place(message: str) -> str:
    """Return the path of the field that an error of msgspec names."""
    path = re.search(r" - at `\$(.*)`$", message)
    missing = re.match(r"(?:Object missing required|Invalid) field `(\w+)`", message)
    return f"payload{path[1] if path else ''}{f'.{missing[1]}' if missing else ''}"
