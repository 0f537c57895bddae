"""How a cache learns what other connections and other processes have written, before each answer that it gives.

Every write advances `clock.tick` and notes in `changes` what it touched, in its own transaction. Before a cached answer
is used, the cache asks whether the tick has moved, and forgets exactly what was touched since. So an answer is never
older than the moment in which its request arrived: who has seen a write acknowledged, by whichever process, sees it.

* SQLite: `PRAGMA data_version` tells in a few microseconds whether anybody else has committed to the file.
* PostgreSQL: one small query. Requests that wait for it share it: all that arrive while one is under way share the next
  one, so that under load its cost is divided among them (the "read index" of replicated logs).
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Final, Protocol

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import AsyncConnection

    from tallystick.api.registry.store import Store

__all__ = ["Freshness", "Unknown", "freshness_of"]

Forget = "Callable[[int, set[str] | None], None]"
_TICK: Final = "SELECT tick FROM clock"
_CHANGES: Final = "SELECT key FROM changes WHERE tick > {} AND tick <= {}"
_OLDEST: Final = "SELECT min(tick) FROM changes"
# Beyond this many writes behind, everything is forgotten: their notes may be gone.
_FAR: Final = 5_000


class Unknown(Exception):  # noqa: N818 - not a failure of the request: it is answered without the cache
    """It cannot be said whether a cached answer still holds."""


class Freshness(Protocol):
    """Tells a cache what it must forget."""

    async def catch_up(self) -> None:
        """Return when everything written before this call is forgotten.

        Raises:
            Unknown: The database does not answer.
        """

    async def close(self) -> None:
        """Let go of the connection."""


def freshness_of(store: Store, forget: Callable[[int, set[str] | None], None]) -> Freshness:
    """The freshness for a store.

    Args:
        store: The store.
        forget: Called with a tick and the keys of what changed up to it; None for everything.
    """
    if store.dialect == "sqlite":
        return _Sqlite(sa.make_url(store.url).database or ":memory:", forget)
    return _Postgresql(store.url, forget)


class _Sqlite:
    def __init__(self, path: str, forget: Callable[[int, set[str] | None], None]) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._look = self._connection.cursor().execute
        self._forget = forget
        self._data_version = -1
        self._tick = -1

    async def catch_up(self) -> None:
        try:
            (version,) = self._look("PRAGMA data_version").fetchone()
            if version != self._data_version:
                self._read_changes()
                # Noted before the changes were read: a commit in between is seen next time.
                self._data_version = version
        except sqlite3.Error as error:
            raise Unknown from error

    async def close(self) -> None:
        self._connection.close()

    def _read_changes(self) -> None:
        (tick,) = self._look(_TICK).fetchone()
        if self._tick < 0 or tick - self._tick > _FAR:
            self._forget(tick, None)
        elif tick > self._tick:
            rows = self._look(_CHANGES.format("?", "?"), (self._tick, tick)).fetchall()
            self._forget(tick, {key for (key,) in rows})
        self._tick = tick


class _Postgresql:
    def __init__(self, url: str, forget: Callable[[int, set[str] | None], None]) -> None:
        self._dsn = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._forget = forget
        self._connection: AsyncConnection | None = None
        self._tick = -1
        self._running: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    async def catch_up(self) -> None:
        # A query that is under way may have looked before this request came; only the next one will do.
        if self._next is None:
            self._next = asyncio.ensure_future(self._after(self._running))
        await asyncio.shield(self._next)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _after(self, running: asyncio.Task[None] | None) -> None:
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        await self._ask()

    async def _ask(self) -> None:
        import psycopg

        try:
            if self._connection is None or self._connection.closed:
                self._connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
                self._tick = -1
            await self._read_changes(self._connection)
        except (psycopg.Error, OSError) as error:
            self._connection = None
            raise Unknown from error

    async def _read_changes(self, connection: AsyncConnection) -> None:
        row = await (await connection.execute(_TICK)).fetchone()
        tick: int = row[0] if row else 0
        if self._tick < 0 or tick - self._tick > _FAR:
            self._forget(tick, None)
        elif tick > self._tick:
            rows = await (await connection.execute(_CHANGES.format("%s", "%s"), (self._tick, tick))).fetchall()
            self._forget(tick, {key for (key,) in rows})
        self._tick = tick
