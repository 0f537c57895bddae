"""Records for the tests to look at."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.codegen.hostile import field, logical, record

from tallystick.codegen import load
from tallystick.contracts import Catalog
from tallystick.events.shop import OrderCompleted, OrderLine
from tallystick.events.tallystick import Meta, Source

if TYPE_CHECKING:
    from tests.codegen.strategies import Json

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DECIMAL = logical("bytes", "decimal", precision=4, scale=2)
TIME = logical("long", "timestamp-micros")


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
