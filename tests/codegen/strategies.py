"""Random contracts, and values of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tallystick.codegen import load
from tallystick.contracts import Catalog, parse
from tallystick.contracts.types import Array, Enum, Fixed, Map, Primitive, Record, Ref, Type, Union
from tallystick.sdk._codec.binding import Binding, attributes

if TYPE_CHECKING:
    from tallystick.sdk.record import Record as Model

Json: TypeAlias = Any
# Drawing a contract compiles its class, which a busy machine takes its time for.
MANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
SPECIAL = [
    "class",
    "copy",
    "json",
    "date",
    "str",
    "Int32",
    "model_fields",
    "_x",
    "__y",
    "Decimal",
    "l",
    "self",
    "schema",
]
PLAIN = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
LOGICAL = [
    ("int", "date"),
    ("int", "time-millis"),
    ("long", "time-micros"),
    ("long", "timestamp-millis"),
    ("long", "timestamp-micros"),
    ("long", "timestamp-nanos"),
    ("long", "local-timestamp-millis"),
    ("long", "local-timestamp-micros"),
    ("string", "uuid"),
]


class _Names:
    def __init__(self) -> None:
        self.defined: list[str] = []

    def new(self, prefix: str) -> str:
        self.defined.append(f"{prefix}{len(self.defined)}")
        return self.defined[-1]


@st.composite
def contracts(draw: st.DrawFn) -> type[Model]:
    """The generated class of a random contract."""
    text = json.dumps(draw(_record(_Names(), 3)))
    cls: type[Model] = load(Catalog.of_texts({"random": text}))[parse(text).name]
    return cls


def _record(names: _Names, depth: int) -> st.SearchStrategy[Json]:
    @st.composite
    def record(draw: st.DrawFn) -> Json:
        name = names.new("Record")
        special = st.sampled_from(SPECIAL)
        keys = draw(st.lists(st.one_of(st.sampled_from(["a", "b", "c", "d", "e"]), special), unique=True, max_size=5))
        fields: list[Json] = [{"name": key, "type": draw(_type(names, depth - 1))} for key in keys]
        if draw(st.booleans()):
            fields.append({"name": "again", "type": ["null", name], "default": None})
        return {"type": "record", "name": name, "namespace": "random", "fields": fields}

    return record()


def _type(names: _Names, depth: int) -> st.SearchStrategy[Json]:
    leaves = [st.sampled_from(PLAIN), _logical(), _decimal(), _enum(names), _fixed(names)]
    if depth <= 0:
        return st.one_of(leaves)
    inner = st.deferred(lambda: _type(names, depth - 1))
    return st.one_of(
        *leaves,
        inner.map(lambda each: {"type": "array", "items": each}),
        inner.map(lambda each: {"type": "map", "values": each}),
        inner.map(_nullable),
        _union(names, depth),
        _record(names, depth),
    )


def _nullable(node: Json) -> Json:
    return node if node == "null" or isinstance(node, list) else ["null", node]


def _logical() -> st.SearchStrategy[Json]:
    return st.sampled_from(LOGICAL).map(lambda pair: {"type": pair[0], "logicalType": pair[1]})


@st.composite
def _decimal(draw: st.DrawFn) -> Json:
    precision = draw(st.integers(1, 40))
    return {
        "type": "bytes",
        "logicalType": "decimal",
        "precision": precision,
        "scale": draw(st.integers(0, precision)),
    }


def _enum(names: _Names) -> st.SearchStrategy[Json]:
    symbols = st.lists(st.sampled_from(["A", "B", "class", "name", "_x", "None", "upper"]), min_size=1, unique=True)
    return symbols.map(lambda each: {"type": "enum", "name": names.new("Enum"), "symbols": each})


@st.composite
def _fixed(draw: st.DrawFn, names: _Names) -> Json:
    node: Json = {"type": "fixed", "name": names.new("Fixed"), "size": draw(st.integers(0, 20))}
    if node["size"] >= 8 and draw(st.booleans()):
        node |= {"logicalType": "decimal", "precision": draw(st.integers(2, 16)), "scale": 2}
    elif node["size"] == 16:
        node["logicalType"] = "uuid"
    return node


@st.composite
def _union(draw: st.DrawFn, names: _Names, depth: int) -> Json:
    branches = draw(st.lists(_type(names, depth - 1), min_size=1, max_size=4))
    kept: dict[str, Json] = {}
    for branch in branches:
        kind = branch if isinstance(branch, str) else branch["type"] if isinstance(branch, dict) else "union"
        if kind == "union":
            continue
        named = isinstance(branch, dict) and branch.get("name")
        kept.setdefault(str(named or kind), branch)
    return list(kept.values()) or ["null"]


# --- values ------------------------------------------------------------------------------------------

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=9, minutes=30))])
EARLY, LATE = datetime(2, 1, 1), datetime(9998, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
MOMENTS = st.datetimes(EARLY, LATE, timezones=ZONES)
LOCAL = st.datetimes(EARLY, LATE)
_LEAVES: dict[tuple[str, str | None], st.SearchStrategy[Any]] = {
    ("null", None): st.none(),
    ("boolean", None): st.booleans(),
    ("int", None): st.integers(-(2**31), 2**31 - 1),
    ("long", None): st.integers(-(2**63), 2**63 - 1),
    ("float", None): st.floats(width=32, allow_nan=False, allow_infinity=False),
    ("double", None): st.floats(allow_nan=False, allow_infinity=False),
    ("bytes", None): st.binary(max_size=20),
    ("string", None): st.text(max_size=20),
    ("int", "date"): st.dates(),
    ("int", "time-millis"): st.times().map(lambda each: each.replace(microsecond=each.microsecond // 1000 * 1000)),
    ("long", "time-micros"): st.times(),
    ("long", "timestamp-millis"): MOMENTS,
    ("long", "timestamp-micros"): MOMENTS,
    ("long", "local-timestamp-millis"): LOCAL,
    ("long", "local-timestamp-micros"): LOCAL,
    ("string", "uuid"): st.uuids(),
    ("fixed", "uuid"): st.uuids(),
}


def values(cls: type[Model]) -> st.SearchStrategy[Model]:
    """Instances of a generated class."""
    binding = Binding(cls)
    return _value(binding, binding.root, 3)


def _value(binding: Binding, node: Type, depth: int) -> st.SearchStrategy[Any]:
    match node:
        case Ref():
            return _value(binding, binding.schema.resolve(node), depth)
        case Primitive() | Fixed():
            return _leaf(node)
        case Enum():
            return st.sampled_from(list(binding.enum(node)))
        case Array():
            return st.lists(st.deferred(lambda: _value(binding, node.items, depth - 1)), max_size=3 if depth > 0 else 0)
        case Map():
            inner = st.deferred(lambda: _value(binding, node.values, depth - 1))
            return st.dictionaries(st.text(max_size=5), inner, max_size=3 if depth > 0 else 0)
        case Union():
            branches = [each for each in node.branches if depth > 0 or not isinstance(each, Ref)]
            return st.one_of([_value(binding, each, depth - 1) for each in branches])
        case Record():
            return _instance(binding, node, depth)


def _leaf(node: Primitive | Fixed) -> st.SearchStrategy[Any]:
    logical = node.logical
    if logical is not None and logical.name == "decimal":
        bound, scale = 10 ** (logical.precision or 0) - 1, logical.scale or 0
        return st.integers(-bound, bound).map(lambda each: _scaled(each, scale))
    key = (node.kind, logical.name if logical else None)
    if isinstance(node, Fixed) and key not in _LEAVES:
        return st.binary(min_size=node.size, max_size=node.size)
    return _LEAVES[key if key in _LEAVES else (node.kind, None)]


def _scaled(unscaled: int, scale: int) -> Decimal:
    return Decimal((int(unscaled < 0), tuple(map(int, str(abs(unscaled)))), -scale))


@st.composite
def _instance(draw: st.DrawFn, binding: Binding, node: Record, depth: int) -> Json:
    cls = binding.record(node)
    names = attributes(cls)
    return cls(**{names[each.name][0]: draw(_value(binding, each.type, depth - 1)) for each in node.fields})
