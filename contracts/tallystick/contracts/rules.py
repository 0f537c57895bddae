"""The rules that a schema states (`confluent:rules`), compiled for the types of its fields.

for rule in rules_of(schema)["shop.OrderCompleted"]:
    rule.name, rule.field, rule.compiled      # what Python and SQL are printed from, or why there is no such thing
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tallystick.contracts.cel import CelError, Checked, compile_rule
from tallystick.contracts.cel.types import CelType, leaf_type, opaque
from tallystick.contracts.types import Array, Enum, Fixed, Map, Primitive, Record, Union

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tallystick.contracts.schema import Schema
    from tallystick.contracts.types import Props, Type

__all__ = ["RULES_PROPERTY", "ContractRule", "rules_of", "type_of"]

RULES_PROPERTY: Final = "confluent:rules"


@dataclass(frozen=True, slots=True)
class ContractRule:
    """A rule of a record.

    Attributes:
        name: What violations are reported under.
        record: The full name of the record that `this` is.
        field: The field that states it; empty where the record does.
        doc: What it asks for, in words; may be empty.
        text: The expression.
        compiled: The checked expression, or what is wrong with it.
    """

    name: str
    record: str
    field: str
    doc: str
    text: str
    compiled: Checked | CelError

    @property
    def expects(self) -> str:
        """What it asks for: in words where there are any."""
        return self.doc or self.text


@lru_cache(maxsize=256)
def rules_of(schema: Schema) -> Mapping[str, tuple[ContractRule, ...]]:
    """The rules of every record of a schema, by its full name; records without rules are left out.

    What is no rule at all (no list, no name, no expression) is lint's to report, and left out here.
    """
    found: dict[str, tuple[ContractRule, ...]] = {}
    for name, named in schema.named.items():
        if isinstance(named, Record):
            holders = (("", named.props), *((each.name, each.props) for each in named.fields))
            if any(RULES_PROPERTY in props for _, props in holders):
                found[name] = tuple(_rules(holders, named, schema))
    return MappingProxyType({name: rules for name, rules in found.items() if rules})


def _rules(holders: tuple[tuple[str, Props], ...], record: Record, schema: Schema) -> Iterator[ContractRule]:
    this = type_of(record, schema)
    for field, props in holders:
        stated = props.get(RULES_PROPERTY)
        for each in stated if isinstance(stated, list) else ():
            if not isinstance(each, dict):
                continue
            name, text, doc = (each.get(key) for key in ("name", "expr", "doc"))
            if isinstance(name, str) and isinstance(text, str) and name:
                told = " ".join(doc.split()) if isinstance(doc, str) else ""
                yield ContractRule(name, record.name, field, told, text, _compiled(text, this))


def _compiled(text: str, this: CelType) -> Checked | CelError:
    try:
        return compile_rule(text, this)
    except CelError as error:
        return error


def type_of(node: Type, schema: Schema) -> CelType:
    """What a rule may say about values of a type."""
    concrete = schema.resolve(node)
    match concrete:
        case Primitive() | Fixed():
            logical = concrete.logical
            digits = (logical.precision, logical.scale) if logical else ()
            return leaf_type(concrete.kind, logical.name if logical else None, *digits)
        case Array():
            return CelType(kind="list", item=type_of(concrete.items, schema))
        case Map():
            return CelType(kind="map", item=type_of(concrete.values, schema))
        case Enum():
            return CelType(kind="string", told=concrete.simple_name, symbols=concrete.symbols)
        case Record():
            return CelType(
                kind="record",
                told=concrete.simple_name,
                members=cache(lambda: {each.name: type_of(each.type, schema) for each in concrete.fields}),
                record=concrete.name,
            )
        case Union():
            return _union(concrete, schema)


def _union(node: Union, schema: Schema) -> CelType:
    others = [each for each in node.branches if schema.resolve(each).kind != "null"]
    is_nullable = len(others) < len(node.branches)
    found = type_of(others[0], schema) if len(others) == 1 else opaque("union")
    return replace(found, is_nullable=is_nullable)
