"""Records as JSON: the forms of the HTTP API, and what is refused with which words."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from tests.codegen.hostile import array, field, fixed, logical, map_of, record
from tests.codegen.records import DECIMAL, NOON, TIME, holder, order

from tallystick.codegen import load
from tallystick.contracts import Catalog
from tallystick.events.shop import OrderCompleted, PageKind, PageViewed
from tallystick.events.tallystick import Meta, Source
from tallystick.sdk.record import violations

if TYPE_CHECKING:
    from tests.codegen.strategies import Json


@pytest.mark.parametrize(
    ("kind", "value", "form"),
    [
        (logical("bytes", "decimal", precision=9, scale=2), Decimal("12.5"), '"12.50"'),
        (logical("bytes", "decimal", precision=9, scale=0), Decimal("1E+2"), '"100"'),
        (logical("bytes", "decimal", precision=40, scale=3), Decimal("1" * 37), f'"{"1" * 37}.000"'),
        (logical("long", "timestamp-micros"), NOON, '"2026-11-22T12:00:00Z"'),
        (
            logical("long", "timestamp-micros"),
            datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))),
            '"2025-12-31T23:00:00Z"',
        ),
        (logical("long", "timestamp-millis"), NOON.replace(microsecond=1000), '"2026-11-22T12:00:00.001000Z"'),
        (logical("int", "date"), date(2026, 11, 22), '"2026-11-22"'),
        (logical("int", "date"), date(1, 1, 1), '"0001-01-01"'),
        (logical("long", "time-micros"), time(9, 30), '"09:30:00"'),
        (logical("string", "uuid"), UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        ("bytes", b"\xfb\xff\xfe", '"+//+"'),
        (fixed("F", 2), b"\x00\x01", '"AAE="'),
        ("long", 2**53 - 1, "9007199254740991"),
        ("long", 2**53, '"9007199254740992"'),
        ("long", -(2**63), '"-9223372036854775808"'),
        (["long", "string"], 2**60, str(2**60)),
        (["long", "string"], str(2**60), f'"{2**60}"'),
        ("double", 0.1, "0.1"),
        ("string", "\u2028\x00\U0001f600", '"\u2028\\u0000\U0001f600"'),
        (["null", "int"], None, "null"),
        (["int", "long"], 5, '{"int":5}'),
        (["null", "bytes", "string"], b"", '{"bytes":""}'),
        (["null", "bytes", "string"], None, "null"),
        (array(["null", "int", "string"]), (1, None, "x"), '[1,null,"x"]'),
        (map_of("int"), {"a~/b": 1}, '{"a~/b":1}'),
    ],
)
def test_json_forms(kind: Json, value: object, form: str) -> None:
    cls = holder(kind)
    made = cls(v=value)
    assert made.to_json() == f'{{"v":{form}}}'
    assert cls.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    ("kind", "value", "form"),
    [
        ("int", 1, "1"),
        ("long", 2**53, '"9007199254740992"'),
        ("double", 1.5, "1.5"),
        ("string", "x", '"x"'),
        ("bytes", b"x", '"eA=="'),
        (TIME, NOON, '"2026-11-22T12:00:00Z"'),
        (logical("int", "date"), date(2026, 1, 1), '"2026-01-01"'),
        (logical("long", "time-micros"), time(9), '"09:00:00"'),
        (logical("long", "local-timestamp-micros"), datetime(2026, 1, 1), '"2026-01-01T00:00:00"'),  # noqa: DTZ001
        (DECIMAL, Decimal(1), '"1.00"'),
        (logical("string", "uuid"), UUID(int=0), '"00000000-0000-0000-0000-000000000000"'),
        (array("int"), (1,), "[1]"),
        (map_of("int"), {"k": 1}, '{"k":1}'),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_nullable_has_the_form_of_its_type(kind: Json, value: object, form: str, order: int) -> None:
    cls = holder(["null", kind][::order])
    for each, expected in ((value, form), (None, "null")):
        made = cls(v=each)
        assert made.to_json() == f'{{"v":{expected}}}'
        assert cls.from_json(made.to_json()) == made
        assert cls.from_avro(made.to_avro()) == made


@pytest.mark.parametrize("kind", [TIME, logical("long", "time-micros"), "long"])
def test_what_a_long_carries_keeps_its_form_beside_other_branches(kind: Json) -> None:
    cls = holder(["null", "boolean", kind])
    value = {"time-micros": time(9), "timestamp-micros": NOON}.get(
        kind["logicalType"] if isinstance(kind, dict) else "", 7
    )
    made = cls(v=value)
    assert cls.from_json(made.to_json()) == made
    assert cls.from_avro(made.to_avro()) == made


def test_branches_that_json_cannot_tell_apart_bear_their_full_names() -> None:
    cats = [record("Cat", field("name", "string")), record("Dog", field("name", "string"), namespace="y")]
    cls = holder(["null", *cats])
    made = cls.from_json('{"v":{"y.Dog":{"name":"rex"}}}')
    assert type(made.v).__name__ == "Dog"
    assert made.to_json() == '{"v":{"y.Dog":{"name":"rex"}}}'
    assert cls.from_avro(made.to_avro()) == made
    for wrong in ('{"name":"rex"}', '{"Dog":{"name":"rex"}}', '{"x.Cat":{},"y.Dog":{}}', "{}", '"rex"'):
        with pytest.raises(ValidationError) as caught:
            cls.from_json(f'{{"v":{wrong}}}')
        assert {each.path for each in violations(caught.value)} == {"/v"}
    with pytest.raises(ValidationError) as caught:
        cls.from_json('{"v":{"y.Dog":{"name":1}}}')
    (fault,) = violations(caught.value)
    assert (fault.path, fault.code, fault.expected, fault.got) == ("/v/y.Dog/name", "type", "string", "integer")


@pytest.mark.parametrize(
    ("kind", "form", "code", "got"),
    [
        ("int", '"1"', "type", "string"),
        ("int", "1.0", "type", "number"),
        ("int", "1e3", "type", "number"),
        ("int", "true", "type", "boolean"),
        ("int", "null", "type", "null"),
        ("int", "[1]", "type", "array"),
        ("int", "2147483648", "out_of_range", "integer"),
        ("int", "-2147483649", "out_of_range", "integer"),
        ("long", "9223372036854775808", "out_of_range", "integer"),
        ("long", "1" * 400, "out_of_range", "integer"),
        ("long", '"9223372036854775808"', "out_of_range", "integer"),
        ("long", '"9007199254740991"', "type", "string"),
        ("long", '"1"', "type", "string"),
        ("long", '"09007199254740993"', "type", "string"),
        (
            "long",
            '"\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661"',
            "type",
            "string",
        ),
        ("double", "1e400", "out_of_range", "number"),
        ("double", "NaN", "out_of_range", "number"),
        ("double", '"1"', "type", "string"),
        ("double", "true", "type", "boolean"),
        ("float", "3.5e38", "out_of_range", "number"),
        ("boolean", "1", "type", "integer"),
        ("boolean", '"true"', "type", "string"),
        ("string", "1", "type", "integer"),
        ("bytes", '"***"', "format", "string"),
        ("bytes", '"YQ"', "format", "string"),
        ("bytes", '"_w=="', "format", "string"),
        (fixed("F", 2), '"AA=="', "length", "bytes"),
        (DECIMAL, "12.5", "type", "number"),
        (DECIMAL, "12", "type", "integer"),
        (DECIMAL, '"1e1"', "format", "string"),
        (DECIMAL, '"+1"', "format", "string"),
        (DECIMAL, '" 1"', "format", "string"),
        (DECIMAL, '"1."', "format", "string"),
        (DECIMAL, '"NaN"', "format", "string"),
        (DECIMAL, '"1.234"', "out_of_range", "string"),
        (DECIMAL, '"100"', "out_of_range", "string"),
        (TIME, '"2026-11-22T12:00:00"', "format", "string"),
        (TIME, '"2026-11-22 12:00:00Z"', "format", "string"),
        (TIME, '"2026-11-22T12:00Z"', "format", "string"),
        (TIME, '"2026-13-22T12:00:00Z"', "format", "string"),
        (TIME, '"2026-11-22T12:00:00+99:00"', "format", "string"),
        (TIME, "1763812800", "type", "integer"),
        (TIME, '"1763812800"', "format", "string"),
        (logical("int", "date"), '"2026-11-31"', "format", "string"),
        (logical("int", "date"), '"2026-11-22T00:00:00Z"', "format", "string"),
        (logical("int", "date"), "20000", "type", "integer"),
        (logical("long", "time-micros"), '"25:00:00"', "format", "string"),
        (logical("long", "time-micros"), '"09:00:00Z"', "format", "string"),
        (logical("string", "uuid"), '"{0d6f7f0c-54d5-4e2c-8f3a-8c1f5d7b9e11}"', "format", "string"),
        (logical("string", "uuid"), '"0d6f7f0c54d54e2c8f3a8c1f5d7b9e11"', "format", "string"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, '"B"', "unknown_symbol", "string"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "0", "type", "integer"),
        (array("int"), "{}", "type", "object"),
        (array("int"), '"1"', "type", "string"),
        (map_of("int"), "[]", "type", "array"),
        (["null", "int", "string"], "true", "type", "boolean"),
        (["null", "int", "string"], "1.5", "type", "number"),
        (["int", "long"], "1", "type", "integer"),
    ],
)
def test_json_of_another_form_is_refused_and_told(kind: Json, form: str, code: str, got: str) -> None:
    cls = holder(kind)
    with pytest.raises(ValidationError) as caught:
        cls.from_json(f'{{"v":{form}}}')
    (fault,) = violations(caught.value)
    assert (fault.path, fault.code, fault.got) == ("/v", code, got)
    assert fault.expected
    if form != "NaN":
        with pytest.raises(ValidationError) as parsed:
            cls.from_plain({"v": json.loads(form)})
        assert violations(parsed.value) == violations(caught.value)


def test_a_hundred_thousand_levels_are_too_deep() -> None:
    with pytest.raises(ValidationError) as caught:
        holder("string").from_json("[" * 100_000)
    assert [each.code for each in violations(caught.value)] == ["too_deep"]


@pytest.mark.parametrize("text", ["", "{", '{"v":"\\ud800"}', b'{"v":"\xff"}', '{"v":1}x', "nul"])
def test_what_is_no_json_is_malformed(text: str | bytes) -> None:
    with pytest.raises(ValidationError) as caught:
        holder("string").from_json(text)
    assert [each.code for each in violations(caught.value)] == ["malformed_json"]


def test_half_a_character_is_refused_also_in_parsed_json() -> None:
    with pytest.raises(ValidationError):
        holder("string").from_plain({"v": "\ud800"})
    with pytest.raises(ValidationError):
        holder(map_of("int")).from_plain({"v": {"\ud800": 1}})


def test_what_is_no_object_is_a_fault_of_the_whole() -> None:
    for text in ("[]", "1", "null", '"x"'):
        with pytest.raises(ValidationError) as caught:
            holder("int").from_json(text)
        assert [(each.path, each.code) for each in violations(caught.value)] == [("", "type")]


def test_every_fault_of_an_event_is_told_with_its_place() -> None:
    event = order().to_plain()
    event["total"] = 12.5
    event["extra~/field"] = "secret"
    event["lines"][0]["quantity"] = 2**31
    event["meta"]["source"] = {}
    del event["order_id"]
    with pytest.raises(ValidationError) as caught:
        OrderCompleted.from_plain(event)
    assert {(each.path, each.code) for each in violations(caught.value)} == {
        ("/total", "type"),
        ("/extra~0~1field", "unknown_field"),
        ("/lines/0/quantity", "out_of_range"),
        ("/meta/source/app", "missing"),
        ("/order_id", "missing"),
    }
    assert "secret" not in str(violations(caught.value)) + str(caught.value)


def test_a_nullable_may_be_left_out_whether_or_not_it_has_a_default() -> None:
    for cls in (holder(["null", "int"]), holder(["null", "int"], default=None), holder("null")):
        assert cls.from_json("{}").v is None
        assert cls().v is None


def test_json_comes_out_in_the_order_of_the_schema() -> None:
    assert list(json.loads(order().to_json())) == [each["name"] for each in json.loads(OrderCompleted.SCHEMA)["fields"]]


def test_a_document_of_deep_recursion_is_refused_in_words() -> None:
    text = json.dumps(record("Node", field("next", ["null", "Node"], default=None)))
    cls = load(Catalog.of_texts({"node": text}))["x.Node"]
    deep: Json = {"next": None}
    for _ in range(400):
        deep = {"next": deep}
    for read, value in ((cls.from_plain, deep), (cls.from_json, json.dumps(deep))):
        with pytest.raises(ValidationError) as caught:
            read(value)
        assert [each.code for each in violations(caught.value)] == ["too_deep"]


def test_a_new_event_reads_back_what_the_sdk_would_send() -> None:
    view = PageViewed(page_path="/a?b", page_kind=PageKind.CART, duration_ms=2**40)
    sent = view.with_meta(Meta(event_id=uuid4(), event_time=NOON, source=Source(app="shop"), attributes={"k": "v"}))
    assert PageViewed.from_json(sent.to_json()) == sent
    assert PageViewed.from_avro(sent.to_avro()) == sent
