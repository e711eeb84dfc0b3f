"""Run the mail sink: python -m demo.mail --smtp-port 8025 --http-port 8026 --folder var/mail."""

from __future__ import annotations

import argparse
import asyncio
import signal
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from demo.mail.page import application
from demo.mail.receive import listen
from demo.mail.store import Store


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_port = True  # with the demo, which holds the port


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Do not log requests."""

    def address_string(self) -> str:
        """Do not resolve host names."""
        return str(self.client_address[0])


async def serve(store: Store, host: str, smtp_port: int, http_port: int) -> None:
    """Accept and show mails until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    page = make_server(host, http_port, application(store), _Server, _Quiet)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    mail = await listen(store, host, smtp_port)
    print(f"takes mail on {host}:{smtp_port}", flush=True)
    await stop.wait()
    mail.close()
    page.server_close()


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
