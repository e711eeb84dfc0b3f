"""Django's SMTP backend with limits on whole exchanges: a slow mail server must not hold a worker."""

from __future__ import annotations

import io
import smtplib
import time
from typing import Any

from django.core.mail.backends import smtp

# Together with what a task sends before, less than a task may take: 20 s.
OPEN_SECONDS = 5.0
# The last answer of a server may wait for its spam filter.
MESSAGE_SECONDS = 10.0
CLOSE_SECONDS = 1.0
# After a server did not take a connection, this process does not ask again for so long.
COOLDOWN_SECONDS = 30.0


class _CircuitBreaker:
    open_until = float("-inf")


class _Limits:
    """Of smtplib's classes: every answer must come before `deadline`, however slowly it trickles in."""

    sock: Any
    file: Any
    deadline = 0.0

    def __init__(self, *args: Any, **options: Any) -> None:
        self.deadline = time.monotonic() + OPEN_SECONDS
        super().__init__(*args, **options)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = io.BufferedReader(_Answers(self))
        return super().getreply()  # type: ignore[misc, no-any-return]

    def send(self, s: Any) -> None:
        # Without a socket smtplib says itself what is wrong.
        if self.sock is not None:
            self.limit()
        super().send(s)  # type: ignore[misc]

    def limit(self) -> None:
        """Let the next call of the socket end at the deadline."""
        self.sock.settimeout(max(0.001, self.deadline - time.monotonic()))


class _Answers(io.RawIOBase):
    """What the server says. The reader of a socket's own limits each read, of which a line may need many."""

    def __init__(self, connection: _Limits) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.limit()
        return int(self._connection.sock.recv_into(buffer))


class _SMTP(_Limits, smtplib.SMTP):
    pass


class _SMTPS(_Limits, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """One connection from open() to close(). Errors are smtplib's or OSError.

    While a server is away each process tries to connect once in COOLDOWN_SECONDS; open() fails at once
    in between.
    """

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Smtplib's class, with limits."""
        return _SMTPS if self.use_ssl else _SMTP

    def open(self) -> bool | None:
        """Connect unless connected."""
        if self.connection is None and time.monotonic() < _CircuitBreaker.open_until:
            raise ConnectionError("the mail server did not answer a moment ago")
        try:
            return super().open()
        except OSError:
            _CircuitBreaker.open_until = time.monotonic() + COOLDOWN_SECONDS
            raise

    def close(self) -> None:
        """Say goodbye, but do not wait long for the answer."""
        self._limit(CLOSE_SECONDS)
        super().close()

    def _send(self, email_message: Any) -> bool:
        self._limit(MESSAGE_SECONDS)
        return bool(super()._send(email_message))  # type: ignore[misc]  # the stubs leave it out

    def _limit(self, seconds: float) -> None:
        connection: Any = self.connection
        if connection is not None:
            connection.deadline = time.monotonic() + seconds
