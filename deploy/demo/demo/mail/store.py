"""Storage of the newest mails, one file each, so that they survive a restart."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

MAX_MAILS = 300
# A longer body is cut when it is shown; the file has all of it.
MAX_BODY_CHARS = 256 * 1024
_RECEIVED, _FROM, _TO = "X-Demo-Received", "X-Demo-From", "X-Demo-To"


@dataclass(frozen=True)
class Mail:
    """A received mail. `to` are the envelope recipients."""

    id: str
    received_at: datetime
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]


class Store:
    """The newest mails. Thread-safe."""

    def __init__(self, folder: Path, *, max_mails: int = MAX_MAILS) -> None:
        self._folder = folder
        self._max_mails = max_mails
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        folder.mkdir(parents=True, exist_ok=True)
        files = sorted(folder.glob("*.eml"))
        for file in files[:-max_mails]:
            file.unlink()
        self._mails = deque(read(file) for file in files[-max_mails:])

    def add(self, sender: str, to: list[str], content: bytes, *, at: datetime) -> Mail:
        """Add a mail; delete the oldest if there are too many."""
        envelope = f"{_RECEIVED}: {at.isoformat()}\r\n{_FROM}: {sender}\r\n{_TO}: {', '.join(to)}\r\n"
        with self._lock:
            file = self._folder / f"{at:%Y%m%dT%H%M%S%f}-{next(self._numbers):06d}.eml"
            file.write_bytes(envelope.encode() + content)
            mail = read(file)
            self._mails.append(mail)
            while len(self._mails) > self._max_mails:
                oldest = self._mails.popleft()
                (self._folder / f"{oldest.id}.eml").unlink(missing_ok=True)
        return mail

    def newest_first(self, to: str = "") -> list[Mail]:
        """Return all mails, or only those addressed to `to`."""
        with self._lock:
            mails = list(reversed(self._mails))
        return [mail for mail in mails if not to or to.casefold() in map(str.casefold, mail.to)]

    def get(self, mail_id: str) -> Mail | None:
        """Return a mail by its id, or None."""
        return next((mail for mail in self.newest_first() if mail.id == mail_id), None)


def read(file: Path) -> Mail:
    """Read a mail from a file; replace what cannot be decoded."""
    message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    return Mail(
        id=file.stem,
        received_at=datetime.fromisoformat(_header(message, _RECEIVED) or datetime.now(UTC).isoformat()),
        sender=_header(message, _FROM),
        to=tuple(address.strip() for address in _header(message, _TO).split(",") if address.strip()),
        subject=_header(message, "Subject"),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        headers=tuple(
            (name, _header_value(lambda value=value: str(value)))  # type: ignore[misc]
            for name, value in message.items()
            if name not in {_RECEIVED, _FROM, _TO}
        ),
    )


def _header(message: EmailMessage, name: str) -> str:
    return _header_value(lambda: str(message.get(name, "")))


def _header_value(value: Callable[[], str]) -> str:
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
