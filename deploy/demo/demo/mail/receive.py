"""The SMTP server: it accepts every mail and forwards none."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from aiosmtpd.smtp import SMTP, Envelope, Session

from demo.mail.store import Store

MAX_MAIL_BYTES = 10 * 1024 * 1024


class Sink:
    """Stores received mails."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Store the mail, then acknowledge it."""
        content = envelope.original_content or b""
        self._store.add(envelope.mail_from or "", envelope.rcpt_tos, content, at=datetime.now(UTC))
        return "250 Taken"


async def listen(store: Store, host: str, port: int) -> asyncio.Server:
    """Start the SMTP server."""

    def connection() -> SMTP:
        return SMTP(
            Sink(store),
            hostname="localhost",
            ident="demo",
            enable_SMTPUTF8=True,
            data_size_limit=MAX_MAIL_BYTES,
        )

    return await asyncio.get_running_loop().create_server(connection, host, port, reuse_port=True)
