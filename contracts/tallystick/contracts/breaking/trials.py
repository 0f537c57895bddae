"""Changes as two small schemas, so that they can be executed: encode with the one, decode with the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts._rendering import schema_text
from tallystick.contracts.breaking.rule import Trial
from tallystick.contracts.types import Field, Record

if TYPE_CHECKING:
    from tallystick.contracts.schema import Schema
    from tallystick.contracts.types import Type

__all__ = ["field_trial", "missing_trial", "type_trial"]

_NAME: Final = "Sample"
_VALUE: Final = "value"
_BEFORE: Final = "before"
_AFTER: Final = "after"


def type_trial(old: Schema, one: Type, new: Schema, other: Type) -> Trial:
    """A value of one type, read as another."""
    return Trial(_record(old, Field(_VALUE, one)), _record(new, Field(_VALUE, other)), _VALUE, _VALUE)


def field_trial(old: Schema, one: Field, new: Schema, other: Field) -> Trial:
    """A value of one field, read where another field stands."""
    # Under names that are always the same: what becomes of a value depends on the types alone, and is worth keeping.
    aliases = (_BEFORE,) if one.name in other.aliases else ()
    before, after = Field(_BEFORE, one.type), Field(_AFTER, other.type, default=other.default, aliases=aliases)
    return Trial(_record(old, before), _record(new, after), _BEFORE, _AFTER)


def missing_trial(new: Schema, field: Field) -> Trial:
    """An event of a version that did not have the field yet."""
    return Trial(_record(new), _record(new, Field(_VALUE, field.type, default=field.default)), "", _VALUE)


def _record(schema: Schema, *fields: Field) -> str:
    return schema_text(Record(_NAME, fields=fields), schema.named)
