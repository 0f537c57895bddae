"""O006 and O007: exceptions, each with a reason and an end."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, OnSchema, Rule
from tallystick.contracts.lint.suppression import SUPPRESS, suppressions_of
from tallystick.contracts.spelling import did_you_mean

if TYPE_CHECKING:
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Path
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits

__all__ = ["SUPPRESSION_RULES"]

_ID: Final = re.compile(r"[SNDTEXPRO][0-9]{3}")
_KEYS: Final = ("rule", "reason", "until")


def _malformed(file: SchemaFile) -> Hits:
    if SUPPRESS not in file.document.text:
        return
    for path, attributes in file.objects:
        if SUPPRESS not in attributes:
            continue
        stated = attributes[SUPPRESS]
        if not isinstance(stated, list):
            yield Hit(
                (*path, SUPPRESS), f'"{SUPPRESS}" is a list: write [{{"rule": ..., "reason": ..., "until": ...}}]'
            )
            continue
        for index, each in enumerate(stated):
            yield from _entry((*path, SUPPRESS, index), each)


def _entry(path: Path, entry: Json) -> Hits:
    if not isinstance(entry, dict):
        yield Hit(path, 'a suppression is an object: write {"rule": ..., "reason": ..., "until": ...}')
        return
    for key in _KEYS:
        value = entry.get(key)
        if not isinstance(value, str) or not value.strip():
            yield Hit(path, f'this suppression has no "{key}": add {_MEANINGS[key]}')
    for key in entry:
        if key not in _KEYS:
            yield Hit((*path, key), f'"{key}" means nothing in a suppression{did_you_mean(key, _KEYS)}', part="key")
    rule = entry.get("rule")
    if isinstance(rule, str) and rule.strip() and not _ID.fullmatch(rule):
        yield Hit((*path, "rule"), f"`{rule}` is no rule: write its id, such as T003")
    until = entry.get("until")
    if isinstance(until, str) and until.strip() and _day(until) is None:
        yield Hit((*path, "until"), f'"{until}" is no day: write "2027-01-31"')


_MEANINGS: Final = {
    "rule": "the id of the rule, such as T003",
    "reason": "why it may be broken here",
    "until": 'the day on which it ends, such as "2027-01-31"',
}


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _expired(file: SchemaFile) -> Hits:
    for each in suppressions_of(file):
        if each.until < file.repository.today:
            message = (
                f"the suppression of {each.rule} ended on {each.until}: mend what it "
                f"hides ({each.reason}), or extend it"
            )
            yield Hit((*each.path, "until"), message)


_NAME: Final = '{"name": "is_paid", "type": "boolean", "doc": "Whether it was paid.",\n "tallystick:suppress": [%s]}'

SUPPRESSION_RULES: Final = (
    Rule(
        id="O006",
        title="a suppression names rule, reason and end",
        severity="error",
        why="An exception without a reason is never taken back, and one without an end is the new rule.",
        bad=Example(_NAME % '{"rule": "N012", "reason": "sent so by the till"}'),
        good=Example(_NAME % '{"rule": "N012", "reason": "sent so by the till", "until": "2027-06-30"}'),
        checks=(OnSchema(_malformed),),
    ),
    Rule(
        id="O007",
        title="no suppression has ended",
        severity="error",
        why="The day was a promise: what it hides was to be mended by then.",
        bad=Example(_NAME % '{"rule": "N012", "reason": "sent so by the till", "until": "2026-06-30"}'),
        good=Example(_NAME % '{"rule": "N012", "reason": "sent so by the till", "until": "2027-06-30"}'),
        checks=(OnSchema(_expired),),
    ),
)
