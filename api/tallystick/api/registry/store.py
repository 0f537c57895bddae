"""Where the registry lives: one SQLite file, or one PostgreSQL that several processes share.

A write is one transaction, or a part of one that several writes share which were waiting at the same time: each is
answered after the commit, and one that fails is undone alone. On SQLite it begins by taking the database's write lock
(BEGIN IMMEDIATE), on PostgreSQL by advancing the one row of `clock`; either way writes happen one after the other, and
each sees all that went before. A read is one snapshot.

SQLite runs with a write-ahead log and `synchronous=FULL`: an acknowledged write survives the death of the process and
the loss of power. (`NORMAL` would survive `kill -9` as well, since the log is in the kernel's hands by then, but not
the loss of power. A disk that takes its time makes for larger groups, not for fewer writes.)
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tallystick.api.registry._engine import create_engine
from tallystick.api.registry._prepared import driver_of
from tallystick.api.registry.errors import StoreBusyError, StoreFullError
from tallystick.api.registry.faults import DatabaseTooNewError, DatabaseUnusableError
from tallystick.api.registry.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from alembic.config import Config
    from sqlalchemy.engine import Connection

__all__ = ["HEAD", "Outcome", "Store"]

# The newest migration. Comparing it with the database's own note avoids loading Alembic on every start.
HEAD: Final = "0001"
_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_FAULTS: Final = {
    StoreFullError: ("is full", "disk full", "no space left", "readonly", "read-only"),
    StoreBusyError: ("lock", "busy", "connection", "terminat", "shutting down", "starting up", "queuepool"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a write among others: its result, or why it was undone."""

    result: Any = None
    error: Exception | None = None


class Store:
    """The database, opened and migrated.

    Args:
        url: An SQLAlchemy address: `sqlite:///FILE` or `postgresql+psycopg://...`.

    Attributes:
        dialect: `sqlite` or `postgresql`.
        lost: The errors that leave a transaction in doubt, as SQLAlchemy and as the driver say them.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(url)
        self.dialect = self._engine.dialect.name
        self._driver = self._engine.dialect.loaded_dbapi
        self.lost = (OperationalError, PoolTimeoutError, self._driver.OperationalError)
        # SQLite's own waiting is polling; a lock among our threads is fair and wakes at once.
        self._writers = threading.Lock()
        self._migrate()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent look at everything."""
        with self._told(), self._engine.connect() as connection, connection.begin():
            yield Transaction(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One write: all of it happens, or nothing."""
        with self._told(), self._writers, self._writing() as connection, _noted(connection) as tx:
            yield tx

    def write_together(self, works: Sequence[Callable[[Transaction], Any]]) -> list[Outcome]:
        """Several writes, one after the other, with one commit for all of them.

        Returns:
            What came of each, once it is committed. A database that fails is raised instead: then nothing was written.
        """
        with self._told(), self._writers, self._writing() as connection:
            return [self._attempt(connection, work) for work in works]

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def _attempt(self, connection: Connection, work: Callable[[Transaction], Any]) -> Outcome:
        driver = driver_of(connection)
        driver.execute("SAVEPOINT attempt")
        try:
            with _noted(connection) as tx:
                result = work(tx)
        except self.lost:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this write alone, whose caller is told
            driver.execute("ROLLBACK TO SAVEPOINT attempt")
            return Outcome(error=error)
        driver.execute("RELEASE SAVEPOINT attempt")
        return Outcome(result)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell a database that is locked or away from one that is broken."""
        try:
            yield
        except self.lost as error:
            reason = str(getattr(error, "orig", error)).lower()
            for fault, words in _FAULTS.items():
                if any(word in reason for word in words):
                    raise fault from error
            raise

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection

    def _migrate(self) -> None:
        try:
            with self._engine.connect() as connection:
                current = _revision(connection) == HEAD
            # A database that takes no writes is told now, not at the first write.
            with self._writing() as connection:
                if current:
                    connection.execute(sa.text("UPDATE clock SET tick = tick"))
                else:
                    _upgrade(connection)
        except (DBAPIError, self._driver.Error) as error:
            raise DatabaseUnusableError(self.url, str(getattr(error, "orig", error))) from None


@contextmanager
def _noted(connection: Connection) -> Iterator[Transaction]:
    """A transaction that takes its place among all writes, and says at its end what it has changed."""
    transaction = Transaction(connection)
    transaction.advance()
    yield transaction
    transaction.note_changes()


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    config = _alembic(connection)
    found = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise DatabaseTooNewError(str(connection.engine.url), found)
    command.upgrade(config, "head")


def _alembic(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
