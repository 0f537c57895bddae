"""Wrong events: each a realistic one with one mistake that the class refuses."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from tallystick.contracts.types import Array, Concrete, Enum, Field, Fixed, Map, Primitive, Record, Type, Union
from tallystick.sdk._codec.binding import Binding, attributes
from tallystick.sdk._codec.leaf import Value
from tallystick.sdk._codec.plain import plain_of
from tallystick.sdk._codec.violations import violations
from tallystick.sdk.rules import broken
from tallystick.sdk.samples._errors import SampleError
from tallystick.sdk.samples._mending import fields_of
from tallystick.sdk.samples._typical import Sampler, samples

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tallystick.sdk._codec.violations import Violation
    from tallystick.sdk.record import Record as Model

__all__ = ["Mistake", "mistakes"]

_TRIES: Final = 300
_UNKNOWN_FIELD: Final = "no_such_field"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong event.

    Attributes:
        told: The mistake.
        path: Where it is, as a JSON pointer.
        plain: The event in its JSON form.
        violations: What its class says about it.
    """

    told: str
    path: str
    plain: dict[str, Value]
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class _Draft:
    told: str
    path: tuple[str | int, ...]
    plain: dict[str, Value]


def mistakes(cls: type[Model], *, count: int = 1, seed: int = 0) -> list[Mistake]:
    """Wrong events of a generated class, with different mistakes as long as there are any.

    Raises:
        SampleError: The class takes anything.
    """
    chance = random.Random(f"{seed}:mistakes")  # noqa: S311 -- to be repeated, not secret
    found: list[Mistake] = []
    while len(found) < count:
        event = samples(cls, seed=chance.randrange(2**32))[0]
        drafts = list(_Mistakes(cls, chance).of(event))
        chance.shuffle(drafts)
        before = len(found)
        found += [each for draft in drafts if (each := _refused(cls, draft)) is not None]
        if len(found) == before:
            raise SampleError(f"{cls.SUBJECT} takes anything: no event of it is wrong")
    return found[:count]


def _refused(cls: type[Model], draft: _Draft) -> Mistake | None:
    """The draft as a mistake; None where the class takes it."""
    try:
        cls.from_plain(draft.plain)
    except ValidationError as error:
        return Mistake(draft.told, _pointer(draft.path), draft.plain, violations(error))
    return None


def _pointer(path: tuple[str | int, ...]) -> str:
    return "".join("/" + str(each).replace("~", "~0").replace("/", "~1") for each in path)


class _Mistakes:
    def __init__(self, cls: type[Model], chance: random.Random) -> None:
        self._cls = cls
        self._binding = Binding(cls)
        self._chance = chance

    def of(self, event: Model) -> Iterator[_Draft]:
        """Every mistake that this event could hold."""
        plain = event.to_plain()
        for told, path, value in self._within(self._binding.root, plain, ()):
            yield _Draft(told, path, _changed(plain, path, value))
        yield from self._broken_rules(event)

    def _within(self, node: Type, plain: Value, path: tuple[str | int, ...]) -> Iterator[_Change]:
        concrete = self._binding.schema.resolve(node)
        match concrete:
            case Record() if isinstance(plain, dict):
                yield "an unknown field", (*path, _UNKNOWN_FIELD), 1
                for each in concrete.fields:
                    yield from self._field(each, plain.get(each.name), (*path, each.name))
            case Array() if isinstance(plain, list) and plain:
                yield from self._within(concrete.items, plain[0], (*path, 0))
            case Map() if isinstance(plain, dict) and plain:
                first = next(iter(plain))
                yield from self._within(concrete.values, plain[first], (*path, first))
            case Union():
                others = [each for each in concrete.branches if not _is_null(each)]
                if len(others) == 1 and plain is not None:
                    yield from self._within(others[0], plain, path)
            case _:
                yield from ((told, path, value) for told, value in _wrong_values(concrete))

    def _field(self, field: Field, plain: Value, path: tuple[str | int, ...]) -> Iterator[_Change]:
        concrete = self._binding.schema.resolve(field.type)
        is_nullable = isinstance(concrete, Union) and any(map(_is_null, concrete.branches))
        if not is_nullable and not _is_null(concrete):
            yield "null where a value is required", path, None
            if not field.has_default:
                yield "a missing field", path, _MISSING
        if isinstance(concrete, (Array, Map, Record)):
            yield "a text in place of other fields", path, "text"
        yield from self._within(field.type, plain, path)

    def _broken_rules(self, event: Model) -> Iterator[_Draft]:
        """Events that break one rule of the outermost record each."""
        root = self._binding.root
        if not isinstance(root, Record):
            return
        sampler = Sampler(self._binding, self._chance)
        types = {each.name: each.type for each in root.fields}
        for rule, fields in fields_of(sampler, root).items():
            drawn = self._breaking(event, sampler, rule, {name: types[name] for name in fields})
            if drawn is not None:
                changed = {name: plain_of(self._binding, types[name], value) for name, value in drawn.items()}
                path = (fields[0],) if len(fields) == 1 else ()
                yield _Draft(f"it breaks rule {rule}", path, {**event.to_plain(), **changed})

    def _breaking(
        self, event: Model, sampler: Sampler, rule: str, types: Mapping[str, Type]
    ) -> dict[str, Value] | None:
        """Values for some fields under which an event breaks one rule and no other."""
        names = attributes(self._cls)
        for _ in range(_TRIES if types else 0):
            drawn = {name: sampler.value(node, name, 1) for name, node in types.items()}
            slots = {names[name][0]: value for name, value in drawn.items()}
            draft = self._cls.model_construct(**{**event.__dict__, **slots})
            if [each.name for each in broken(draft, self._cls.RULES)] == [rule]:
                return drawn
        return None


