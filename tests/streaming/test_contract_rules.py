"""The rules of contracts in Spark: what they refuse, under which name, and that they say what Python says."""

from __future__ import annotations

import io
import json
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import fastavro
import pytest
from pyspark.sql import functions as sf
from pyspark.sql.avro.functions import from_avro
from tests.rules.orders import SCHEMA, rules
from tests.rules.orders import order as some_order
from tests.streaming.conftest import ORDERED, World, order

from tallystick.contracts import parse
from tallystick.contracts.cel import holds
from tallystick.contracts.rulesql import conditions

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def _ruled(text: str, **stated: list[tuple[str, str]]) -> str:
    """A contract with these rules on its fields, and no other; those under `lines` are about each line."""
    schema = json.loads(text)
    fields = {each["name"]: each for each in schema["fields"]}
    for each in (*schema["fields"], *fields["lines"]["type"]["items"]["fields"]):
        each.pop("confluent:rules", None)
    for name, each in stated.items():
        holder = fields["lines"]["type"]["items"] if name == "lines" else fields[name]
        holder["confluent:rules"] = [{"name": rule, "expr": expression} for rule, expression in each]
    return json.dumps(schema)


def test_a_row_that_breaks_a_rule_of_its_own_version_is_a_reject_that_names_it(
    world: World, contracts: dict[str, str]
) -> None:
    lines = [("line_has_pieces", "this.quantity > 0")]
    first = _ruled(contracts[ORDERED], item_count=[("has_items", "this.item_count > 0")], lines=lines)
    world.registry.register(first)
    line = {"sku": "tea", "quantity": 1, "unit_price": Decimal(1)}
    values = [
        world.value(ORDERED, order(1, 1, "u", "1.00", currency="eur", lines=[line])),
        world.value(ORDERED, order(2, 1, "u", "1.00", item_count=0, lines=[line, {**line, "quantity": 0}])),
        world.value(ORDERED, order(3, 1, "u", "1.00", item_count=-1)),
    ]
    # The newer version drops one rule and adds another: neither says anything about what was sent before it.
    world.registry.register(_ruled(contracts[ORDERED], currency=[("known", "this.currency.matches('^[A-Z]{3}$')")]))
    values.append(world.value(ORDERED, order(4, 1, "u", "1.00", currency="eur", item_count=0)))
    values.append(world.value(ORDERED, order(5, 1, "u", "1.00", item_count=0)))
    world.land(values)
    world.silver()
    assert world.rows("rejects", "offset", "stage", "reason", "detail") == [
        (1, "RULE", "INVALID", "it breaks rule has_items, rule line_has_pieces in lines"),
        (2, "RULE", "INVALID", "it breaks rule has_items"),
        (3, "RULE", "INVALID", "it breaks rule known"),
    ]
    assert world.rows("shop_order_completed", "order_id") == [("o-1",), ("o-5",)]
    assert world.rows("events", "offset") == [(0,), (4,)]


def test_spark_answers_as_python_over_what_it_decodes(spark: SparkSession) -> None:
    source = random.Random(11)
    stated = rules(source, 30)
    named = [{"name": str(index), "expr": text} for index, (text, _) in enumerate(stated)]
    schema = parse(json.dumps({**SCHEMA, "confluent:rules": named}))
    written = fastavro.parse_schema(json.loads(schema.text))
    values = [some_order(source) for _ in range(20)]
    frame = spark.createDataFrame([(_body(written, each),) for each in values], "body binary")
    payload = frame.select(sf.explode(sf.array(from_avro("body", schema.text))).alias("payload")).cache()
    found = conditions(schema, prefix="payload.")
    assert [each.name for each in found] == [each["name"] for each in named]
    different = []
    for start in range(0, len(found), 10):
        part = list(zip(found, stated, strict=True))[start : start + 10]
        rows = payload.select(*(sf.expr(each.sql).alias(f"r{each.name}") for each, _ in part)).collect()
        for row, value in zip(rows, values, strict=True):
            different += [
                (text, each.sql, value)
                for (each, (text, compiled)), answer in zip(part, row, strict=True)
                if answer is not holds(compiled, value)
            ]
    assert different == []


def _body(schema: Any, value: dict[str, Any]) -> bytes:  # noqa: ANN401 -- fastavro's own form
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, value)
    return out.getvalue()
