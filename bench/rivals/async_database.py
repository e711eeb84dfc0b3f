"""The database for hand-written SQL in an asynchronous rival: asyncmy's pool, or one aiosqlite connection."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import aiosqlite
import asyncmy

POOL_SIZE = 5


class Database:
    """Connections that are opened by `connect` and kept."""

    def __init__(self) -> None:
        self.pool: Any = None
        self.connection: aiosqlite.Connection | None = None

    async def connect(self) -> None:
        """Connect to the database that the environment names."""
        if "DATABASE_HOST" not in os.environ:
            self.connection = await aiosqlite.connect(os.environ["DATABASE_PATH"], isolation_level=None)
            return
        self.pool = await asyncmy.create_pool(
            host=os.environ["DATABASE_HOST"],
            port=int(os.environ.get("DATABASE_PORT", "3306")),
            user=os.environ["DATABASE_USER"],
            password=os.environ["DATABASE_PASSWORD"],
            db=os.environ["DATABASE_NAME"],
            charset="utf8mb4",
            autocommit=True,
            init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            minsize=1,
            maxsize=POOL_SIZE,
        )

    async def close(self) -> None:
        """Close every connection."""
        if self.connection:
            await self.connection.close()
        else:
            self.pool.close()
            await self.pool.wait_closed()

    async def rows(self, statement: str, *parameters: Any) -> Sequence[Any]:
        """Return the rows of a statement."""
        if self.connection:
            return list(await self.connection.execute_fetchall(statement.replace("%s", "?"), parameters))
        async with self.pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(statement, parameters)
            found: Sequence[Any] = await cursor.fetchall()
            return found
