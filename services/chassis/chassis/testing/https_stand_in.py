"""An HTTPS server on the loopback address, in place of a push service or of a chat's webhooks."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ANSWER = (200, dict[str, str]())


@dataclass(frozen=True)
class Request:
    """A request that the server received. Header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class StandIn:
    """What the server answers by path, and what it received."""

    port: int
    # The file of the certificate, which clients have to trust.
    certificate: Path = field(default_factory=Path)
    answers: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    # Sends headers without end, one now and then.
    drips: bool = False

    @property
    def host(self) -> str:
        """Host and port, as in OUTGOING_ALLOWED_HOSTS."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """Return the URL of a path."""
        return f"https://{self.host}{path}"


def write_certificate(folder: Path) -> Path:
    """Write a self-signed certificate for 127.0.0.1, with its key; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "stand-in.pem"
    file.write_bytes(
        certificate.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return file


@contextmanager
def serve(certificate: Path) -> Iterator[StandIn]:
    """Serve HTTPS on a free port of 127.0.0.1."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            stand_in.requests.append(Request(self.path, headers, body))
            if stand_in.drips:
                self._drip()
                return
            status, extra = stand_in.answers.get(self.path, ANSWER)
            self.send_response(status)
            for name, value in {"Content-Length": "0", **extra}.items():
                self.send_header(name, value)
            self.end_headers()

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            try:
                while not ended.wait(0.02):
                    self.wfile.write(b"X-Slow: 1\r\n")
            except OSError:
                return

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    stand_in = StandIn(server.server_address[1], certificate)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stand_in
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
