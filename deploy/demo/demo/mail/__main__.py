"""Run the mail sink: python -m demo.mail --smtp-port 8025 --http-port 8026 --folder var/mail."""

from __future__ import annotations

import argparse
import asyncio
import signal
import threading
from datetime import UTC, datetime
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from demo.mail.page import Page
from demo.mail.store import Store

MAX_MAIL_BYTES = 10 * 1024 * 1024


class Sink:
    """Accepts every mail and forwards none."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Store the mail, then acknowledge it."""
        content = envelope.original_content or b""
        self._store.add(envelope.mail_from or "", envelope.rcpt_tos, content, at=datetime.now(UTC))
        return "250 Taken"


class PageServer(ThreadingHTTPServer):
    """Shares its port with the demo, which holds it."""

    allow_reuse_port = True


async def serve(store: Store, host: str, smtp_port: int, http_port: int) -> None:
    """Accept and show mails until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    sink = partial(SMTP, Sink(store), hostname="localhost", ident="demo", data_size_limit=MAX_MAIL_BYTES)
    with PageServer((host, http_port), partial(Page, store)) as page:
        threading.Thread(target=page.serve_forever, daemon=True).start()
        mail = await loop.create_server(partial(sink, enable_SMTPUTF8=True), host, smtp_port, reuse_port=True)
        print(f"takes mail on {host}:{smtp_port}", flush=True)
        await stop.wait()
        mail.close()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Take every mail, deliver none, show them all.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    chosen = parser.parse_args()
    asyncio.run(serve(Store(chosen.folder), chosen.host, chosen.smtp_port, chosen.http_port))


if __name__ == "__main__":
    main()
