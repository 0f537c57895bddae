"""The rules of a schema as conditions of Spark SQL, also those of records inside it, wherever they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tallystick.contracts.cel import Checked, to_sql
from tallystick.contracts.cel.sql import quoted
from tallystick.contracts.rules import rules_of
from tallystick.contracts.types import Array, Map, Record, Ref, Union

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tallystick.contracts.rules import ContractRule
    from tallystick.contracts.schema import Schema
    from tallystick.contracts.types import Type

__all__ = ["Condition", "conditions"]

_NUMBERS = (frozenset(("int", "long")), frozenset(("float", "double")))  # unions that Spark reads as one number


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule in SQL, at one place.

    Attributes:
        name: The rule's name.
        path: The fields that lead to the record it is about; empty for the outermost.
        sql: True where the rule holds; never NULL. Where there is no such record, it holds.
    """

    name: str
    path: tuple[str, ...]
    sql: str


def conditions(schema: Schema, *, prefix: str = "") -> tuple[Condition, ...]:
    """The conditions that a row must meet; rules that do not compile are left out, as everywhere.

    Args:
        schema: The schema whose records Spark decoded.
        prefix: Where the record's columns stand, such as `payload.`.
    """
    rules = rules_of(schema)
    return tuple(_Walk(schema, rules).within(schema.root, prefix, ())) if rules else ()


class _Walk:
    def __init__(self, schema: Schema, rules: Mapping[str, tuple[ContractRule, ...]]) -> None:
        self._schema = schema
        self._rules = rules
        self._around: list[str] = []  # records that are being walked: Spark holds no record inside itself
        self._texts = " ".join(rule.text for each in rules.values() for rule in each)

    def within(self, node: Type, place: str, path: tuple[str, ...]) -> Iterator[Condition]:
        """The conditions on a value; its place ends with a point where it is a record's, and else is an expression."""
        concrete = self._schema.resolve(node)
        match concrete:
            case Record():
                yield from self._record(concrete, place, path)
            case Array():
                yield from self._each(concrete.items, place.removesuffix("."), path)
            case Map():
                yield from self._each(concrete.values, f"map_values({place.removesuffix('.')})", path)
            case Union():
                for branch, inner in self._branches(concrete, place.removesuffix(".")):
                    for each in self.within(branch, f"{inner}.", path):
                        yield Condition(each.name, each.path, f"({inner} IS NULL OR {each.sql})")
            case _:
                return

    def _record(self, record: Record, place: str, path: tuple[str, ...]) -> Iterator[Condition]:
        if record.name in self._around:
            return
        for rule in self._rules.get(record.name, ()):
            if isinstance(rule.compiled, Checked):
                yield Condition(rule.name, path, to_sql(rule.compiled, prefix=place))
        self._around.append(record.name)
        for field in record.fields:
            if isinstance(self._schema.resolve(field.type), Record | Array | Map | Union):
                yield from self.within(field.type, f"{place}{quoted(field.name)}.", (*path, field.name))
        self._around.pop()

    def _each(self, item: Type, items: str, path: tuple[str, ...]) -> Iterator[Condition]:
        variable = f"each{len(path)}"
        while variable in self._texts:  # a rule's own variable must not hide it
            variable += "_"
        for found in self.within(item, f"{variable}.", path):
            yield Condition(found.name, found.path, f"coalesce(forall({items}, {variable} -> {found.sql}), true)")

    def _branches(self, union: Union, place: str) -> Iterator[tuple[Type, str]]:
        """The branches, each with the column that Spark puts it into."""
        others = [each for each in union.branches if isinstance(each, Ref) or each.kind != "null"]
        if len(others) == 1:
            yield others[0], place
        elif frozenset(self._schema.resolve(each).kind for each in others) not in _NUMBERS:
            yield from ((each, f"{place}.member{index}") for index, each in enumerate(others))
