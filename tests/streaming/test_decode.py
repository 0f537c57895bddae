"""Decoding: whatever stands on the topic becomes an event or a reject, and never an exception."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.streaming.conftest import ORDERED, MemoryRegistry, World, encode, order

from tallystick.contracts import frame
from tallystick.sdk.registry import RegistryUnavailable
from tallystick.streaming import delta
from tallystick.streaming.silver.decode import Decoded, decode
from tallystick.streaming.silver.explain import explain
from tallystick.streaming.silver.plan import plan

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.spark


def thing(*fields: dict[str, Any], name: str = "Thing") -> str:
    """A small message contract: an id and whatever a test needs."""
    identity = {"name": "id", "type": "string", "tallystick:role": ["event_id"]}
    moment = {
        "name": "at",
        "type": {"type": "long", "logicalType": "timestamp-micros"},
        "default": 0,
        "tallystick:role": ["event_time"],
    }
    return json.dumps({"type": "record", "name": name, "namespace": "test", "fields": [identity, moment, *fields]})


def money(precision: int, scale: int) -> str:
    decimal = {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
    return thing({"name": "amount", "type": decimal})


def decoded(world: World, values: Sequence[bytes | None]) -> Decoded:
    """Land values and decode all those of the one known type."""
    world.land(values)
    bronze = delta.read(world.spark, world.lake.bronze)
    ids = {row.schema_id for row in bronze.select("schema_id").collect() if row.schema_id is not None}
    (reading,) = plan(ids, world.registry).readings
    return decode(bronze.where(bronze.schema_id.isin(*reading.ids)), reading)


@pytest.fixture
def empty(world: World) -> World:
    """A world whose registry knows nothing yet."""
    world.registry = MemoryRegistry()
    return world


def test_good_bytes_become_the_contracts_values_and_bad_bytes_become_rejects(world: World) -> None:
    good = world.value(ORDERED, order(1, 1, "ada", "12.34"))
    head, body = good[:5], good[5:]
    bad = [head + body[:-1], head + body + b"\0", head + b"\xff" * 40, head, good + good[5:]]
    result = decoded(world, [good, *bad])
    (event,) = result.events.select("payload.meta.event_id", "payload.total", "payload.customer_id", "offset").collect()
    assert tuple(event) == ("00000000-0000-0000-0000-000000000001", Decimal("12.34"), "ada", 0)
    rejects = sorted(tuple(row) for row in result.rejects.select("offset", "reason").collect())
    assert rejects == [(offset, "UNDECODABLE") for offset in range(1, 6)]


def test_trailing_bytes_are_no_event_even_where_they_repeat_the_record_or_its_seal(world: World) -> None:
    import hashlib

    good = world.value(ORDERED, order(1, 1, "ada", "12.34"))
    seal = hashlib.md5(good[5:], usedforsecurity=False).digest()
    result = decoded(world, [good + seal, good + b"\0" * 16, good + good[5:] + seal])
    assert result.events.count() == 0
    assert result.rejects.count() == 3


def test_a_decimal_written_with_another_scale_keeps_its_value(empty: World) -> None:
    old, _ = empty.registry.register(money(16, 2)), empty.registry.register(money(18, 4))
    result = decoded(empty, [encode(old, {"id": "a", "at": NOW, "amount": Decimal("12.34")})])
    assert result.rejects.count() == 0
    assert [row.amount for row in result.events.select("payload.amount").collect()] == [Decimal("12.3400")]


def test_a_decimal_that_would_lose_digits_is_a_logical_mismatch(empty: World) -> None:
    old, _ = empty.registry.register(money(9, 4)), empty.registry.register(money(9, 2))
    result = decoded(empty, [encode(old, {"id": "a", "at": NOW, "amount": Decimal("12.3456")})])
    (reject,) = result.rejects.select("reason", "detail").collect()
    assert reject.reason == "LOGICAL_MISMATCH"
    assert reject.detail == "amount was written as decimal(9, 4), and the contract reads it as decimal(9, 2)"
    assert result.events.count() == 0


def test_milliseconds_read_as_microseconds_stay_the_same_moment(empty: World) -> None:
    def moment(unit: str) -> str:
        return thing({"name": "seen", "type": {"type": "long", "logicalType": f"timestamp-{unit}"}})

    old, _ = empty.registry.register(moment("millis")), empty.registry.register(moment("micros"))
    seen = datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
    result = decoded(empty, [encode(old, {"id": "a", "at": seen, "seen": seen})])
    (row,) = result.events.selectExpr("unix_micros(payload.seen) AS seen", "unix_micros(payload.at) AS at").collect()
    assert row.seen == row.at == int(seen.timestamp() * 1_000_000)


def test_a_plain_number_that_became_a_time_is_a_logical_mismatch(empty: World) -> None:
    old = empty.registry.register(thing({"name": "seen", "type": "long"}))
    empty.registry.register(thing({"name": "seen", "type": {"type": "long", "logicalType": "timestamp-micros"}}))
    result = decoded(empty, [encode(old, {"id": "a", "at": NOW, "seen": 1})])
    assert [row.reason for row in result.rejects.collect()] == ["LOGICAL_MISMATCH"]


def test_every_version_is_read_into_the_newest_shape_with_its_defaults(empty: World) -> None:
    first = empty.registry.register(thing())
    second = empty.registry.register(thing({"name": "note", "type": "string", "default": "none"}))
    note = {"name": "note", "type": "string", "default": "none"}
    third = empty.registry.register(thing(note, {"name": "rank", "type": ["null", "int"], "default": None}))
    values = [
        encode(first, {"id": "a", "at": NOW}),
        encode(second, {"id": "b", "at": NOW, "note": "hello"}),
        encode(third, {"id": "c", "at": NOW, "note": "x", "rank": 3}),
    ]
    rows = decoded(empty, values).events.select("payload.id", "payload.note", "payload.rank").collect()
    assert sorted(tuple(row) for row in rows) == [("a", "none", None), ("b", "hello", None), ("c", "x", 3)]


def test_a_version_that_the_contract_cannot_read_is_rejected_and_the_others_go_on(empty: World) -> None:
    old = empty.registry.register(thing({"name": "size", "type": "string"}))
    new = empty.registry.register(thing({"name": "size", "type": "int"}))
    values = [encode(old, {"id": "a", "at": NOW, "size": "x"}), encode(new, {"id": "b", "at": NOW, "size": 1})]
    result = decoded(empty, values)
    assert [row.id for row in result.events.select("payload.id").collect()] == ["b"]
    (reject,) = result.rejects.select("reason", "detail").collect()
    assert reject.reason == "UNDECODABLE"
    assert "the contract cannot read this version" in reject.detail


@pytest.mark.parametrize(
    "field",
    [
        {"name": "next", "type": ["null", "test.Thing"], "default": None},
        {"name": "big", "type": {"type": "bytes", "logicalType": "decimal", "precision": 60, "scale": 2}},
        {"name": "ID", "type": "string", "default": ""},
        {"name": "nothing", "type": "null"},
        {"name": "hollow", "type": {"type": "record", "name": "Hollow", "fields": []}},
        {"name": "_offset", "type": "int", "default": 0},
    ],
    ids=lambda field: field["name"],
)
def test_what_spark_or_a_table_cannot_hold_is_rejected_and_not_crashed_on(empty: World, field: dict[str, Any]) -> None:
    schema = empty.registry.register(thing(field))
    result = decoded(empty, [frame(schema.id, b"\x02a\0\0\0")])
    (reject,) = result.rejects.select("reason", "detail").collect()
    assert reject.reason == "UNDECODABLE"
    assert "hold this contract" in reject.detail


def test_a_registry_that_does_not_answer_fails_the_batch_and_rejects_nothing(world: World) -> None:
    value = world.value(ORDERED, order(1, 1, "ada", "12.34"))
    world.land([value])
    world.registry.is_down = True
    with pytest.raises(RegistryUnavailable):
        world.silver()
    assert world.rows("rejects", "offset") == []
    world.registry.is_down = False
    world.silver()
    assert world.rows("events", "offset") == [(0,)]


def test_an_unknown_schema_id_is_a_reject_with_its_coordinates(world: World) -> None:
    known = plan([4711], world.registry)
    assert known.readings == ()
    assert known.faults[4711].reason == "UNKNOWN_SCHEMA"


def test_decoding_happens_once_though_events_and_rejects_are_both_asked_for(world: World) -> None:
    result = decoded(world, [world.value(ORDERED, order(1, 1, "ada", "12.34"))])
    text = result.events.where("payload.total > 1")._jdf.queryExecution().executedPlan().toString()
    assert text.count("from_avro") <= 2  # the empty branch of the CASE, and the one that decodes


@given(body=st.binary(max_size=60))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_explanation_never_fails_and_never_holds_the_bytes(body: bytes, contracts: dict[str, str]) -> None:
    told = explain(frame(1, body), contracts[ORDERED])
    assert told
    assert "\\x" not in told


def test_an_explanation_tells_a_cut_from_a_rest(world: World) -> None:
    schema = world.registry.latest(ORDERED)
    value = encode(schema, order(1, 1, "ada", "12.34"))
    assert "ends after" in explain(value[:-1], schema.text)
    assert explain(value + b"ab", schema.text).startswith("2 bytes are left after the record")
