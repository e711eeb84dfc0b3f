"""An HTTP server on this machine for tests, as another system's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """A request that the server receives. `token` is that of the Authorization header."""

    method: str
    path: str
    query: Mapping[str, str]
    token: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


# Status, headers and body; None for a connection that breaks before the answer.
Response = tuple[int, Mapping[str, str], bytes] | None


@contextmanager
def serving(respond: Callable[[Request], Response]) -> Iterator[str]:
    """Serve a function on a free port; yield the URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(respond))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _handler(respond: Callable[[Request], Response]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_request(self) -> None:
            parts = urlsplit(self.path)
            answer = respond(
                Request(
                    method=self.command,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query)),
                    token=self.headers.get("Authorization", "").partition(" ")[2],
                    body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
                    headers=dict(self.headers),
                )
            )
            if answer is None:
                self.close_connection = True
                return
            status, headers, body = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = handle_request  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
