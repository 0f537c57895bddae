"""An event to show: the team's own example, or one made of the types, in the JSON form that the API takes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tallystick.contracts.contract import META_FIELD
from tallystick.contracts.roles import ROLE_PROPERTY
from tallystick.contracts.types import Array, Enum, Fixed, Map, Primitive, Record, Ref, Type, Union

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.contracts.contract import Contract
    from tallystick.contracts.schema import Schema
    from tallystick.contracts.types import Concrete, Field

__all__ = ["Tagged", "example", "is_tagged", "sample", "tag_of"]

_UNKNOWN: Final = "UNKNOWN"
_PLAIN: Final[Mapping[str, Any]] = {
    "null": None,
    "boolean": True,
    "int": 1,
    "long": 1,
    "float": 1.5,
    "double": 1.5,
    "string": "example",
    "bytes": "",
}
_LOGICAL: Final[Mapping[str, Any]] = {
    "uuid": "0192f0c1-7a4e-7c3b-9d2f-5b8c6e1a4d70",
    "date": "2026-01-05",
    "time-millis": "09:30:00",
    "time-micros": "09:30:00",
    "timestamp-millis": "2026-01-05T09:30:00Z",
    "timestamp-micros": "2026-01-05T09:30:00Z",
    "local-timestamp-millis": "2026-01-05T09:30:00",
    "local-timestamp-micros": "2026-01-05T09:30:00",
}
_KINDS: Final[Mapping[str, str]] = {"array": "array", "map": "object", "record": "object", "enum": "string"}
_NUMBERS: Final = frozenset({"int", "long", "float", "double"})


class Tagged(dict[str, Any]):
    """A value of a union whose branches JSON cannot tell apart: `{"<branch>": value}`."""


def example(contract: Contract) -> dict[str, Any] | None:
    """The fields behind the meta of the sidecar's first example; None where it has none."""
    for each in contract.sidecar.examples:
        if isinstance(each, dict) and isinstance(event := each.get("event"), dict):
            return {str(key): json_form(value) for key, value in event.items() if key != META_FIELD}
    return None


def sample(contract: Contract, by_role: Mapping[str, str]) -> dict[str, Any]:
    """A value for every field behind the meta that has no default.

    Args:
        contract: The event.
        by_role: Role -> what to put into a text that plays it.
    """
    root = contract.schema.root
    fields = [field for field in root.fields if field.name != META_FIELD] if isinstance(root, Record) else []
    return _Sampler(contract.schema, by_role).fields(fields, frozenset({contract.name}))


class _Sampler:
    def __init__(self, schema: Schema, by_role: Mapping[str, str]) -> None:
        self._schema = schema
        self._by_role = by_role

    def fields(self, fields: list[Field], inside: frozenset[str]) -> dict[str, Any]:
        """A value for each field that needs one."""
        return {each.name: self._field(each, inside) for each in fields if not each.has_default}

    def _field(self, field: Field, inside: frozenset[str]) -> Any:  # noqa: ANN401 - JSON
        roles = field.props.get(ROLE_PROPERTY)
        known = [
            self._by_role[str(each)] for each in (roles if isinstance(roles, list) else ()) if each in self._by_role
        ]
        value = self._value(field.type, inside)
        if value == _PLAIN["string"]:
            return known[0] if known else _text(field.name)
        return value

    def _value(self, node: Type, inside: frozenset[str]) -> Any:  # noqa: ANN401 - JSON
        match self._schema.resolve(node) if isinstance(node, Ref) else node:
            case Record(name=name, fields=fields):
                return {} if name in inside else self.fields(list(fields), inside | {name})
            case Enum(symbols=symbols):
                return next((each for each in symbols if each != _UNKNOWN), _UNKNOWN)
            case Array(items=inner):
                return [self._value(inner, inside)]
            case Map(values=inner):
                return {"key": self._value(inner, inside)}
            case Union(branches=branches):
                return self._union(branches, inside)
            case (Primitive() | Fixed()) as leaf:
                return _leaf(leaf)
            case _ as other:
                raise TypeError(other)

    def _union(self, branches: tuple[Type, ...], inside: frozenset[str]) -> Any:  # noqa: ANN401 - JSON
        concrete = [self._schema.resolve(each) for each in branches]
        if any(each.kind == "null" for each in concrete):
            return None
        value = self._value(branches[0], inside)
        return Tagged({tag_of(concrete[0]): value}) if is_tagged(concrete) else value


def _text(name: str) -> str:
    """A text for a field: `order-1` for an `order_id`, and a plain word for all others."""
    word, _, last = name.rpartition("_")
    return f"{word.replace('_', '-')}-1" if word and last in {"id", "key", "code"} else "example"


def _leaf(node: Primitive | Fixed) -> Any:  # noqa: ANN401 - JSON
    logical = node.logical
    if logical is not None and logical.name == "decimal":
        scale, precision = logical.scale or 0, logical.precision or 1
        whole = "12" if precision - scale > 1 else "1" if precision > scale else "0"
        return f"{whole}.{'5'.ljust(scale, '0')}" if scale else whole
    if logical is not None and logical.name in _LOGICAL:
        return _LOGICAL[logical.name]
    return (
        "A" * 4 * (node.size // 3) + ("", "AA==", "AAA=")[node.size % 3]
        if isinstance(node, Fixed)
        else _PLAIN[node.name]
    )


# --- what JSON can tell apart ------------------------------------------------------------------------------


def is_tagged(branches: list[Concrete]) -> bool:
    """Whether a union's value stands under its branch's name: two branches look alike in JSON."""
    kinds = [_json_kind(each) for each in branches if each.kind != "null"]
    return len(kinds) != len(set(kinds))


def tag_of(node: Concrete) -> str:
    """The name under which such a value stands."""
    return str(getattr(node, "name", node.kind))


def _json_kind(node: Concrete) -> str:
    if not isinstance(node, (Primitive, Fixed)):
        return _KINDS[node.kind]
    if node.kind == "boolean":
        return "boolean"
    logical = node.logical.name if node.logical is not None else ""
    return "number" if node.kind in _NUMBERS and logical not in _LOGICAL else "string"


def json_form(value: Any) -> Any:  # noqa: ANN401 - what YAML made of a text
    """What YAML reads as more than JSON has, such as a date without quotes, in the API's form of it."""
    match value:
        case dict():
            return type(value)({str(key): json_form(each) for key, each in value.items()})
        case list() | tuple():
            return [json_form(each) for each in value]
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return str(value)
        case _:
            return str(value)
