"""How often a field, or a symbol in it, occurred lately: read from Silver, with engines that are not Spark."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from tallystick.contracts.errors import TallystickError
from tallystick.contracts.silver import typed_table_name

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Traffic", "TrafficError"]

_LATELY: Final = dt.timedelta(days=7)


class TrafficError(TallystickError):
    """A lake that cannot be asked."""


class Traffic:
    """Counts events of a lake.

    Args:
        lake: Its folder.
        now: The end of the time that is counted.

    Raises:
        TrafficError: There is no lake, or nothing to read it with.
    """

    def __init__(self, lake: Path, now: dt.datetime) -> None:
        if not (lake / "silver").is_dir():
            raise TrafficError(
                f"{lake} is no lake with a Silver layer", fix="name its folder, such as .tallystick/lake"
            )
        self._silver = lake / "silver"
        self._since = now - _LATELY
        self._known: dict[tuple[str, str, str], str] = {}
        _ = self._database  # what is missing is told at once

    def words(self, event: str, path: str, symbol: str) -> str:
        """How often something occurred.

        Args:
            event: The event type.
            path: The field, dotted; empty for the event itself.
            symbol: The symbol in it; empty for any value.

        Returns:
            A sentence's part, or nothing where the lake cannot tell.
        """
        key = (event, path, symbol)
        if key not in self._known:
            self._known[key] = self._words(*key)
        return self._known[key]

    def _words(self, event: str, path: str, symbol: str) -> str:
        table = self._silver / typed_table_name(event)
        if "[]" in path or not (table / "_delta_log").is_dir():
            return ""
        column = ".".join(f'"{step.replace(chr(34), chr(34) * 2)}"' for step in path.split(".") if step)
        condition = f"{column} = ?" if symbol else f"{column} IS NOT NULL" if column else "true"
        counted = self._count(table, condition, [symbol] if symbol else [])
        if counted is None:
            return ""
        every, some = counted
        if not every:
            return f"no {event} in the last 7 days"
        what = f"{symbol} was in" if symbol else f"`{path}` was in" if path else "there were"
        share = f"{100 * some / every:.1f} % of {every:,} events" if path else f"{every:,} events"
        return f"{what} {share} in the last 7 days"

    def _count(self, table: Path, condition: str, values: list[str]) -> tuple[int, int] | None:
        import duckdb
        from deltalake import DeltaTable

        rows = DeltaTable(table).to_pyarrow_dataset()
        self._database.register("events", rows)
        sql = f"SELECT count(*), count(*) FILTER ({condition}) FROM events WHERE _event_time >= ?"  # noqa: S608 - its names are quoted
        try:
            found = self._database.execute(sql, [*values, self._since]).fetchall()
        except duckdb.BinderException:
            return None  # the table has no such column yet
        (every, some), *_ = found
        return int(every), int(some)

    @cached_property
    def _database(self) -> Any:  # noqa: ANN401 -- duckdb is an extra
        try:
            import deltalake  # noqa: F401 - asked for here, so that its absence is told before anything is read
            import duckdb
        except ImportError as error:
            raise TrafficError(f"a lake is read with {error.name}", fix="pip install 'tallystick[demo]'") from error
        return duckdb.connect()
