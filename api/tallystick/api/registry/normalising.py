"""The normal form of a schema: one text for schemas that differ only in how they are written.

References and aliases are sorted, and so are properties after those of a logical type. Confluent writes the ascending
order of fields out on the way, but its parser drops it again before the text is stored; so it stands in neither's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tallystick.api.registry.rewriting import rewritten
from tallystick.contracts.types import Array, Enum, Field, Fixed, Logical, Map, Primitive, Record

if TYPE_CHECKING:
    from tallystick.api.registry.avro import Parsed
    from tallystick.api.registry.content import Content
    from tallystick.contracts.types import Props, Type

__all__ = ["normalised"]


def normalised(content: Content, parsed: Parsed) -> Content:
    """The content in its normal form."""
    text = parsed.text_of(rewritten(parsed.schema.root, _type, _field))
    return replace(content, text=text, references=tuple(sorted(set(content.references))))


def _type(node: Type) -> Type:
    match node:
        case Primitive():
            return replace(node, props=_props(node.props, node.logical))
        case Fixed():
            props = _props(node.props, node.logical)
            return replace(node, props=props, doc=node.doc or None, aliases=tuple(sorted(node.aliases)))
        case Record() | Enum():
            return replace(node, props=_props(node.props), doc=node.doc or None, aliases=tuple(sorted(node.aliases)))
        case Array() | Map():
            return replace(node, props=_props(node.props))
        case _:
            return node


def _field(field: Field, _path: str) -> Field:
    return replace(field, props=_props(field.props), aliases=tuple(sorted(field.aliases)))


def _props(props: Props, logical: Logical | None = None) -> Props:
    first = ["logicalType", "precision", *(["scale"] if logical.scale else [])] if logical is not None else []
    order = [*first, *sorted(props)]
    return {key: props[key] for key in order if key in props}
