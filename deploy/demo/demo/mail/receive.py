"""The SMTP side: everything is taken, nothing is passed on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from aiosmtpd.smtp import SMTP, Envelope, Session

from demo.mail.store import Store

MAX_MAIL_BYTES = 10 * 1024 * 1024


class Sink:
    """Hands what arrives to the store, then says that it was taken."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the mail before it is acknowledged."""
        content = envelope.original_content or b""
        self._store.add(envelope.mail_from or "", envelope.rcpt_tos, content, at=datetime.now(UTC))
        return "250 Taken"


async def listen(store: Store, host: str, port: int) -> asyncio.Server:
    """A mail server at that address."""

    def connection() -> SMTP:
        return SMTP(
            Sink(store),
            hostname="localhost",
            ident="demo",
            enable_SMTPUTF8=True,
            data_size_limit=MAX_MAIL_BYTES,
        )

    return await asyncio.get_running_loop().create_server(connection, host, port)
