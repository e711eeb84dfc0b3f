"""Ports and addresses of this machine."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from contextlib import suppress
from pathlib import Path

_LISTENING = "0A"
_SIOCGIFADDR = 0x8915


def is_free(port: int, address: str = "127.0.0.1") -> bool:
    """Return True if a server could listen there now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: closed connections of an earlier run do not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def has_ipv6_loopback() -> bool:
    """Return True if ::1 exists; browsers try it first for "localhost"."""
    return is_free(0, "::1")


def choose_port(wanted: int, taken: set[int]) -> int:
    """Return the wanted loopback port if it is free, else any other; add it to `taken`."""
    port = wanted
    if wanted > 65535 or wanted in taken or not is_free(wanted):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    taken.add(port)
    return port


def port_owner(port: int) -> str:
    """Return the process that listens on a port, such as "python3 run.py (pid 4711)"; "" if unknown."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(str(fd.readlink()) in sockets for fd in (process / "fd").iterdir()):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                return f"{command.strip()[:80]} (pid {process.name})"
    return ""


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                columns = line.split()
                if columns[3] == _LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                    inodes.add(columns[9])
    return inodes


def addresses() -> list[str]:
    """Return this machine's external IPv4 addresses, the most likely first."""
    found = [address for _, name in socket.if_nameindex() if (address := _address(name))]
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Connecting a datagram socket sends nothing; it selects the outgoing interface.
        probe.connect(("192.0.2.1", 9))
        found.insert(0, probe.getsockname()[0])
    return [address for address in dict.fromkeys(found) if not ipaddress.ip_address(address).is_loopback]


def _address(interface: str) -> str:
    request = struct.pack("256s", interface.encode()[:15])
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        return socket.inet_ntoa(fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, request)[20:24])
    return ""
