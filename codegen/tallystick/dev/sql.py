"""The lake in SQL, without Spark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from tallystick.dev.demo.lakereader import LakeReader
from tallystick.dev.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ask"]


def ask(lake: str, query: str) -> Iterable[dict[str, Any]]:
    """Run a query over the tables of a lake: `bronze.NAME`, `silver.NAME`, `gold.NAME`.

    Args:
        lake: The lake's folder.
        query: The query.

    Returns:
        The rows.

    Raises:
        QueryError: There is no lake, or the query does not fit it.
    """
    folder = Path(lake)
    if not (folder / "bronze").is_dir():
        raise QueryError(f"{lake} is no folder that holds a lake", fix="name the lake's folder with --lake")
    try:
        return LakeReader(folder).rows(query)
    except duckdb.Error as error:
        first, *_ = str(error).splitlines()
        raise QueryError(
            f"the query fails: {first}", fix='see the tables: tallystick dev sql "show all tables"'
        ) from error
