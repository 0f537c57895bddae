"""Accepted breaks: the sidecar's entries `{rule, path, from, to, reason, by, until}`, and B601 and B602 about them.

They stand in the contract's own sidecar, or, with `event` naming whom they are about (`shop.*` works), in the
`_domain.yaml` of its folder: where else, once the contract is gone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking.rule import BreakingRule, Example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Document

__all__ = ["ACCEPTANCE_RULES", "ACCEPTED", "Acceptance", "acceptances_of"]

ACCEPTED: Final = "accepted"
_NEEDED: Final = ("rule", "from", "to", "reason", "by", "until")
_KNOWN: Final = frozenset((*_NEEDED, "path", "event"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One entry.

    Attributes:
        file: The sidecar.
        index: Its place in the list.
        event: Whom it is about; may be a pattern.
        rule: The rule that may be broken.
        path: The field, dotted; empty for the contract itself.
        old: What it was.
        new: What it is.
        reason: Why.
        by: Who says so.
        until: The last day on which it holds; None where it is none.
        fault: What is wrong with the entry itself; empty where nothing is.
    """

    file: str
    index: int
    event: str
    rule: str
    path: str
    old: str
    new: str
    reason: str
    by: str
    until: dt.date | None
    fault: str = ""

    def is_about(self, rule: str, event: str, path: str) -> bool:
        """Whether it speaks of a rule at a place, whatever has changed there."""
        return (self.rule, self.path) == (rule, path) and fnmatchcase(event, self.event)

    def covers(self, rule: str, event: str, path: str, change: tuple[str, str]) -> bool:
        """Whether it speaks of this very change."""
        return not self.fault and self.is_about(rule, event, path) and (self.old, self.new) == change

    def is_expired(self, today: dt.date) -> bool:
        """Whether its last day is over."""
        return self.until is not None and today > self.until

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes two entries the same one, wherever they stand."""
        return (self.event, self.rule, self.path, self.old, self.new)


def acceptances_of(document: Document, event: str) -> Iterator[Acceptance]:
    """The entries of a sidecar.

    Args:
        document: The sidecar, or a `_domain.yaml`.
        event: Whom an entry is about that does not say so; empty for a `_domain.yaml`.
    """
    value = document.value
    stated = value.get(ACCEPTED) if isinstance(value, dict) else None
    for index, each in enumerate(stated if isinstance(stated, list) else ()):
        entry = each if isinstance(each, dict) else {}
        until = _day(entry.get("until"))
        yield Acceptance(
            file=document.path,
            index=index,
            event=_text(entry.get("event")) or event,
            rule=_text(entry.get("rule")),
            path=_text(entry.get("path")),
            old=_text(entry.get("from")),
            new=_text(entry.get("to")),
            reason=_text(entry.get("reason")),
            by=_text(entry.get("by")),
            until=until,
            fault=_fault(entry, event, until),
        )


def _fault(entry: dict[str, Json], event: str, until: dt.date | None) -> str:
    missing = [key for key in _NEEDED if not _text(entry.get(key))]
    unknown = [key for key in entry if key not in _KNOWN]
    if missing:
        return f"it lacks {', '.join(missing)}"
    if unknown:
        return f"`{unknown[0]}` means nothing in it"
    if not event and not _text(entry.get("event")):
        return "it does not say which event it is about"
    return "" if until else f"`{entry.get('until')}` is no day such as 2027-01-31"


def _text(value: Json) -> str:
    return "" if value is None else str(value).strip()


def _day(value: Json) -> dt.date | None:
    try:
        return dt.date.fromisoformat(_text(value))
    except ValueError:
        return None


_ENTRY: Final = (
    "accepted:\n  - {{rule: B504, from: shop-web, to: search, reason: the team was split, by: ana, until: {}}}\n"
)

ACCEPTANCE_RULES: Final = (
    BreakingRule(
        id="B601",
        category="POLICY",
        title="an accepted break is complete, and not over",
        severity="error",
        why="An exception without reason, name and end is a hole that nobody closes.",
        bad=Example("owner: search\n", "owner: search\n" + _ENTRY.format("2026-01-31"), "sidecar"),
        good=Example("owner: shop-web\n", "owner: search\n" + _ENTRY.format("2027-01-31"), "sidecar"),
    ),
    BreakingRule(
        id="B602",
        category="POLICY",
        title="an accepted break is the one that is there",
        severity="error",
        why="What was approved is one change, from one value to another; any further one has been seen by nobody.",
        bad=Example("owner: shop-web\n", "owner: shop-web\n" + _ENTRY.format("2027-01-31"), "sidecar"),
        good=Example("owner: shop-web\n", "owner: search\n" + _ENTRY.format("2027-01-31"), "sidecar"),
    ),
)
