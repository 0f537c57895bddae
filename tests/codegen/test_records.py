"""Generated classes: what they take, what they refuse, and what becomes of it on the wire."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from tests.codegen.hostile import array, field, fixed, logical, map_of, record

from tallystick.codegen import load
from tallystick.contracts import Catalog
from tallystick.events.shop import ExperimentExposed, OrderCompleted, OrderLine, PageKind, PageViewed
from tallystick.events.tallystick import DeadLetter, Meta, Source
from tallystick.sdk.errors import DecodeError, EncodeError
from tallystick.sdk.record import Event, Record, violations

if TYPE_CHECKING:
    from tests.codegen.strategies import Json

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def holder(kind: Json, **properties: Json) -> Any:  # noqa: ANN401 - a class of the test's own making
    """The class of a record with one field `v` of a type."""
    text = json.dumps(record("Holder", field("v", kind, **properties)))
    return load(Catalog.of_texts({"holder": text}))["x.Holder"]


def order(**other: Any) -> OrderCompleted:  # noqa: ANN401 - fields of any class
    fields: dict[str, Any] = {
        "order_id": "o-1",
        "customer_id": "u-1",
        "total": Decimal("12.5"),
        "currency": "EUR",
        "item_count": 1,
        "lines": [OrderLine(sku="tea", quantity=1, unit_price=Decimal("12.50"))],
        "meta": Meta(event_id=UUID(int=7), event_time=NOON, source=Source(app="shop")),
    }
    return OrderCompleted(**{**fields, **other})


# --- construction ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", "1"),
        ("int", 1.0),
        ("int", True),
        ("int", 2**31),
        ("int", -(2**31) - 1),
        ("long", 2**63),
        ("long", None),
        ("float", 3.5e38),
        ("float", float("nan")),
        ("double", float("inf")),
        ("double", True),
        ("boolean", 1),
        ("string", 1),
        ("string", b"x"),
        ("string", "\ud800"),
        ("bytes", "x"),
        (logical("bytes", "decimal", precision=4, scale=2), 1.5),
        (logical("bytes", "decimal", precision=4, scale=2), "1.5"),
        (logical("bytes", "decimal", precision=4, scale=2), Decimal("1.234")),
        (logical("bytes", "decimal", precision=4, scale=2), Decimal(100)),
        (logical("bytes", "decimal", precision=4, scale=2), Decimal("NaN")),
        (logical("bytes", "decimal", precision=4, scale=2), Decimal("1E+999999")),
        (logical("string", "uuid"), "0d6f7f0c-54d5-4e2c-8f3a-8c1f5d7b9e11"),
        (logical("long", "timestamp-micros"), datetime(2026, 1, 1)),  # noqa: DTZ001 - the test is about it
        (logical("long", "timestamp-micros"), 0),
        (logical("long", "local-timestamp-micros"), NOON),
        (logical("int", "date"), NOON),
        (logical("long", "time-micros"), time(1, tzinfo=UTC)),
        (fixed("F", 2), b"x"),
        (array("int"), "12"),
        (array("int"), [1, "2"]),
        (map_of("int"), {1: 1}),
        (["null", "int"], "1"),
    ],
)
def test_a_value_of_another_type_or_size_is_refused(kind: Json, value: object) -> None:
    with pytest.raises(ValidationError):
        holder(kind)(v=value)


def test_all_faults_are_told_at_once_without_a_value() -> None:
    with pytest.raises(ValidationError) as caught:
        order(item_count="secret", currency=None, total=1.5, nonsense=1)
    assert {each.path for each in violations(caught.value)} == {"/item_count", "/currency", "/total", "/nonsense"}
    assert "secret" not in str(caught.value)


def test_a_record_cannot_be_changed_not_even_inside() -> None:
    made = order()
    with pytest.raises(ValidationError):
        made.currency = "USD"
    assert isinstance(made.lines, tuple)
    assert hash(made.lines) == hash(order().lines)


def test_keywords_only_and_unknown_fields_never() -> None:
    with pytest.raises(TypeError):
        Source("shop")  # type: ignore[call-arg]  # the test is about it
    with pytest.raises(ValidationError):
        Source(app="shop", aap="x")  # type: ignore[call-arg]  # the test is about it


def test_python_names_are_for_python_and_wire_names_for_the_wire() -> None:
    text = json.dumps(record("Odd", field("class", "string"), field("copy", "int", default=3)))
    cls = load(Catalog.of_texts({"odd": text}))["x.Odd"]
    made = cls(class_="first")
    assert (made.class_, made.copy_) == ("first", 3)
    assert made.to_plain() == {"class": "first", "copy": 3}
    assert cls.from_json('{"class": "first"}') == made
    with pytest.raises(ValidationError):
        cls.from_json('{"class_": "first"}')
    with pytest.raises(ValidationError):
        cls(**{"class": "first"})


def test_defaults_of_the_schema_are_pythons() -> None:
    view = PageViewed(page_path="/", page_kind=PageKind.HOME)
    assert view.duration_ms is None
    assert order(lines=()).coupon_code is None
    assert ExperimentExposed.model_fields["is_bot"].default is False


# --- events ------------------------------------------------------------------------------------------


def test_an_event_without_meta_exists_but_goes_nowhere() -> None:
    bare = order(meta=None)
    assert isinstance(bare, Event)
    for send in (bare.to_avro, bare.to_json, bare.to_plain):
        with pytest.raises(EncodeError, match="no meta"):
            send()
    assert bare.with_meta(order().meta or Source(app="")) == order()
    with pytest.raises(ValidationError) as caught:
        OrderCompleted.from_plain({**order().to_plain(), "meta": None})
    assert [each.path for each in violations(caught.value)] == ["/meta"]
    without = {key: each for key, each in order().to_plain().items() if key != "meta"}
    with pytest.raises(ValidationError) as caught:
        OrderCompleted.from_plain(without)
    assert [(each.path, each.code) for each in violations(caught.value)] == [("/meta", "missing")]


def test_a_message_that_is_no_event_needs_no_meta() -> None:
    assert issubclass(DeadLetter, Record)
    assert not issubclass(DeadLetter, Event)


# --- Avro --------------------------------------------------------------------------------------------


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


# --- JSON --------------------------------------------------------------------------------------------


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


DECIMAL = logical("bytes", "decimal", precision=4, scale=2)
TIME = logical("long", "timestamp-micros")


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
