"""Reads the lake with engines that are not Spark: delta-rs lists a table's files, DuckDB computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
from deltalake import DeltaTable

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow.dataset

__all__ = ["LakeReader"]


class LakeReader:
    """Answers SQL over a lake's Silver and Gold; a table is called `silver.NAME` or `gold.NAME`.

    Args:
        root: The lake's folder.
    """

    def __init__(self, root: Path) -> None:
        self._database = duckdb.connect()
        self._tables: dict[str, dict[str, pyarrow.dataset.Dataset]] = {}
        for layer in ("bronze", "silver", "gold"):
            self._database.execute(f'CREATE SCHEMA "{layer}"')
            folders = sorted(log.parent for log in (root / layer).glob("*/_delta_log"))
            self._tables[layer] = {folder.name: DeltaTable(folder).to_pyarrow_dataset() for folder in folders}
            for name, table in self._tables[layer].items():
                self._database.register(f"{layer}_{name}", table)
                self._database.execute(f'CREATE VIEW "{layer}"."{name}" AS FROM "{layer}_{name}"')

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Run a query."""
        # Through Arrow: DuckDB's own rows would need another library for times with a zone.
        rows: list[dict[str, Any]] = self._database.sql(sql).to_arrow_table().to_pylist()
        return rows

    def counts(self, sql: str) -> dict[str, int]:
        """Run a query of the shape `SELECT name, count`."""
        return {str(name): int(count) for name, count in (row.values() for row in self.rows(sql))}

    def sizes(self, layer: str) -> dict[str, int]:
        """Count the rows of every table of a layer that is not bookkeeping."""
        return {name: table.count_rows() for name, table in self._tables[layer].items() if not name.startswith("_")}
