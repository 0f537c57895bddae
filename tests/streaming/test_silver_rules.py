"""Silver's rules, each on the smallest history that shows it; one lake serves them all.

Units do not touch each other, so every rule has a unit of its own, and all of them travel in three micro-batches.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tests.streaming.conftest import (
    DEFINED,
    EXPOSED,
    ORDERED,
    START,
    World,
    definition,
    exposure,
    make_world,
    meta,
    order,
)

from tallystick.contracts.silver import typed_table_name
from tallystick.streaming.silver.rebuild import compare, rebuild

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

WEEK = 7 * 24.0
MICROSECOND = 1 / 3_600_000_000


@pytest.fixture(scope="module")
def told(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, contracts: dict[str, str]) -> World:
    """The lake after all three batches."""
    world = make_world(spark, tmp_path_factory.mktemp("rules"), contracts.values())
    for batch in (_first(), _second(), _third()):
        world.land([world.value(name, record) for name, record in batch])
    world.land([b"", b"\x01\0\0\0\1x", b"\0\0\0\x12\x34x", None, world.value(ORDERED, order(900, 1, "x", "1")) + b"!"])
    world.silver()
    return world


def _first() -> list[tuple[str, dict[str, Any]]]:
    firsts = {"multiple_exposure": "FIRST_SEEN"}
    ended = {"finalized_at": START + timedelta(days=2), "metrics": ["order_conversion"]}
    return [
        (DEFINED, definition(1)),
        (DEFINED, definition(2, key="first_seen", **firsts)),
        (DEFINED, definition(3, key="finalized", **ended)),
        # plain: exposed, then an order within the window
        (EXPOSED, exposure(100, 10, "plain", "control")),
        (ORDERED, order(101, 11, "plain", "12.50")),
        # R4 and R5: at the very microsecond of the exposure; the last microsecond of the window; its end; before
        (EXPOSED, exposure(110, 10, "edges", "treatment")),
        (ORDERED, order(111, 10, "edges", "1.00")),
        (ORDERED, order(112, 10 + WEEK - MICROSECOND, "edges", "2.00")),
        (ORDERED, order(113, 10 + WEEK, "edges", "4.00")),
        (ORDERED, order(114, 10 - MICROSECOND, "edges", "8.00")),
        # R3: before the start, at the start, at the end
        (EXPOSED, exposure(120, -MICROSECOND, "early", "control")),
        (EXPOSED, exposure(121, 0, "on_start", "control")),
        (EXPOSED, exposure(122, 14 * 24, "on_end", "control")),
        # each flag that excludes, and two at once (R10)
        (EXPOSED, exposure(130, 10, "bot", "control", is_bot=True, is_internal=True)),
        (ORDERED, order(131, 11, "bot", "99.00")),
        (EXPOSED, exposure(132, 10, "staff", "control", is_internal=True, is_override=True)),
        (EXPOSED, exposure(133, 10, "forced", "control", is_override=True)),
        # R9: a variant that was never declared
        (EXPOSED, exposure(140, 10, "odd", "purple")),
        # both arms, under both policies; the conflict comes in a later batch
        (EXPOSED, exposure(150, 10, "mixed", "treatment")),
        (ORDERED, order(151, 12, "mixed", "5.00")),
        (EXPOSED, exposure(152, 10, "mixed", "treatment", key="first_seen")),
        # a duplicate within the batch
        (ORDERED, order(160, 11, "twice", "3.00")),
        (ORDERED, order(160, 11, "twice", "3.00")),
        (EXPOSED, exposure(161, 10, "twice", "control")),
        # R14: in time, and after the results were made final
        (EXPOSED, exposure(170, 10, "final", "control", key="finalized")),
        (ORDERED, order(171, 11, "final", "1.00")),
        (ORDERED, order(172, 12, "final", "1.00", late=3 * 86400.0)),
        # an experiment nobody defined, an outcome of nobody
        (EXPOSED, exposure(180, 10, "stray", "control", key="nowhere")),
        (ORDERED, order(181, 11, "stray", "7.00")),
    ]


def _second() -> list[tuple[str, dict[str, Any]]]:
    clock = meta(200, 10, late=3600.0, sent=3500.0)
    return [
        # a late exposure that moves the first one, in front of an order that had come too early
        (EXPOSED, exposure(190, 20, "moved", "control")),
        (ORDERED, order(191, 15, "moved", "6.00")),
        (EXPOSED, exposure(153, 11, "mixed", "control", late=86400.0)),
        (EXPOSED, exposure(154, 11, "mixed", "control", key="first_seen", late=86400.0)),
        # a copy in a later batch, sent again and therefore stamped anew
        (ORDERED, {**order(160, 11, "twice", "3.00"), "meta": {**meta(160, 11, late=99.0, sent=98.5)}}),
        # R1: a clock that was 100 s slow; one that runs three days ahead
        (ORDERED, {**order(200, 10, "clock", "1.00"), "meta": clock}),
        (ORDERED, order(201, 72, "clock", "1.00", late=-3 * 86400.0)),
        (ORDERED, order(202, 10, "clock", "1.00", late=-299.0)),
    ]


def _third() -> list[tuple[str, dict[str, Any]]]:
    return [
        (EXPOSED, exposure(192, 14, "moved", "control", late=2 * 86400.0)),
        # a copy that was received earlier than the one that counts so far, and says something else
        (ORDERED, order(101, 11, "plain", "10.00", late=0.25)),
        # the same id under another source is another event
        (ORDERED, {**order(160, 11, "twice", "2.00"), "meta": meta(160, 11, app="till")}),
    ]


def units(world: World, *columns: str, key: str = "checkout") -> dict[str, Any]:
    rows = world.table("experiment_units").where(f"experiment_key = '{key}'").select("unit_id", *columns).collect()
    return {row[0]: row[1] if len(columns) == 1 else tuple(row)[1:] for row in rows}


def revenue(world: World, unit: str) -> dict[str, str]:
    chosen = world.table("attributed_outcomes").where(
        f"unit_id = '{unit}' AND metric_key = 'revenue' AND experiment_key = 'checkout'"
    )
    return {f"{row.value:.2f}": row.status for row in chosen.select("value", "status").collect()}


def test_every_unit_has_the_status_that_its_exposures_give_it(told: World) -> None:
    assert units(told, "status") == {
        "plain": "assigned",
        "edges": "assigned",
        "on_start": "assigned",
        "bot": "excluded_bot",
        "staff": "excluded_internal",
        "forced": "excluded_override",
        "odd": "unknown_variant",
        "mixed": "contaminated",
        "twice": "assigned",
        "moved": "assigned",
    }


def test_an_exposure_counts_from_the_start_inclusive_to_the_end_exclusive(told: World) -> None:
    placed = told.table("exposures").select("unit_id", "in_period", "variant_known").collect()
    found = {row.unit_id: (row.in_period, row.variant_known) for row in placed}
    assert found["early"] == found["on_end"] == (False, True)
    assert found["on_start"] == (True, True)
    assert found["odd"] == (True, False)
    assert found["stray"] == (False, False)


def test_an_outcome_counts_from_the_exposures_microsecond_to_before_the_windows_end(told: World) -> None:
    assert revenue(told, "edges") == {
        "1.00": "attributed",
        "2.00": "attributed",
        "4.00": "after_window",
        "8.00": "before_exposure",
    }


def test_an_excluded_units_outcomes_are_kept_as_excluded(told: World) -> None:
    assert revenue(told, "bot") == {"99.00": "excluded"}
    assert revenue(told, "mixed") == {"5.00": "excluded"}


def test_a_unit_in_both_arms_is_in_neither_and_is_reported_by_its_first_variant(told: World) -> None:
    conflict = "unix_micros(first_conflict_at)"
    units_ = told.table("experiment_units").where("unit_id = 'mixed' AND experiment_key = 'checkout'")
    (row,) = units_.selectExpr("variant_key", "variants_seen", "exposure_count", conflict).collect()
    eleven = START + timedelta(hours=11)
    assert tuple(row) == ("treatment", ["control", "treatment"], 2, int(eleven.timestamp() * 1_000_000))


def test_where_the_first_variant_seen_counts_a_unit_in_both_arms_stays_in_the_first(told: World) -> None:
    assert units(told, "variant_key", "status", key="first_seen") == {"mixed": ("treatment", "assigned")}


def test_a_late_exposure_moves_the_first_and_with_it_what_is_attributed(told: World) -> None:
    hour = 3_600_000_000
    rows = told.table("experiment_units").selectExpr("unit_id", "unix_micros(first_exposed_at) AS first").collect()
    first = {row.unit_id: row["first"] for row in rows}["moved"]
    assert (first - int(START.timestamp() * 1_000_000)) / hour == 14
    assert revenue(told, "moved") == {"6.00": "attributed"}


def test_what_a_late_exposure_changed_is_in_the_log(told: World) -> None:
    rows = (
        told.table("unit_changes")
        .where("change = 'changed'")
        .select("unit_id", "experiment_key", "new_status")
        .collect()
    )
    assert Counter((row.unit_id, row.experiment_key, row.new_status) for row in rows) == {
        ("mixed", "checkout", "contaminated"): 1,
        ("moved", "checkout", "assigned"): 1,
    }


def test_a_copy_changes_no_count_in_one_batch_or_over_two(told: World) -> None:
    assert revenue(told, "twice") == {"3.00": "attributed", "2.00": "attributed"}
    events = told.table("events").where("unit_id = 'twice' AND event_type = 'shop.OrderCompleted'")
    assert sorted(row.source for row in events.collect()) == ["shop", "till"]


def test_a_copy_that_was_received_earlier_takes_the_others_place_in_every_table(told: World) -> None:
    assert revenue(told, "plain") == {"10.00": "attributed"}
    for table, column, value in (("shop_order_completed", "total", "10.00"), ("outcomes", "value", "10.00")):
        key = "_event_id" if table == "shop_order_completed" else "event_id"
        rows = told.table(table).where(f"{key} = '{meta(101, 0)['event_id']}'").select(column).collect()
        assert Decimal(value) in [row[0] for row in rows]
        assert Decimal("12.50") not in [row[0] for row in rows]


def test_two_payloads_under_one_id_are_a_conflict_and_two_deliveries_of_one_are_not(told: World) -> None:
    found = told.rows("event_id_conflicts", "event_id", "unit_id", "offset")
    assert {row[0] for row in found} == {meta(101, 0)["event_id"]}
    assert len(found) == 2


def test_the_devices_clock_is_corrected_and_clamped_and_the_events_own_time_is_kept(told: World) -> None:
    rows = (
        told.table("events")
        .where("unit_id = 'clock'")
        .selectExpr(
            "event_id",
            "clock_clamped",
            "unix_micros(event_time) - unix_micros(occurred_at)",
            "event_time = received_at",
        )
    )
    found = {row[0]: tuple(row)[1:] for row in rows.collect()}
    assert found[meta(200, 0)["event_id"]] == (False, 100_000_000, False)
    assert found[meta(201, 0)["event_id"]] == (True, -3 * 86_400_000_000, True)
    assert found[meta(202, 0)["event_id"]] == (False, 0, False)


def test_what_comes_after_the_results_were_made_final_is_kept_and_not_applied(told: World) -> None:
    judged = told.table("attributed_outcomes").where("experiment_key = 'finalized'").select("event_id").collect()
    assert [row.event_id for row in judged] == [meta(171, 0)["event_id"]]
    assert told.table("outcomes").where("unit_id = 'final' AND metric_key = 'revenue'").count() == 2


def test_outcomes_of_units_in_no_experiment_are_counted(told: World) -> None:
    found = {row.metric_key: (row.outcomes, row.in_no_experiment) for row in told.table("outcome_coverage").collect()}
    orders = told.table("events").where("event_type = 'shop.OrderCompleted'").count()
    assert found["revenue"] == (orders, 4)  # stray's one and clock's three


def test_what_cannot_be_read_is_a_row_with_place_and_reason(told: World) -> None:
    found = [(row.stage, row.reason) for row in told.table("rejects").orderBy("offset").collect()]
    assert found == [
        ("CONSUME_DECODE", reason)
        for reason in ("UNDECODABLE", "UNDECODABLE", "UNKNOWN_SCHEMA", "UNDECODABLE", "UNDECODABLE")
    ]


def test_each_event_type_has_a_table_with_its_contracts_columns(told: World) -> None:
    columns = told.table("shop_order_completed").schema
    assert columns.names[:4] == ["meta", "order_id", "customer_id", "total"]
    assert [column.name for column in columns if not column.nullable and not column.name.startswith("_")] == [
        *("meta", "order_id", "customer_id", "total", "currency", "item_count"),
    ]


def test_the_dimensions_are_those_of_the_first_exposure(told: World) -> None:
    assert units(told, "dimensions")["plain"] == {"platform": "WEB", "country": None}


def test_every_row_of_bronze_is_an_event_a_copy_or_a_reject(told: World) -> None:
    rows = sum(each.rows for each in told.progress)
    used = sum(each.events + each.duplicates + sum(each.rejects.values()) for each in told.progress)
    assert rows == used == told.spark.read.format("delta").load(told.lake.bronze).count()


def test_a_rebuild_in_one_batch_has_the_same_rows(told: World) -> None:
    built = rebuild(told.spark, told.lake, told.registry, "again")
    differences = compare(told.spark, told.lake, built)
    assert {each.table for each in differences} >= {"events", "experiment_units", "attributed_outcomes", "rejects"}
    assert [each for each in differences if each] == []


def test_silver_as_known_on_a_day_leaves_out_what_came_later(told: World, tmp_path: Path) -> None:
    del tmp_path
    built = rebuild(told.spark, told.lake, told.registry, "early", known_at=START + timedelta(hours=30))
    known = World(told.spark, built, told.registry)
    assert units(known, "status")["mixed"] == "assigned"
    assert units(told, "status")["mixed"] == "contaminated"
    assert revenue(known, "moved") == {"6.00": "before_exposure"}
    for row in known.table("events").groupBy("event_type").count().collect():
        assert known.table(typed_table_name(row.event_type)).count() == row["count"], row.event_type
