"""A TCP proxy that can delay or drop data."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

CHUNK = 65536


@dataclass
class _Pair:
    """A client connection and its server connection."""

    client: socket.socket
    server: socket.socket
    is_dead: bool = False

    def close(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Proxy:
    """Forwards 127.0.0.1:port to the target. `delay` is in seconds, for each way.

    After black_hole(), open connections stay silent for ever, as after a failover.
    """

    def __init__(self, host: str, port: int) -> None:
        self.delay = 0.0
        self._target = (host, port)
        self._is_hole = False
        self._lock = threading.Lock()
        self._pairs: list[_Pair] = []
        self._silent: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True, name=f"proxy-{port}").start()

    def black_hole(self) -> None:
        """Drop all data, without closing connections."""
        with self._lock:
            self._is_hole = True
            for pair in self._pairs:
                pair.is_dead = True

    def heal(self) -> None:
        """Forward new connections again. Old ones are closed on the server's side only."""
        with self._lock:
            self._is_hole = False
            for pair in self._pairs:
                if pair.is_dead:
                    with suppress(OSError):
                        pair.server.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End every connection."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            for pair in self._pairs:
                pair.close()
            for client in self._silent:
                client.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                if self._is_hole:
                    self._silent.append(client)
                    continue
            try:
                pair = _Pair(client, socket.create_connection(self._target))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._pairs.append(pair)
            for source, target in ((pair.client, pair.server), (pair.server, pair.client)):
                threading.Thread(target=self._copy, args=(pair, source, target), daemon=True).start()

    def _copy(self, pair: _Pair, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                time.sleep(self.delay)
                if not pair.is_dead:
                    target.sendall(data)
        if pair.is_dead and source is pair.server:
            return  # the client's side stays open
        pair.close()
        with self._lock, suppress(ValueError):
            self._pairs.remove(pair)
