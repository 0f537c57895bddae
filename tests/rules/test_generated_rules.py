"""Rules in generated classes: what they mean, when they are checked, and what a violation tells."""

from __future__ import annotations

import json
import random
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.codegen.records import order as some_order
from tests.rules.orders import SCHEMA, order, rules

from tallystick.codegen import generate, load
from tallystick.contracts import Catalog, load_catalog
from tallystick.contracts.cel import holds
from tallystick.sdk.errors import DecodeError
from tallystick.sdk.record import violations
from tallystick.sdk.rules import broken

if TYPE_CHECKING:
    from pathlib import Path

    from tallystick.sdk.record import Record


def _stating(texts: list[str]) -> dict[str, Any]:
    stated = [{"name": f"rule {index}", "expr": text} for index, text in enumerate(texts)]
    return {**SCHEMA, "confluent:rules": stated}


def _class(schema: dict[str, Any]) -> type[Record]:
    name = f"{schema['namespace']}.{schema['name']}"
    cls: type[Record] = load(Catalog.of_texts({"test": json.dumps(schema)}))[name]
    return cls


def _built(cls: type[Record], values: dict[str, Any]) -> Record:
    """The record with these values, whatever rule it breaks."""
    plain = cls.model_fields
    line = plain["first"].annotation
    assert isinstance(line, type)
    state = plain["state"].annotation
    assert isinstance(state, type)
    return cls.model_construct(
        **{
            **{key: value for key, value in values.items() if key != "class"},
            "class_": values["class"],
            "state": state(values["state"]),
            "first": line(**values["first"]),
            "lines": tuple(line(**each) for each in values["lines"]),
            "id": uuid.UUID(values["id"]),
            "parent": values["parent"] and uuid.UUID(values["parent"]),
            "ids": tuple(map(uuid.UUID, values["ids"])),
        }
    )


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32))
def test_the_generated_python_says_what_the_evaluator_says(seed: int) -> None:
    source = random.Random(seed)
    stated = rules(source, 100)
    cls = _class(_stating([text for text, _ in stated]))
    assert len(cls.RULES) == len(stated)
    answers = set()
    for _ in range(12):
        values = order(source)
        record = _built(cls, values)
        failed = {each.name for each in broken(record, cls.RULES)}
        for (text, compiled), rule in zip(stated, cls.RULES, strict=True):
            expected = holds(compiled, values)
            answers.add(expected)
            assert (rule.name not in failed) is expected, (text, values)
    assert answers == {True, False}


LINE = {
    "type": "record",
    "name": "Line",
    "fields": [
        {
            "name": "quantity",
            "type": "int",
            "confluent:rules": [{"name": "some", "doc": "At least one piece.", "expr": "this.quantity > 0"}],
        }
    ],
}
CART: dict[str, Any] = {
    "type": "record",
    "name": "CartFilled",
    "namespace": "shop",
    "confluent:rules": [{"name": "small", "expr": "size(this.lines) <= size(this.note) + 1"}],
    "fields": [
        {"name": "class", "type": "string", "confluent:rules": [{"name": "known", "expr": "this.class in ['A', 'B']"}]},
        {"name": "note", "type": "string"},
        {"name": "lines", "type": {"type": "array", "items": LINE}},
        {"name": "by_key", "type": {"type": "map", "values": ["null", "Line"]}, "default": {}},
    ],
}
GOOD = {"class": "A", "note": "x", "lines": [{"quantity": 1}]}
BAD = {
    "class": "Z",
    "note": "",
    "lines": [{"quantity": 1}, {"quantity": 0}],
    "by_key": {"a": None, "b": {"quantity": -1}},
}
FOUND = {
    ("", "rule:small"),
    ("/class", "rule:known"),
    ("/lines/1/quantity", "rule:some"),
    ("/by_key/b/quantity", "rule:some"),
}


def test_every_broken_rule_is_told_at_once_with_its_name_and_place() -> None:
    with pytest.raises(ValidationError) as caught:
        _class(CART).from_plain(BAD)
    assert {(each.path, each.code) for each in violations(caught.value)} == FOUND
    told = {each.code: each.expected for each in violations(caught.value)}
    assert told["rule:some"] == "At least one piece."
    assert told["rule:known"] == "this.class in ['A', 'B']"


def test_json_avro_and_the_constructor_refuse_alike() -> None:
    cls = _class(CART)
    good = cls.from_plain(GOOD)
    assert cls.from_avro(good.to_avro()) == cls.from_json(good.to_json()) == good
    with pytest.raises(ValidationError) as caught:
        cls(**{**good.__dict__, "class_": "C"})
    assert [(each.path, each.code) for each in violations(caught.value)] == [("/class", "rule:known")]
    with pytest.raises(ValidationError):
        cls.from_json(json.dumps({**GOOD, "class": "C"}))
    unruled = [{key: value for key, value in each.items() if key != "confluent:rules"} for each in CART["fields"]]
    lax = _class({**CART, "fields": unruled})
    body = lax.from_plain({**GOOD, "class": "C"}).to_avro()
    with pytest.raises(DecodeError, match="/class is rule:known"):
        cls.from_avro(body)


def test_a_value_is_never_told() -> None:
    with pytest.raises(ValidationError) as caught:
        _class(CART).from_plain({**GOOD, "class": "secret"})
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(violations(caught.value))


def _event(root: Path, rule: str) -> type[Any]:
    meta = json.loads(load_catalog(root / "schemas")["tallystick.Meta"].text)
    fields = [{"name": "meta", "type": meta}, {"name": "amount", "type": "int"}]
    schema = {"type": "record", "name": "Paid", "namespace": "shop", "fields": fields}
    schema["confluent:rules"] = [{"name": "r", "expr": rule}]
    cls: type[Any] = load(Catalog.of_texts({"test": json.dumps(schema)}))["shop.Paid"]
    return cls


def test_a_rule_about_meta_waits_until_there_is_one(root: Path) -> None:
    cls = _event(root, "this.meta.user_id != null && this.meta.source.app != ''")
    event = cls(amount=1)
    kind = next(each for each in cls.model_fields["meta"].annotation.__args__ if each is not type(None))
    plain = json.loads(some_order().to_json())["meta"]
    known, unknown = (kind.from_plain({**plain, "user_id": user}) for user in ("u", None))
    assert event.with_meta(known).meta == known
    with pytest.raises(ValidationError, match="Rule r"):
        event.with_meta(unknown)
    with pytest.raises(ValidationError, match="Rule r"):
        cls(amount=1, meta=unknown)


def test_a_rule_that_cannot_be_compiled_is_left_out_and_the_class_says_why() -> None:
    stated = [{"name": "odd\0\n", "expr": "this.nope > 1"}, {"name": "fine", "expr": "this.item_count > 1"}, 7, {}]
    schema = {**SCHEMA, "confluent:rules": stated}
    assert [each.name for each in _class(schema).RULES] == ["fine"]
    text = generate(Catalog.of_texts({"test": json.dumps(schema)}), "acme")["acme/ruled/order.py"]
    assert "# The rule odd?? is not checked: there is no field `nope`" in text
