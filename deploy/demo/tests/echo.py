"""A service that echoes its requests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar


class Echo(BaseHTTPRequestHandler):
    """Answers any method with the request as JSON, and with the headers of a real service."""

    protocol_version = "HTTP/1.1"
    service = ""
    died: ClassVar[set[str]] = set()

    def answer(self) -> None:
        if "/dies-once/" in self.path and self.path not in self.died:
            self.died.add(self.path)
            self.close_connection = True
            return
        if self.path.endswith("/server-says"):
            # As gunicorn answers without calling the application.
            status = int(self.headers["X-Status"])
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(status)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"bare")
            return
        request = {
            "service": self.service,
            "path": self.path,
            "method": self.command,
            "size": self._size_of_body(),
            "headers": {name.lower(): value for name, value in self.headers.items()},
        }
        body = json.dumps(request).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.send_header("Referrer-Policy", "same-origin")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _size_of_body(self) -> int:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return len(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        size = 0
        while length := int(self.rfile.readline() or b"0", 16):
            size += len(self.rfile.read(length))
            self.rfile.readline()
        self.rfile.readline()
        return size

    def handle(self) -> None:
        """Ignore clients that disconnect."""
        try:
            super().handle()
        except (ConnectionError, ValueError):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Do not log requests."""


for _method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
    setattr(Echo, f"do_{_method}", Echo.answer)


@dataclass
class Response:
    """An HTTP response."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header_values(self, name: str) -> list[str]:
        """Return the values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def request(self) -> dict[str, Any]:
        """The echoed request."""
        request: dict[str, Any] = json.loads(self.body)
        return request