_Change = tuple[str, tuple[str | int, ...], Value]
_MISSING: Final = object()


def _is_null(node: Type) -> bool:
    return isinstance(node, Primitive) and node.name == "null"


def _changed(plain: dict[str, Value], path: tuple[str | int, ...], value: Value) -> dict[str, Value]:
    """A copy with another value at a path."""
    if not path:
        return plain
    result = copy.deepcopy(plain)
    *way, last = path
    here: Value = result
    for step in way:
        here = here[step]
    if value is _MISSING:
        here.pop(last, None)
    else:
        here[last] = value
    return result


def _wrong_values(node: Concrete) -> Iterator[tuple[str, Value]]:
    """Values that a type does not take, each with what is wrong with it."""
    if isinstance(node, Enum):
        yield "an unknown symbol", "NO_SUCH_SYMBOL"
        return
    if not isinstance(node, (Primitive, Fixed)):
        return
    logical = node.logical
    if logical is not None and logical.name == "decimal":
        yield "a number in place of a decimal text", 12.5
        yield "too many digits", "1" * ((logical.precision or 1) + 1)
        yield "too many digits behind the point", "0." + "1" * ((logical.scale or 0) + 1)
    elif logical is not None and logical.name in _WRONG_LOGICAL:
        yield from _WRONG_LOGICAL[logical.name]
    else:
        yield from _WRONG.get(node.kind, ())


_NO_OFFSET: Final = ("a time without offset", "2026-01-31T12:00:00")
_OFFSET: Final = ("a time with an offset", "2026-01-31T12:00:00Z")
_NO_CLOCK: Final = ("no time of day", "25:61:00")
_WRONG_LOGICAL: Final[dict[str, tuple[tuple[str, Value], ...]]] = {
    "uuid": (("no UUID", "1234"),),
    "date": (("no date", "31.01.2026"),),
    "time-millis": (_NO_CLOCK,),
    "time-micros": (_NO_CLOCK,),
    "timestamp-millis": (_NO_OFFSET, ("a time as a number", 1_767_225_600_000)),
    "timestamp-micros": (_NO_OFFSET, ("a time as a number", 1_767_225_600_000_000)),
    "local-timestamp-millis": (_OFFSET,),
    "local-timestamp-micros": (_OFFSET,),
}
_WRONG: Final[dict[str, tuple[tuple[str, Value], ...]]] = {
    "boolean": (("a text in place of a boolean", "yes"),),
    "int": (("a number beyond 32 bits", 2**31), ("a text in place of a number", "seven"), ("a fraction", 1.5)),
    "long": (("a number beyond 64 bits", 2**63), ("a text in place of a number", "seven"), ("a fraction", 1.5)),
    "float": (("a text in place of a number", "much"), ("a number beyond 32 bits", 1e39)),
    "double": (("a text in place of a number", "much"),),
    "bytes": (("no base64", "%%%"),),
    "fixed": (("no base64", "%%%"),),
    "string": (("a number in place of a text", 7),),
}
