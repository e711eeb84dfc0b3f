"""Validate a delivery: signature, content type, headers. Pure functions."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from urllib.parse import parse_qs

from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError

# GitHub's own limit.
MAX_BODY_SIZE = 25 * 1024 * 1024

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
_DELIVERY_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_EVENT = re.compile(r"[a-z0-9_]{1,64}")


class NotReadable(DomainError):
    code = "not_readable"
    title = _("The delivery is not what its headers say.")
    status = 400


class TooLarge(DomainError):
    code = "too_large"
    title = _("A delivery is at most 25 MiB.")
    status = 413


class WrongType(DomainError):
    code = "wrong_type"
    title = _("Set the webhook's content type to application/json.")
    status = 415


class NotSigned(DomainError):
    code = "not_signed"
    title = _(
        "The signature in X-Hub-Signature-256 is missing or wrong. Check the webhook's secret on GitHub."
    )
    status = 401


def is_signed(body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Return True if the body is signed with one of the secrets. Constant time."""
    found = _SIGNATURE.fullmatch(signature)
    given = bytes.fromhex(found[1]) if found else b""
    fits = False
    for key in secrets:
        fits |= hmac.compare_digest(hmac.digest(key.encode(), body, hashlib.sha256), given)
    return fits


def validate_headers(event_type: str, delivery_id: str) -> tuple[str, str]:
    """The event's name and the delivery's id. NotReadable unless they look like GitHub's."""
    if not _EVENT.fullmatch(event_type) or not _DELIVERY_ID.fullmatch(delivery_id):
        raise NotReadable
    return event_type, delivery_id


def payload_of(body: bytes, content_type: str) -> str:
    """The JSON of a delivery, sent as such or in a form's field `payload`. NotReadable if there is none."""
    try:
        text = body.decode()
        if content_type == FORM:
            (text,) = parse_qs(text, strict_parsing=True, max_num_fields=8, errors="strict")["payload"]
    except (ValueError, KeyError):
        raise NotReadable from None
    return text
