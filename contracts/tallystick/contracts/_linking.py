"""The second pass over a schema: every use of a name finds its definition."""

from __future__ import annotations

from dataclasses import replace

from tallystick.contracts._parser import Parser
from tallystick.contracts._trampoline import Step, run
from tallystick.contracts.errors import SchemaError
from tallystick.contracts.types import Array, Enum, Field, Fixed, Map, Named, Record, Ref, Type, Union, walk

__all__ = ["link"]


def link(root: Type, parser: Parser) -> tuple[Type, dict[str, Named]]:
    """Return the schema with every definition at its name's first use, and the definitions by name."""
    for forward, at in parser.forwards:
        if forward.name not in parser.known:
            pointer = "".join(f"/{step}" for step in at)
            raise SchemaError(f"{forward.name} is not defined", pointer=pointer, fix="define it, or correct the name")
    named: dict[str, Named] = {}
    root = run(_arrange(root, parser.known, set()))
    for node in walk(root):
        if isinstance(node, (Record, Enum, Fixed)):
            named.setdefault(node.name, node)
    return root, named


def _arrange(node: Type, known: dict[str, Named], seen: set[str]) -> Step[Type]:
    match node:
        case Ref():
            return Ref(node.name) if node.name in seen else (yield _arrange(known[node.name], known, seen))
        case Array():
            return replace(node, items=(yield _arrange(node.items, known, seen)))
        case Map():
            return replace(node, values=(yield _arrange(node.values, known, seen)))
        case Union():
            branches: list[Type] = []
            for branch in node.branches:
                branches.append((yield _arrange(branch, known, seen)))
            return Union(tuple(branches))
        case Enum() | Fixed() | Record() if node.name in seen and known[node.name] is node:
            return Ref(node.name)
        case Record():
            seen.add(node.name)
            fields: list[Field] = []
            for field in node.fields:
                fields.append(replace(field, type=(yield _arrange(field.type, known, seen))))
            return replace(node, fields=tuple(fields))
        case Enum() | Fixed():
            seen.add(node.name)
            return node
        case _:
            return node
