"""Ports and addresses of this machine."""

from __future__ import annotations

import fcntl
import ipaddress
import os
import socket
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from demo.checks import StartError

_EVERYWHERE = {"0.0.0.0", "::", "*"}  # noqa: S104 - compared only


@dataclass(frozen=True)
class GatewayAddress:
    """The gateway's port, bind addresses, host names and public URL."""

    port: int
    bind: tuple[str, ...]
    hosts: tuple[str, ...]
    public_url: str


def is_free(port: int, address: str = "127.0.0.1") -> bool:
    """Return True if a server could listen there now."""
    with socket.socket(_family(address)) as probe:
        # As servers do: closed connections of an earlier run do not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def reserve_port(port: int = 0, address: str = "127.0.0.1") -> socket.socket:
    """Return a socket that holds a port, by default a free one, until it is closed.

    A server that sets SO_REUSEPORT can listen on the port meanwhile; any other program cannot take it, and
    the kernel gives it to nobody who asks for a free one.
    """
    held = socket.socket(_family(address))
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind((address, port))
    return held


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def port_owner(port: int) -> str:
    """Return the process that listens on a port, such as "python3 run.py (pid 4711)"; "" if unknown."""
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            listening = connection.status == psutil.CONN_LISTEN and connection.laddr
            if listening and listening.port == port and connection.pid:
                command = " ".join(psutil.Process(connection.pid).cmdline())
                return f"{command[:80]} (pid {connection.pid})"
    return ""


def addresses() -> list[str]:
    """Return this machine's external IPv4 addresses, the most likely first."""
    interfaces = psutil.net_if_addrs().values()
    found = [entry.address for entries in interfaces for entry in entries if entry.family is socket.AF_INET]
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Connecting a datagram socket sends nothing; it selects the outgoing interface.
        probe.connect(("192.0.2.1", 9))
        found.insert(0, probe.getsockname()[0])
    return [address for address in dict.fromkeys(found) if not ipaddress.ip_address(address).is_loopback]


def gateway_address(environment: Mapping[str, str]) -> GatewayAddress:
    """Return the gateway's address from PORT, BIND and PUBLIC_URL. Raise StartError if one is invalid."""
    text = environment.get("PORT", "") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise StartError(f"PORT must be a number from 1 to 65535, not {text!r}.\nRun: PORT=8010 make demo")
    port, bind = int(text), environment.get("BIND", "") or "localhost"
    hosts = ["localhost", "127.0.0.1"]
    if bind in {"localhost", "127.0.0.1", "::1"}:
        binds, own = ["127.0.0.1", *(["[::1]"] if is_free(0, "::1") else [])], "localhost"
    else:
        outer = addresses() if bind in _EVERYWHERE else [bind]
        binds, own = [bind], outer[0] if outer else "localhost"
        hosts += [*outer, os.uname().nodename]
    public_url = (environment.get("PUBLIC_URL", "") or f"http://{own}:{port}").rstrip("/")
    parts = urlsplit(public_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise StartError(f"PUBLIC_URL must look like http://192.168.0.7:8000, not {public_url!r}.")
    return GatewayAddress(port, tuple(binds), tuple(dict.fromkeys([*hosts, parts.hostname])), public_url)


def reserve_gateway_port(gateway: GatewayAddress) -> list[socket.socket]:
    """Return sockets that hold the gateway's port. Raise StartError if another program uses it."""
    addresses = [address.strip("[]") for address in gateway.bind]
    # The demo and Caddy share ports: of two demos that start at once, the second must see the first.
    with Path(tempfile.gettempdir(), f"seodang-demo-{os.getuid()}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if all(is_free(gateway.port, address) for address in addresses):
            return [reserve_port(gateway.port, address) for address in addresses]
    who = port_owner(gateway.port)
    other = gateway.port + 10 if gateway.port < 65000 else 8010
    raise StartError(
        f"Port {gateway.port} is taken{f' by {who}' if who else ''}.\n"
        f"Stop that, or take another port: PORT={other} make demo"
    )
