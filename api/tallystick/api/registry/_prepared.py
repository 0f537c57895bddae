"""Statements whose text is made once, and that then go straight to the driver.

SQLAlchemy's way from a statement to its rows costs more than ten times what the statement itself does (measured on
SQLite: 76 microseconds, of which the driver needs 6), and a request takes several of them. So what every request asks
is compiled once for each dialect; what is asked rarely goes the ordinary way, in the same transaction.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.sql import ClauseElement

    Values: TypeAlias = Mapping[str, object]

__all__ = ["Prepared", "Row", "driver_of"]

Row = tuple[Any, ...]


class Prepared:
    """A statement with named parameters.

    Args:
        statement: The statement; columns that an insert does not name are its parameters.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, Callable[[Values], Any]]] = {}

    def rows(self, connection: Connection, /, **values: object) -> list[Row]:
        """Run it and return what it finds."""
        text, arranged = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        cursor = driver_of(connection).execute(text, arranged(values))
        return cursor.fetchall() if cursor.description else []

    def first(self, connection: Connection, /, **values: object) -> Row | None:
        """Run it and return the first row, if there is one."""
        return next(iter(self.rows(connection, **values)), None)

    def each(self, connection: Connection, /, rows: Sequence[Values]) -> None:
        """Run it once for each row of parameters."""
        text, arranged = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        driver_of(connection).cursor().executemany(text, [arranged(values) for values in rows])

    def _compile(self, dialect: Dialect) -> tuple[str, Callable[[Values], Any]]:
        compiled = self._statement.compile(dialect=dialect)
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        names: Sequence[str] | None = getattr(compiled, "positiontup", None)
        self._compiled[dialect.name] = made = str(compiled), _arrangement(fixed, names)
        return made


def _arrangement(fixed: Values, names: Sequence[str] | None) -> Callable[[Values], Any]:
    """How a statement's parameters are handed to the driver: by name, or in their order."""
    if names is None:
        return lambda values: {**fixed, **values}
    if not names:
        return lambda _values: ()
    if len(names) == 1:
        return lambda values: ({**fixed, **values}[names[0]],)
    pick = itemgetter(*names)
    return lambda values: pick({**fixed, **values})


def driver_of(connection: Connection) -> Any:  # noqa: ANN401 - sqlite3's or psycopg's, alike in what is used
    """The driver's own connection."""
    return connection.connection.driver_connection
