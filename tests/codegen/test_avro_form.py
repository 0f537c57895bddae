"""Records as Avro bytes: Java's form, exact values, and bytes that are none."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from tests.codegen.hostile import array, field, fixed, logical, map_of, record
from tests.codegen.records import NOON, holder

from tallystick.codegen import load
from tallystick.contracts import Catalog
from tallystick.events.shop import OrderLine
from tallystick.sdk.errors import DecodeError, EncodeError

if TYPE_CHECKING:
    from tests.codegen.strategies import Json


@pytest.mark.parametrize(
    ("value", "hexadecimal"),
    [
        (Decimal("0.00"), "0200"),
        (Decimal("1.27"), "027f"),
        (Decimal("1.28"), "040080"),
        (Decimal("-1.28"), "0280"),
        (Decimal("-1.29"), "04ff7f"),
        (Decimal(12), "0404b0"),
        (Decimal("-0.01"), "02ff"),
        (Decimal("1.500"), "040096"),
    ],
)
def test_a_decimal_takes_the_fewest_bytes_as_in_java(value: Decimal, hexadecimal: str) -> None:
    cls = holder(logical("bytes", "decimal", precision=9, scale=2))
    assert cls(v=value).to_avro().hex() == hexadecimal
    assert cls.from_avro(bytes.fromhex(hexadecimal)).v == value


def test_times_are_exact_to_the_microsecond_at_the_ends_of_the_calendar() -> None:
    cls = holder(logical("long", "timestamp-micros"))
    for moment in (
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2262, 4, 11, 23, 47, 16, 854_775, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    ):
        assert cls.from_avro(cls(v=moment).to_avro()).v == moment
        assert cls.from_json(cls(v=moment).to_json()).v == moment


def test_a_time_finer_than_its_type_is_cut_at_construction() -> None:
    cls = holder(logical("long", "timestamp-millis"))
    assert cls(v=NOON.replace(microsecond=1_999)).v == NOON.replace(microsecond=1_000)
    assert cls.from_plain({"v": "2026-11-22T12:00:00.001999Z"}).v == NOON.replace(microsecond=1_000)


@pytest.mark.parametrize(
    ("kind", "hexadecimal"),
    [
        ("string", ""),
        ("string", "04"),
        ("string", "0461"),
        ("string", "03"),
        ("string", "02ff"),
        ("int", "8080808010"),
        ("long", "ff" * 11),
        ("boolean", "02"),
        ("double", "00"),
        (["null", "int"], "04"),
        (["null", "int"], "01"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "02"),
        (array("null"), "feffffffffffffffff01"),
        (array("long"), "fe0f00"),
        (map_of("int"), "0202"),
        (fixed("F", 3), "0000"),
        (logical("string", "uuid"), "026e"),
        (logical("long", "timestamp-micros"), "ffffffffffffffffff01"),
        (logical("int", "time-millis"), "ffffffff0f"),
        (logical("bytes", "decimal", precision=1), "0600ffff"),
        ("double", "000000000000f87f"),
        ("int", "0200"),
    ],
)
def test_bytes_that_are_no_such_record_are_refused_in_words(kind: Json, hexadecimal: str) -> None:
    with pytest.raises(DecodeError, match=r"x\.Holder"):
        holder(kind).from_avro(bytes.fromhex(hexadecimal))


def test_blocks_with_sizes_are_read() -> None:
    assert holder(array("int")).from_avro(bytes.fromhex("0304020400")).v == (1, 2)
    assert holder(map_of("int")).from_avro(bytes.fromhex("010602610200")).v == {"a": 1}


def test_a_record_that_was_changed_behind_its_validation_is_an_error_in_words() -> None:
    broken = OrderLine.model_construct(sku=7, quantity="x", unit_price=None)
    for write in (broken.to_avro, broken.to_json):
        with pytest.raises(EncodeError, match=r"shop\.OrderLine"):
            write()


def test_a_chain_longer_than_pythons_stack_is_an_error_in_words() -> None:
    text = json.dumps(record("Node", field("next", ["null", "Node"], default=None)))
    cls = load(Catalog.of_texts({"node": text}))["x.Node"]
    chain = None
    for _ in range(sys.getrecursionlimit()):
        chain = cls(next=chain)
    assert chain is not None
    with pytest.raises(EncodeError):
        chain.to_avro()
    with pytest.raises(DecodeError):
        cls.from_avro(b"\x02" * 100_000 + b"\x00")


def test_the_readers_class_is_made_of_what_an_older_writer_wrote() -> None:
    old = json.loads(OrderLine.SCHEMA)
    old["fields"] = [each for each in old["fields"] if each["name"] != "quantity"]
    with pytest.raises(DecodeError, match="no field quantity"):
        OrderLine.from_avro(b"\x00", writer=json.dumps(old))
    with pytest.raises(DecodeError):
        OrderLine.from_avro(b"\x00", writer="{")


def test_a_changed_scale_or_unit_is_read_in_the_writers_way() -> None:
    two, four = (holder(logical("bytes", "decimal", precision=9, scale=scale)) for scale in (2, 4))
    assert four.from_avro(two(v=Decimal("12.34")).to_avro(), writer=two.SCHEMA).v == Decimal("12.34")
    millis, micros = (holder(logical("long", f"timestamp-{unit}")) for unit in ("millis", "micros"))
    assert micros.from_avro(millis(v=NOON).to_avro(), writer=millis.SCHEMA).v == NOON


def test_one_logical_type_is_not_read_as_another() -> None:
    day, clock = holder(logical("int", "date")), holder(logical("int", "time-millis"))
    with pytest.raises(DecodeError, match="date"):
        clock.from_avro(day(v=date(2026, 1, 1)).to_avro(), writer=day.SCHEMA)
