"""N009 to N012: names that promise a unit or a kind, and must keep the promise."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, Mend, OnField, Rule

if TYPE_CHECKING:
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite

__all__ = ["UNIT_RULES", "is_predicate"]

_PREDICATES: Final = ("is_", "has_", "was_", "had_", "can_", "may_", "should_", "will_", "did_", "does_", "are_")
_ADJECTIVES: Final = ("able", "ible", "ed")
_LENGTHS: Final = frozenset(("duration", "latency", "elapsed", "timeout", "delay", "uptime", "runtime"))
_NUMBERS: Final = frozenset(("int", "long", "float", "double"))
_MOMENTS: Final = ("_at", "_time", "_date", "_on", "_until")


def is_predicate(name: str) -> bool:
    """Whether a name reads as something that is so or not."""
    return name.startswith(_PREDICATES) or name.endswith(_ADJECTIVES)


def _boolean_reads_as_one(site: FieldSite, _: SchemaFile) -> Hits:
    if site.name and not is_predicate(site.name):
        right = f"is_{site.name}"
        message = f"boolean `{site.name}` does not read as yes or no: write {right}, or has_, was_, can_"
        yield Hit((*site.path, "name"), message, Mend(f'"name": "{right}"'))


def _moment_ends_in_at(site: FieldSite, _: SchemaFile) -> Hits:
    logical = site.plain.logical
    is_moment = logical is not None and "timestamp" in logical
    if is_moment and site.name and not site.name.endswith(_MOMENTS):
        right = f"{site.name}_at"
        message = f"time `{site.name}` does not end in _at: write {right}"
        yield Hit((*site.path, "name"), message, Mend(f'"name": "{right}"'))


def _length_has_a_unit(site: FieldSite, _: SchemaFile) -> Hits:
    last = site.name.rpartition("_")[2]
    if last in _LENGTHS and site.plain.logical is None:
        right = f"{site.name}_ms"
        message = f"`{site.name}` does not say its unit: write {right}, or whichever unit it is"
        yield Hit((*site.path, "name"), message, Mend(f'"name": "{right}"'))


def _promise_is_kept(site: FieldSite, file: SchemaFile) -> Hits:
    for kinds, told in _promises(site.name):
        plain = file.repository.resolve(site.plain)
        if plain.kind not in kinds and plain.kind not in {"ref", "bad", "union"}:
            message = f"`{site.name}` promises {told}, and is {plain.short_name}: change the name or the type"
            yield Hit((*site.path, "name"), message)


@lru_cache(maxsize=8192)
def _promises(name: str) -> tuple[tuple[frozenset[str], str], ...]:
    """What a name promises: the kinds that keep it, and how to tell it."""
    return tuple(
        (kinds, told)
        for affix, kinds, told in _PROMISES
        if (name.startswith(affix) if affix.endswith("_") else name.endswith(affix))
    )


_PROMISES: Final = (
    ("is_", frozenset(("boolean",)), "a boolean"),
    ("has_", frozenset(("boolean",)), "a boolean"),
    ("_id", frozenset(("string", "int", "long", "bytes", "fixed")), "an identity"),
    ("_ms", _NUMBERS | {"bytes"}, "milliseconds"),
    ("_count", frozenset(("int", "long")), "a whole number"),
)

UNIT_RULES: Final = (
    Rule(
        id="N009",
        title="a boolean reads as yes or no",
        severity="warning",
        why="`bot` may be a name, a count or a flag; `is_bot` is a flag in every language and query.",
        bad=Example('{"name": "gift", "type": "boolean", "doc": "Whether it is a present."}'),
        good=Example('{"name": "is_gift", "type": "boolean", "doc": "Whether it is a present."}'),
        checks=(OnField(_boolean_reads_as_one, kinds=frozenset(("boolean",))),),
    ),
    Rule(
        id="N010",
        title="a time ends in _at",
        severity="warning",
        why="The name says that it is a moment and not a length of time, also where the type is not in view.",
        bad=Example(
            '{"name": "payment", "type": {"type": "long", "logicalType": "timestamp-micros"}, '
            '"doc": "When it was paid."}'
        ),
        good=Example(
            '{"name": "paid_at", "type": {"type": "long", "logicalType": "timestamp-micros"}, '
            '"doc": "When it was paid."}'
        ),
        checks=(OnField(_moment_ends_in_at),),
    ),
    Rule(
        id="N011",
        title="a length of time names its unit",
        severity="warning",
        why="Seconds read as milliseconds are wrong by a thousand, and no check finds it.",
        bad=Example('{"name": "page_duration", "type": "long", "doc": "How long the page was in view."}'),
        good=Example('{"name": "page_duration_ms", "type": "long", "doc": "How long the page was in view."}'),
        checks=(OnField(_length_has_a_unit, kinds=_NUMBERS),),
    ),
    Rule(
        id="N012",
        title="a name keeps what its prefix or suffix promises",
        severity="warning",
        why="People read the name and not the type: `is_paid` as a string makes every query that tests it true.",
        bad=Example('{"name": "is_paid", "type": "int", "doc": "Whether it was paid."}'),
        good=Example('{"name": "is_paid", "type": "boolean", "doc": "Whether it was paid."}'),
        checks=(OnField(_promise_is_kept),),
    ),
)
