"""With a lake, a finding tells how often what has changed occurred lately."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from click.testing import CliRunner
from deltalake import write_deltalake
from tests.breaking.states import NOW, Git, enum, event, field, files

from tallystick.cli._traffic import Traffic, TrafficError
from tallystick.cli.breaking import command

if TYPE_CHECKING:
    from pathlib import Path


def lake(folder: Path, now: dt.datetime) -> Path:
    """Eight events of the last days and many older ones."""
    recent, old = now - dt.timedelta(days=2), now - dt.timedelta(days=9)
    rows = [("SENT" if index == 0 else "PAID", "x" if index < 6 else None, recent) for index in range(8)]
    rows += [("SENT", None, old)] * 100
    columns = {
        "status": pa.array([each[0] for each in rows]),
        "note": pa.array([each[1] for each in rows]),
        "_event_time": pa.array([each[2] for each in rows], pa.timestamp("us", tz="UTC")),
    }
    write_deltalake(folder / "silver" / "shop_order_placed", pa.table(columns))
    return folder


def test_fields_symbols_and_events_are_counted_over_seven_days(tmp_path: Path) -> None:
    traffic = Traffic(lake(tmp_path, NOW), NOW)

    assert traffic.words("shop.OrderPlaced", "note", "") == "`note` was in 75.0 % of 8 events in the last 7 days"
    assert traffic.words("shop.OrderPlaced", "status", "SENT") == "SENT was in 12.5 % of 8 events in the last 7 days"
    assert traffic.words("shop.OrderPlaced", "", "") == "there were 8 events in the last 7 days"
    assert traffic.words("shop.OrderPlaced", "coupon", "") == ""
    assert traffic.words("shop.TeaMade", "note", "") == ""


def test_no_events_lately_is_said_too(tmp_path: Path) -> None:
    later = NOW + dt.timedelta(days=30)

    told = Traffic(lake(tmp_path, NOW), later).words("shop.OrderPlaced", "note", "")

    assert told == "no shop.OrderPlaced in the last 7 days"


def test_a_finding_carries_it(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    git = Git(tmp_path / "work")
    git.commit(files(event(field("status", enum("PAID", "SENT", "UNKNOWN")), field("note", default=""))))
    git.write(files(event(field("status", enum("PAID", "UNKNOWN")), field("notes", default=""))))

    schemas, place = str(git.folder / "schemas"), str(lake(tmp_path / "lake", now))
    result = CliRunner().invoke(command, ["--schemas", schemas, "--lake", place, "--category", "LOGICAL"])

    assert "SENT was in 12.5 % of 8 events in the last 7 days" in result.output
    assert "`note` was in 75.0 % of 8 events in the last 7 days" in result.output


def test_what_is_no_lake_and_what_is_missing_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TrafficError, match="no lake with a Silver layer"):
        Traffic(tmp_path, NOW)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(TrafficError, match="duckdb") as caught:
        Traffic(lake(tmp_path, NOW), NOW)
    assert caught.value.fix == "pip install 'tallystick[demo]'"
