"""Exceptions inside a schema: `"tallystick:suppress": [{"rule": "T003", "reason": "...", "until": "2027-01-31"}]`.

It stands on a record, a field or a type, and holds for everything inside of it, up to and including that day.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.contracts.lint.document import Path
    from tallystick.contracts.lint.repository import SchemaFile

__all__ = ["SUPPRESS", "Suppression", "suppressions_of"]

SUPPRESS: Final = "tallystick:suppress"


@dataclass(frozen=True, slots=True)
class Suppression:
    """One exception.

    Attributes:
        path: Where it is stated.
        scope: The object inside of which it holds.
        rule: The rule that may be broken.
        reason: Why.
        until: The last day on which it holds.
    """

    path: Path
    scope: Path
    rule: str
    reason: str
    until: dt.date

    def covers(self, rule: str, path: Path, today: dt.date) -> bool:
        """Whether a finding is excepted, on a day."""
        return rule == self.rule and path[: len(self.scope)] == self.scope and today <= self.until


def suppressions_of(file: SchemaFile) -> Iterator[Suppression]:
    """The exceptions of a schema that are complete; the others hide nothing, and are findings."""
    if SUPPRESS not in file.document.text:
        return
    for scope, attributes in file.objects:
        stated = attributes.get(SUPPRESS)
        for index, each in enumerate(stated if isinstance(stated, list) else ()):
            if not isinstance(each, dict):
                continue
            rule, reason, until = (each.get(key) for key in ("rule", "reason", "until"))
            if isinstance(rule, str) and isinstance(reason, str) and reason.strip() and isinstance(until, str):
                try:
                    day = dt.date.fromisoformat(until)
                except ValueError:
                    continue
                yield Suppression((*scope, SUPPRESS, index), scope, rule, reason, day)
