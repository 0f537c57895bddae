"""The rules of a record, compiled for the types that the schema gives its fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tallystick.contracts.cel import CelError, Checked, Unsupported, compile_rule, holds, path_of, to_sql
from tallystick.contracts.cel.nodes import Binary, Call, Literal, Node, parts
from tallystick.contracts.cel.types import CelType, leaf_type, opaque

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tallystick.contracts.cel import Value
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Path
    from tallystick.contracts.lint.repository import Repository
    from tallystick.contracts.lint.sites import SchemaView, TypeSite

__all__ = ["StatedRule", "record_type", "stated_rules"]


@dataclass(frozen=True, slots=True)
class StatedRule:
    """A rule as the schema states it.

    Attributes:
        path: Where its object stands.
        record: The record that `this` is.
        attributes: The object.
        name: Its name; empty where it has none.
        text: Its expression; empty where it has none.
        compiled: The checked rule, or what is wrong with it.
    """

    path: Path
    record: TypeSite
    attributes: Mapping[str, Json]
    name: str
    text: str
    compiled: Checked | CelError

    @property
    def fault(self) -> CelError | None:
        """What is wrong with it."""
        return self.compiled if isinstance(self.compiled, CelError) else None

    @property
    def is_unsupported(self) -> bool:
        """Whether nothing is wrong with it but that SQL cannot say it."""
        return isinstance(self.compiled, Unsupported)

    @property
    def sql(self) -> str | None:
        """The rule in SQL; None where something is wrong with it."""
        return to_sql(self.compiled) if isinstance(self.compiled, Checked) else None

    @property
    def bounded(self) -> tuple[tuple[str, ...], ...]:
        """The paths of the strings whose length it bounds from above."""
        return tuple(_bounded_paths(self.compiled.node)) if isinstance(self.compiled, Checked) else ()

    def is_broken_by(self, record: Mapping[str, Value]) -> bool:
        """Whether it says no to a record; a rule that is wrong says nothing, nor one about a `meta` left out."""
        if not isinstance(self.compiled, Checked) or (record.get("meta", 1) is None and _asks_meta(self.compiled.node)):
            return False
        return not holds(self.compiled, record)


def _asks_meta(node: Node) -> bool:
    return path_of(node) == ("this", "meta") or any(_asks_meta(each) for each in parts(node))


def record_type(site: TypeSite, repository: Repository) -> CelType:
    """What a rule may say about values of a type."""
    site = repository.resolve(site)
    if site.kind == "union":
        return _union(site, repository)
    if site.kind in {"array", "map"} and site.children:
        kind = "list" if site.kind == "array" else "map"
        return CelType(kind=kind, item=record_type(site.children[0], repository))
    if site.kind == "enum":
        symbols = site.attributes.get("symbols")
        known = tuple(each for each in symbols if isinstance(each, str)) if isinstance(symbols, list) else ()
        return CelType(kind="string", told=site.short_name, symbols=known)
    if site.kind == "record":
        return CelType(
            kind="record",
            told=site.short_name,
            members=cache(lambda: {each.name: record_type(each.type, repository) for each in site.fields}),
            record=site.name,
        )
    precision, scale = site.attributes.get("precision"), site.attributes.get("scale", 0)
    digits = (precision, scale) if isinstance(precision, int) and isinstance(scale, int) else ()
    return leaf_type(site.kind, site.logical, *digits)


def _union(site: TypeSite, repository: Repository) -> CelType:
    others = [each for each in site.children if each.kind != "null"]
    is_nullable = len(others) < len(site.children)
    if len(others) != 1:
        return replace(opaque("union"), is_nullable=is_nullable)
    return replace(record_type(others[0], repository), is_nullable=is_nullable)


def stated_rules(view: SchemaView, repository: Repository) -> Iterator[StatedRule]:
    """Every rule of a schema, with what it compiles to."""
    for record in view.types:
        if record.kind != "record":
            continue
        holders = [(record.path, record.attributes), *((each.path, each.attributes) for each in record.fields)]
        this: CelType | None = None
        for path, attributes in holders:
            stated = attributes.get("confluent:rules")
            for index, each in enumerate(stated if isinstance(stated, list) else ()):
                if isinstance(each, dict):
                    this = this or record_type(record, repository)
                    yield _stated((*path, "confluent:rules", index), record, each, this)


def _stated(path: Path, record: TypeSite, attributes: dict[str, Json], this: CelType) -> StatedRule:
    name, text = attributes.get("name"), attributes.get("expr")
    name, text = name if isinstance(name, str) else "", text if isinstance(text, str) else ""
    compiled: Checked | CelError
    try:
        compiled = compile_rule(text, this)
    except CelError as error:
        compiled = error
    return StatedRule(path, record, attributes, name, text, compiled)


def _bounded_paths(node: Node) -> Iterator[tuple[str, ...]]:
    """The paths of the strings whose length a rule bounds from above."""
    if not isinstance(node, Binary):
        return
    if node.operator in {"&&", "||"}:
        yield from _bounded_paths(node.left)
        yield from _bounded_paths(node.right)
    path = path_of(node.left)
    if node.operator == "in" and path:
        yield path
    for one, other, signs in ((node.left, node.right, _UPPER), (node.right, node.left, _LOWER)):
        is_size = isinstance(one, Call) and one.function == "size" and isinstance(other, Literal)
        sized = path_of(one.arguments[0]) if is_size and isinstance(one, Call) else path_of(one)
        if sized and node.operator in signs and (is_size or (node.operator == "==" and _is_text(other))):
            yield sized


_UPPER: Final = frozenset(("<", "<=", "=="))
_LOWER: Final = frozenset((">", ">=", "=="))


def _is_text(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, str)
