"""Storage of the newest mails, one file each, so that they survive a restart."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import lru_cache
from pathlib import Path
from typing import Any

MAX_MAILS = 300
# A longer body is cut when it is shown; the file has all of it.
MAX_BODY_CHARS = 256 * 1024
_RECEIVED, _FROM, _TO = "X-Demo-Received", "X-Demo-From", "X-Demo-To"

# id, received_at, from, to (the envelope's), subject, text, html, headers.
Mail = dict[str, Any]


class Store:
    """The newest mails. Thread-safe."""

    def __init__(self, folder: Path, *, max_mails: int = MAX_MAILS) -> None:
        self._folder, self._max_mails = folder, max_mails
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        folder.mkdir(parents=True, exist_ok=True)
        self._delete_oldest()

    def add(self, sender: str, to: list[str], content: bytes, *, at: datetime) -> None:
        """Add a mail; delete the oldest if there are too many."""
        envelope = f"{_RECEIVED}: {at.isoformat()}\r\n{_FROM}: {sender}\r\n{_TO}: {', '.join(to)}\r\n"
        with self._lock:
            file = self._folder / f"{at:%Y%m%dT%H%M%S%f}-{next(self._numbers):06d}.eml"
            file.write_bytes(envelope.encode() + content)
            self._delete_oldest()

    def newest_first(self, to: str = "") -> list[Mail]:
        """Return all mails, or only those addressed to `to`."""
        with self._lock:
            mails = [read(file) for file in sorted(self._folder.glob("*.eml"), reverse=True)]
        return [mail for mail in mails if not to or to.casefold() in map(str.casefold, mail["to"])]

    def get(self, mail_id: str) -> Mail | None:
        """Return a mail by its id, or None."""
        return next((mail for mail in self.newest_first() if mail["id"] == mail_id), None)

    def _delete_oldest(self) -> None:
        for file in sorted(self._folder.glob("*.eml"))[: -self._max_mails]:
            file.unlink()


@lru_cache(2 * MAX_MAILS)
def read(file: Path) -> Mail:
    """Read a mail from a file; replace what cannot be decoded."""
    message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    headers = {name: _header(lambda value=value: str(value)) for name, value in message.items()}  # type: ignore[misc]
    return {
        "id": file.stem,
        "received_at": headers.pop(_RECEIVED, datetime.now(UTC).isoformat()),
        "from": headers.pop(_FROM, ""),
        "to": [address.strip() for address in headers.pop(_TO, "").split(",") if address.strip()],
        "subject": _header(lambda: str(message.get("Subject", ""))),
        "text": _body(message, "plain"),
        "html": _body(message, "html"),
        "headers": headers,
    }


def _header(value: Callable[[], str]) -> str:
    """Return a decoded header. The standard library's parser raises for some malformed ones."""
    try:
        return " ".join(value().split())
    except (ValueError, IndexError, AttributeError, LookupError):
        return "(unreadable)"


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        content = part.get_content()
    except LookupError:  # an unknown charset
        payload = part.get_payload(decode=True)
        content = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)
    return str(content).replace("\r\n", "\n")[:MAX_BODY_CHARS]
