"""How each database is spoken to: the settings of its connections, and how a transaction begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError

from tallystick.api.registry._prepared import driver_of
from tallystick.api.registry.faults import DatabaseUnknownError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

__all__ = ["create_engine"]

_BUSY_MS: Final = 5_000
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={_BUSY_MS}",
    "PRAGMA cache_size=-32000",
)
# Last in, first out: few connections with warm caches rather than many with cold ones.
_POOL: Final = {"pool_size": 16, "max_overflow": 16, "pool_timeout": _BUSY_MS / 1000, "pool_use_lifo": True}


def create_engine(url: str) -> Engine:
    """Make the engine for an address, by its dialect."""
    try:
        dialect = sa.make_url(url).get_dialect().name
    except ArgumentError:
        raise DatabaseUnknownError(url) from None
    if dialect not in _MAKERS or (dialect == "sqlite" and sa.make_url(url).database in {None, "", ":memory:"}):
        raise DatabaseUnknownError(url)
    return _MAKERS[dialect](url)


def _sqlite(url: str) -> Engine:
    engine = sa.create_engine(url, **_POOL, connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
        # The driver begins transactions on its own and too late; we begin them ourselves.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        driver_of(connection).execute("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    engine = sa.create_engine(
        url,
        **_POOL,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "options": f"-c lock_timeout={_BUSY_MS}"},
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A read is one snapshot; a write takes the clock's row first and must then see what others committed.
        if not connection.get_execution_options().get("writing", False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    return engine


_MAKERS: Final = {"sqlite": _sqlite, "postgresql": _postgresql}
