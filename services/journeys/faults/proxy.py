"""A TCP proxy that can delay or drop what passes through it, as a network does."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

CHUNK = 65536


class Proxy:
    """Forwards 127.0.0.1:port to the target. Change `delay`, or call black_hole() and heal(), at any time."""

    def __init__(self, host: str, port: int) -> None:
        self.delay = 0.0
        self._target = (host, port)
        self._loop = asyncio.new_event_loop()
        self._healed = asyncio.Event()
        self._healed.set()
        self._open: set[asyncio.Task[None]] = set()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name=f"proxy-{port}")
        self._thread.start()

    def black_hole(self) -> None:
        """Drop every packet: nobody is refused, nobody gets an answer, nobody is told of an end."""
        self._loop.call_soon_threadsafe(self._drop)

    def heal(self) -> None:
        """Forward again. Connections that were open in between stay dead, as after a failover."""
        self._loop.call_soon_threadsafe(self._healed.set)

    def close(self) -> None:
        """Stop forwarding."""
        self._loop.call_soon_threadsafe(self._loop.create_task, self._end())
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._loop.stop()

    def _drop(self) -> None:
        self._healed.clear()
        # Both ends stay open, and nobody reads: what is cancelled here only stops copying.
        for task in self._open:
            task.cancel()

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        # Cancelled only at the end of the proxy, of which nobody has to be told.
        with suppress(OSError, asyncio.CancelledError):
            await self._forward(client, to_client)
        to_client.close()

    async def _forward(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        if not self._healed.is_set():
            await self._forever(to_client)
            return
        try:
            server, to_server = await asyncio.open_connection(*self._target)
        except OSError:
            return
        copies = [
            asyncio.ensure_future(self._copy(client, to_server)),
            asyncio.ensure_future(self._copy(server, to_client)),
        ]
        self._open.update(copies)
        try:
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
            if not self._healed.is_set():
                # The server learns of the end once packets pass again; the client never does.
                await self._healed.wait()
                to_server.transport.abort()
                await self._forever(to_client)
        finally:
            self._open.difference_update(copies)
            for copy in copies:
                copy.cancel()
            to_server.close()

    async def _forever(self, writer: asyncio.StreamWriter) -> None:
        # Holds the connection open until its client gives it up.
        with suppress(OSError):
            await writer.wait_closed()

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                target.write(data)
                await target.drain()
