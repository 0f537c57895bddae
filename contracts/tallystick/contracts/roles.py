"""Roles: how everything downstream finds a field, whatever a product team calls it.

"tallystick:role": ["experiment.unit_id"]        on a field, a list
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from tallystick.contracts.faults import did_you_mean
from tallystick.contracts.types import Array, Field, Map, Primitive, Record, Ref, Type, Union
from tallystick.contracts.vocabulary import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tallystick.contracts.schema import Schema
    from tallystick.contracts.types import Json

__all__ = ["ROLES", "ROLE_PROPERTY", "TAGS_PROPERTY", "FieldPath", "RoleFault", "fields_of", "roles_of", "tags_of"]

FieldPath: TypeAlias = tuple[str, ...]

ROLE_PROPERTY: Final = "tallystick:role"
TAGS_PROPERTY: Final = "confluent:tags"

_SHORT: Final = {"experiment.exclude_if_true": "experiment.exclude_if_true.override"}
_ITEM: Final = "[]"


class RoleFault(ValueError):  # noqa: N818 - it becomes a Fault once the file is known
    """A role that cannot be: unknown, doubled, or inside a list."""


def fields_of(schema: Schema) -> Iterator[tuple[FieldPath, Field]]:
    """Yield every field with its path, through records, unions, arrays and maps (both a step `[]`).

    A record inside itself is entered once.
    """
    found: list[tuple[FieldPath, Field]] = []
    _add_fields(schema, schema.root, (), frozenset(), found)
    yield from found


def _add_fields(
    schema: Schema, node: Type, path: FieldPath, inside: frozenset[str], found: list[tuple[FieldPath, Field]]
) -> None:
    match schema.resolve(node) if isinstance(node, Ref) else node:
        case Record(name=name, fields=fields) if name not in inside:
            for field in fields:
                here = (*path, field.name)
                found.append((here, field))
                if not isinstance(field.type, Primitive):
                    _add_fields(schema, field.type, here, inside | {name}, found)
        case Array(items=inner) | Map(values=inner):
            _add_fields(schema, inner, (*path, _ITEM), inside, found)
        case Union(branches=branches):
            for branch in branches:
                _add_fields(schema, branch, path, inside, found)
        case _:
            return


def roles_of(schema: Schema) -> Mapping[str, tuple[FieldPath, ...]]:
    """Return the paths of the fields by their roles, in the schema's order.

    `experiment.exclude_if_true` without a suffix counts as `.override`.

    Raises:
        RoleFault: A role is unknown, doubled, or on a field inside a list.
    """
    roles: dict[str, tuple[FieldPath, ...]] = {}
    for path, field in fields_of(schema):
        for role in _words(path, field, ROLE_PROPERTY):
            name = _SHORT.get(role, role)
            if name not in ROLES:
                raise RoleFault(f"{_dotted(path)} has an unknown role {role!r} {did_you_mean(role, ROLES)}".rstrip())
            if _ITEM in path:
                raise RoleFault(f"{_dotted(path)} has the role {role}, but stands inside a list or map")
            if ROLES[name] and name in roles:
                raise RoleFault(f"{_dotted(roles[name][0])} and {_dotted(path)} both have the role {role}")
            roles[name] = (*roles.get(name, ()), path)
    return MappingProxyType(roles)


def tags_of(schema: Schema) -> Mapping[FieldPath, tuple[str, ...]]:
    """Return the tags of every field that has some, such as `PII`.

    Raises:
        RoleFault: The tags are no list of words.
    """
    return MappingProxyType(
        {path: tags for path, field in fields_of(schema) if (tags := _words(path, field, TAGS_PROPERTY))}
    )


def _words(path: FieldPath, field: Field, key: str) -> tuple[str, ...]:
    if key not in field.props:
        return ()
    value: Json = field.props[key]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise RoleFault(f'{_dotted(path)} has a {key} that is no list of words, such as ["event_id"]')
    return tuple(str(each) for each in value)


def _dotted(path: FieldPath) -> str:
    return ".".join(path)
