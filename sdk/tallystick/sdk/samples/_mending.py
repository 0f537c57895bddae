"""Fields drawn again until a record breaks none of its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from tallystick.contracts.cel import Checked
from tallystick.contracts.rules import rules_of
from tallystick.sdk._codec.binding import attributes
from tallystick.sdk.rules import Rule, broken
from tallystick.sdk.samples._errors import SampleError
from tallystick.sdk.samples._hints import touched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from tallystick.contracts.types import Record
    from tallystick.sdk._codec.leaf import Value
    from tallystick.sdk.samples._typical import Sampler

__all__ = ["fields_of", "mended"]

_TRIES: Final = 2_000


def mended(sampler: Sampler, node: Record, cls: type[BaseModel], values: dict[str, Value]) -> BaseModel:
    """The record with these values, or with others where a rule asks for others.

    Raises:
        SampleError: None was found.
    """
    rules: tuple[Rule, ...] = cls.RULES  # type: ignore[attr-defined]  # every generated record has it
    wrong = _wrong(cls, values, rules)
    fields = fields_of(sampler, node)
    for _ in range(_TRIES):
        if not wrong:
            return _built(cls, values)
        rule = sampler.source.choice(wrong)
        draft = {**values, **_redrawn(sampler, node, cls, fields.get(rule.name, ()))}
        found = _wrong(cls, draft, rules)
        if len(found) <= len(wrong):
            values, wrong = draft, found
    names = ", ".join(each.name for each in wrong)
    raise SampleError(f"no {node.name} was found that satisfies {names}", fix="see whether the rules can hold together")


def fields_of(sampler: Sampler, node: Record) -> Mapping[str, Sequence[str]]:
    """Name of a rule -> the fields that it looks at."""
    found = rules_of(sampler.binding.schema).get(node.name, ())
    return {each.name: sorted(set(touched(each.compiled.node))) for each in found if isinstance(each.compiled, Checked)}


def _redrawn(sampler: Sampler, node: Record, cls: type[BaseModel], fields: Sequence[str]) -> dict[str, Value]:
    """Other values for some of the fields."""
    names = attributes(cls)
    chosen = sampler.source.sample(fields, sampler.source.randint(1, len(fields))) if fields else ()
    return {names[each.name][0]: sampler.redrawn(each.type, each.name) for each in node.fields if each.name in chosen}


def _wrong(cls: type[BaseModel], values: Mapping[str, Value], rules: Sequence[Rule]) -> list[Rule]:
    return list(broken(cls.model_construct(**values), rules)) if rules else []


def _built(cls: type[BaseModel], values: Mapping[str, Value]) -> BaseModel:
    try:
        return cls(**values)
    except ValidationError as error:
        raise SampleError(f"a drawn value does not fit {cls.__name__}: {error}") from error
