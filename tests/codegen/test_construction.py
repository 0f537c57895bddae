"""Generated classes: what they take, what they refuse, and events before and after they have their meta."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError
from tests.codegen.hostile import array, field, fixed, logical, map_of, record
from tests.codegen.records import NOON, holder, order

from tallystick.codegen import load
from tallystick.contracts import Catalog
from tallystick.events.shop import ExperimentExposed, OrderCompleted, PageKind, PageViewed
from tallystick.events.tallystick import DeadLetter, Source
from tallystick.sdk.errors import EncodeError
from tallystick.sdk.record import Event, Record, violations

if TYPE_CHECKING:
    from tests.codegen.strategies import Json


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
