"""A mail server that counts mails, with a limited rate."""

from __future__ import annotations

import asyncio
import email
import time
from collections import Counter
from email.policy import default as modern
from typing import Any

from aiosmtpd.controller import Controller
from kill.processes import free_port


class MailServer:
    """`rate` is the number of mails per second; None is unlimited."""

    def __init__(self, rate: float | None = None) -> None:
        self.rate = rate
        self.port = free_port()
        # Copies, first arrival and recipient of each mail, by Message-ID.
        self.copies: Counter[str] = Counter()
        self.first_seen: dict[str, float] = {}
        self.recipient: dict[str, str] = {}
        self._controller: Controller | None = None
        self._next = 0.0

    def start(self) -> None:
        """Start the server."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Stop the server; keep the counts."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Count a mail."""
        if self.rate:
            now = time.monotonic()
            self._next = max(now, self._next + 1 / self.rate)
            await asyncio.sleep(self._next - now)
        mail = email.message_from_bytes(envelope.content, policy=modern)
        key = str(mail["Message-ID"])
        self.copies[key] += 1
        self.first_seen.setdefault(key, time.monotonic())
        self.recipient[key] = envelope.rcpt_tos[0]
        return "250 taken"

    @property
    def is_running(self) -> bool:
        """True if it accepts connections."""
        return self._controller is not None

    def to(self, *addresses: str) -> int:
        """Return the number of different mails to these addresses."""
        wanted = set(addresses)
        return sum(recipient in wanted for recipient in list(self.recipient.values()))

    @property
    def duplicates(self) -> list[str]:
        """The mails that arrived more than once."""
        return [key for key, count in self.copies.items() if count > 1]
