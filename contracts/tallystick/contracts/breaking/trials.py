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


def type_trial(old: Schema, one: Type, new: Schema, other: Type) -> Trial:
    """A value of one type, read as another."""
    return field_trial(old, Field("value", one), new, Field("value", other))


def field_trial(old: Schema, one: Field, new: Schema, other: Field) -> Trial:
    """A value of one field, read where another field stands."""
    return Trial(_record(old, one), _record(new, other), one.name, other.name)


def missing_trial(new: Schema, field: Field) -> Trial:
    """An event of a version that did not have the field yet."""
    return Trial(_record(new), _record(new, field), "", field.name)


def _record(schema: Schema, *fields: Field) -> str:
    return schema_text(Record(_NAME, fields=fields), schema.named)
