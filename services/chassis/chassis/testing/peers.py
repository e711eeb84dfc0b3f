"""Other services, faked over HTTP for tests: what they list, receive and answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class FakePeers:
    """Internal APIs of other peers. `code` is that of the problem documents of `answer`."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    received: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    token_requests: list[dict[str, str]] = field(default_factory=list)
    answer: int = 204
    token_answer: int = 200
    code: str = "not_found"


def _handler(peers: FakePeers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def body(self) -> Any:
            return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

        def respond(self, status: int, body: Any = None) -> None:
            if status >= 400:
                body = {"code": peers.code} if peers.code else None
            sent = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def do_POST(self) -> None:
            peers.token_requests.append(self.body())
            self.respond(peers.token_answer, {"access_token": "t", "expires_in": 600})

        def do_PUT(self) -> None:
            assert self.headers["Authorization"] == "Bearer t"
            body = self.body()
            if peers.answer == 204:
                peers.received.append((self.path, body))
            self.respond(peers.answer)

        def do_GET(self) -> None:
            assert self.headers["Authorization"] == "Bearer t"
            path, _, after = self.path.removesuffix("?size=100").partition("?size=100&cursor=")
            name = path.removeprefix("/internal/")
            rows = peers.lists[name]
            start = int(after or 0)
            self.respond(
                200,
                {"results": rows[start : start + 2], "next": str(start + 2) if rows[start + 2 :] else None},
            )

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler


@pytest.fixture
def peers(settings: Any) -> Iterator[FakePeers]:
    """Internal APIs of users and study on one port, to which the settings point."""
    fake = FakePeers()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.USERS_URL = settings.STUDY_URL = f"http://127.0.0.1:{server.server_port}"
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()
