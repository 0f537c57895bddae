"""Nothing downstream of schemas/ knows a field by its name: the contract changes, and Silver follows by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.streaming.conftest import (
    DEFINED,
    EXPOSED,
    ORDERED,
    START,
    World,
    definition,
    encode,
    exposure,
    meta,
    order,
)

from tallystick.streaming.errors import TableMismatchError

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.spark


def changed(text: str, change: Callable[[dict[str, Any]], None]) -> str:
    """A contract with its fields edited."""
    schema = json.loads(text)
    change({field["name"]: field for field in schema["fields"]} | {"": schema})
    return json.dumps(schema)


def move_role(text: str, role: str, source: str, target: str) -> str:
    def change(fields: dict[str, Any]) -> None:
        fields[source]["tallystick:role"].remove(role)
        fields[target].setdefault("tallystick:role", []).append(role)

    return changed(text, change)


def add_fields(text: str, *fields: dict[str, Any]) -> str:
    return changed(text, lambda known: known[""]["fields"].extend(fields))


def test_a_role_moved_to_another_field_moves_silver_with_it(world: World, contracts: dict[str, str]) -> None:
    # The unit is now the order's number, and the variant the coupon: names that no code of ours could guess.
    world.registry.register(move_role(contracts[ORDERED], "experiment.unit_id", "customer_id", "order_id"))
    world.registry.register(move_role(contracts[EXPOSED], "experiment.variant_key", "variant_key", "country"))
    values = [
        world.value(DEFINED, definition(1)),
        world.value(EXPOSED, exposure(2, 1, "o-3", "ignored", country="treatment")),
        world.value(ORDERED, order(3, 2, "somebody", "4.00")),
    ]
    world.land(values)
    world.silver()
    assert world.rows("experiment_units", "unit_id", "variant_key", "status") == [("o-3", "treatment", "assigned")]
    assert world.rows("attributed_outcomes", "metric_key", "unit_id", "status") == [
        ("order_conversion", "o-3", "attributed"),
        ("revenue", "o-3", "attributed"),
    ]


def test_an_optional_field_and_a_new_event_flow_to_silver_while_old_versions_go_on(
    world: World, contracts: dict[str, str]
) -> None:
    old = world.registry.latest(ORDERED)
    world.land([world.value(DEFINED, definition(1)), encode(old, order(4, 1, "ada", "1.00"))])
    gift = {"name": "is_gift", "type": "boolean", "default": False}
    world.registry.register(add_fields(contracts[ORDERED], gift))
    viewed = changed(contracts["shop.PageViewed"], lambda fields: fields[""].update(name="PageLeft"))
    world.registry.register(viewed)
    page = {"meta": meta(9, 2), "page_path": "/", "page_kind": "HOME"}
    world.land(
        [
            world.value(ORDERED, order(2, 1, "ada", "2.00", is_gift=True)),
            encode(old, order(3, 1, "ada", "3.00")),
            world.value("shop.PageLeft", page),
        ]
    )
    world.silver()
    found = {str(row.total): row.is_gift for row in world.table("shop_order_completed").collect()}
    assert found == {"1.00": False, "2.00": True, "3.00": False}
    assert world.rows("shop_page_left", "page_path") == [("/",)]
    assert world.rows("events", "schema_version", "event_type")[:3] == [
        (1, "shop.OrderCompleted"),
        (1, "shop.OrderCompleted"),
        (1, "shop.PageLeft"),
    ]


def test_a_wider_number_widens_the_table_and_another_type_stops_with_its_name(
    world: World, contracts: dict[str, str]
) -> None:
    world.land([world.value(ORDERED, order(1, 1, "ada", "1.00"))])
    world.silver()
    world.registry.register(changed(contracts[ORDERED], lambda fields: fields["item_count"].update(type="long")))
    world.land([world.value(ORDERED, order(2, 1, "ada", "1.00", item_count=2**40))])
    world.silver()
    assert world.rows("shop_order_completed", "item_count") == [(1,), (2**40,)]
    world.registry.register(changed(contracts[ORDERED], lambda fields: fields["currency"].update(type="bytes")))
    world.land([world.value(ORDERED, order(3, 1, "ada", "1.00", currency=b"EUR"))])
    with pytest.raises(TableMismatchError) as raised:
        world.silver()
    assert raised.value.column == "currency"


def test_a_new_definition_changes_the_units_that_are_there(world: World) -> None:
    world.land(
        [world.value(EXPOSED, exposure(2, 30, "ada", "control")), world.value(ORDERED, order(3, 31, "ada", "5"))]
    )
    world.silver()
    assert world.rows("experiment_units", "unit_id") == []
    world.land([world.value(DEFINED, definition(1))])
    world.silver()
    assert world.rows("experiment_units", "unit_id", "status") == [("ada", "assigned")]
    assert world.rows("exposures", "phase", "in_period", "variant_known") == [(1, True, True)]
    later: dict[str, Any] = {"start_at": START + timedelta(hours=31), "version": 2}
    world.land([world.value(DEFINED, definition(4, **later))])
    world.silver()
    assert world.rows("experiment_units", "unit_id") == []
    assert world.rows("attributed_outcomes", "unit_id") == []
    assert world.rows("exposures", "phase", "in_period", "variant_known") == [(None, False, True)]
    assert [row[0] for row in world.rows("unit_changes", "change")] == ["joined", "left"]
    assert world.rows("experiment_definitions", "experiment_key", "version") == [("checkout", 1), ("checkout", 2)]


def test_of_one_version_of_a_definition_the_first_one_received_holds(world: World) -> None:
    again = definition(5, metrics=["orders_per_user"])
    again["meta"]["received_at"] += timedelta(days=1)
    world.land([world.value(DEFINED, again)])
    world.land([world.value(DEFINED, definition(1)), world.value(EXPOSED, exposure(2, 1, "ada", "control"))])
    world.land([world.value(ORDERED, order(3, 2, "ada", "5"))])
    world.silver()
    assert world.rows("attributed_outcomes", "metric_key") == [("order_conversion",), ("revenue",)]
    assert world.table("experiment_definitions").count() == 1


def test_values_that_no_table_could_hold_become_rejects_and_absurd_times_are_kept(world: World) -> None:
    huge = add_fields(world.registry.latest(ORDERED).text)
    decimal = {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 2}
    world.registry.register(changed(huge, lambda fields: fields["total"].update(type=decimal)))
    ancient = meta(2, 0)
    ancient["event_time"] = datetime(1, 1, 1, tzinfo=UTC)
    world.land(
        [
            world.value(ORDERED, order(1, 1, "ada", "9" * 36 + ".00")),
            world.value(ORDERED, {**order(2, 1, "ada", "1.00"), "meta": ancient}),
        ]
    )
    world.silver()
    assert world.rows("rejects", "stage", "reason", "offset") == [("RULE", "INVALID", 0)]
    assert world.table("events").count() == 2
    assert {row[0] for row in world.rows("outcomes", "metric_key")} == {
        "order_conversion",
        "orders_per_user",
        "revenue",
    }


def test_dead_letters_have_a_table_of_their_own_and_are_no_events(world: World) -> None:
    letter = {
        "dead_letter_id": "00000000-0000-0000-0000-00000000000a",
        "failed_at": START,
        "stage": "VALIDATE",
        "reason": "INVALID",
        "recoverable": False,
        "payload": b"{}",
        "payload_size": 2,
        "payload_sha256": "0" * 64,
        "is_truncated": False,
        "processor_name": "api",
        "processor_version": "1",
    }
    value = world.value("tallystick.DeadLetter", letter)
    world.land([value, value], topic="tallystick.dead-letters")
    world.land([value], topic="tallystick.dead-letters")
    world.silver()
    assert world.rows("tallystick_dead_letter", "dead_letter_id", "_topic", "_offset") == [
        (letter["dead_letter_id"], "tallystick.dead-letters", 0)
    ]
    assert world.table("events").count() == 0
    assert [each.duplicates for each in world.progress] == [1, 1]
