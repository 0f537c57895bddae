"""`tallystick dev sql` answers over the lake's tables, and says in one line why it cannot."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tallystick.dev.errors import QueryError
from tallystick.dev.sql import ask

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def lake(tmp_path: Path) -> str:
    when = datetime(2026, 1, 5, tzinfo=UTC)
    write_deltalake(tmp_path / "bronze" / "events", pa.table({"offset": [0, 1], "ingested_at": [when, when]}))
    write_deltalake(tmp_path / "silver" / "rejects", pa.table({"reason": ["UNDECODABLE", "UNDECODABLE", "OTHER"]}))
    return str(tmp_path)


def test_tables_are_named_by_layer_and_folder(lake: str) -> None:
    assert list(ask(lake, "select reason, count(*) n from silver.rejects group by all order by n")) == [
        {"reason": "OTHER", "n": 1},
        {"reason": "UNDECODABLE", "n": 2},
    ]
    assert list(ask(lake, "select max(ingested_at) t from bronze.events")) == [{"t": datetime(2026, 1, 5, tzinfo=UTC)}]


@pytest.mark.parametrize("query", ["selec 1", "select * from silver.nowhere", "select nothing from silver.rejects"])
def test_a_query_that_fails_is_told_in_one_line(lake: str, query: str) -> None:
    with pytest.raises(QueryError, match="the query fails") as caught:
        ask(lake, query)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("place", ["nowhere", "s3a://bucket/lake"])
def test_a_place_that_is_no_folder_of_a_lake_is_told(place: str) -> None:
    with pytest.raises(QueryError, match=place):
        ask(place, "select 1")
