"""The second pass over a schema: every use of a name finds its definition.

Java copies all records here and holds the defaults against the copies. A copy has its fields only after everything
inside has been copied, so a default that must look into a record which holds it, by whatever detour, is refused. Which
records are complete when depends on the order of the copying, and that is repeated here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.contracts._defaults import check_default
from tallystick.contracts._nodes import fault
from tallystick.contracts._trampoline import Step, run
from tallystick.contracts.types import (
    Concrete,
    Enum,
    Field,
    Fixed,
    Named,
    Record,
    Ref,
    Type,
    Union,
    children,
    with_children,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.contracts._nodes import Path
    from tallystick.contracts._parser import Parser

__all__ = ["link"]


def link(root: Type, parser: Parser) -> Type:
    """Return the schema with the definition of every type at its first use.

    Raises:
        SchemaError: A name has no definition, or a definition cannot be what its uses ask for.
    """
    for promise in parser.promises.values():
        name = promise.ref.name
        if name not in parser.known:
            raise fault(promise.at, f"{name} is not defined", fix="define it, or correct the name")
    if parser.promises and parser.has_nested_defaults:
        copying = _Copying(parser)
        for each in [*parser.known.values(), root]:
            run(copying.visit(each))
    is_ordered = all(promise.is_inside for promise in parser.promises.values())
    is_whole = all(id(named) in parser.places for named in parser.known.values())
    return root if is_ordered and is_whole else run(_arrange(root, parser.known, set()))


class _Copying:
    """Java's copying of all types, as far as it decides which defaults are refused."""

    def __init__(self, parser: Parser) -> None:
        self.verdicts: dict[tuple[int, int], bool] = {}
        self._parser = parser
        self._begun: set[int] = set()
        self._complete: set[int] = set()
        self._kept: set[int] = set()
        self._default: Path = ()

    def resolve(self, ref: Ref) -> Concrete:
        """Return the definition behind a use."""
        return self._parser.known[ref.name]

    def fields(self, record: Record) -> tuple[Field, ...]:
        """Return the fields of a record whose copy has them.

        Raises:
            SchemaError: It has none yet.
        """
        if id(record) not in self._complete:
            what = f"the default would be a {record.name} inside of {record.name}"
            raise fault(self._default, what, fix="leave the default out, or make it null")
        return record.fields

    def visit(self, start: Type) -> Step[None]:
        """Copy a type and all inside it, the innermost first."""
        visited: set[int] = set()
        todo: list[tuple[Type, bool]] = [(start, False)]
        while todo:
            node, is_left = todo.pop()
            if isinstance(node, Ref) and id(node) in self._parser.promises:
                yield from self._keep_promise(node)
                continue
            here = self.resolve(node) if isinstance(node, Ref) else node
            if is_left and isinstance(here, Record):
                yield self._complete_record(here)
            elif id(here) not in visited and id(here) not in self._complete:
                visited.add(id(here))
                self._begun.add(id(here))
                todo.append((here, True))
                # A union is gone through from its end.
                inner = children(here)
                todo.extend((each, False) for each in (inner if isinstance(here, Union) else reversed(inner)))

    def _keep_promise(self, promise: Ref) -> Step[None]:
        target = self.resolve(promise)
        if id(promise) not in self._kept and id(target) not in self._begun:
            yield self.visit(target)
        self._kept.add(id(promise))

    def _complete_record(self, record: Record) -> Step[None]:
        if id(record) in self._complete:
            return
        at = self._parser.places.get(id(record), ())
        for index, field in enumerate(record.fields):
            self._default = (*at, "fields", index, "default")
            yield check_default(field, self, self._default[:-1])
        self._complete.add(id(record))


def _arrange(node: Type, known: Mapping[str, Named], seen: set[str]) -> Step[Type]:
    """Move definitions to the first use of their names in reading order."""
    if isinstance(node, (Ref, Record, Enum, Fixed)):
        definition = known[node.name]
        if node.name in seen and (isinstance(node, Ref) or node is definition):
            return node if isinstance(node, Ref) else Ref(node.name)
        seen.add(node.name)
        node = definition if isinstance(node, Ref) else node
    inner: list[Type] = []
    for each in children(node):
        arranged: Type = yield _arrange(each, known, seen)
        inner.append(arranged)
    return with_children(node, inner)
