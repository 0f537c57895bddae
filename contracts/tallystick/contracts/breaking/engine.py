"""Two states of a repository of contracts in, findings out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from tallystick.contracts.breaking.breaks import Break, Breaks
from tallystick.contracts.breaking.judging import judged
from tallystick.contracts.breaking.places import Places
from tallystick.contracts.breaking.plans import plan_breaks
from tallystick.contracts.breaking.rule import CATEGORIES
from tallystick.contracts.breaking.words import dotted
from tallystick.contracts.faults import CatalogError
from tallystick.contracts.findings import START, Finding, Fix

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterable

    from tallystick.contracts.breaking.rule import Execution, Trial
    from tallystick.contracts.breaking.snapshot import Snapshot

    Execute: TypeAlias = "Callable[[Trial], Execution | None]"
    Frequency: TypeAlias = "Callable[[str, str, str], str]"

__all__ = ["Options", "breaking"]

# The rules whose old value is a symbol of an enum.
_SYMBOLS: Final = frozenset(("B211", "B405"))


def _no_execution(_: Trial) -> None:
    return None


def _no_frequency(_event: str, _path: str, _symbol: str) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to compare.

    Attributes:
        now: When it is.
        categories: Which categories are asked for.
        baseline: What findings say they were compared with, such as `merge-base`.
        execute: Carries out a change, to show what becomes of a value.
        frequency: How often an event type's field, or a symbol in it, occurred lately, in words.
        located_in: The state in whose files findings stand, where that is not the new one.
    """

    now: dt.datetime
    categories: Collection[str] = tuple(CATEGORIES)
    baseline: str = "dir"
    execute: Execute = _no_execution
    frequency: Frequency = _no_frequency
    located_in: Snapshot | None = None


def breaking(old: Snapshot, new: Snapshot, options: Options) -> list[Finding]:
    """Compare two states.

    Args:
        old: How the contracts were.
        new: How they are.
        options: How to compare.

    Returns:
        The findings, by file and place; one that is accepted is a warning, and says so.

    Raises:
        CatalogError: The new contracts cannot be read; the old ones that cannot have no part in it.
    """
    breaks = [*Breaks(old, new, options.now).find(), *plan_breaks(old, new, options.now)]
    states = [options.located_in or new, new, old]
    placed = _placed(judged(breaks, old, new, options.now.date()), states)
    found = [
        _finding(each, old.told_of(each.event), options)
        for each in _merged(placed)
        if each.rule.category in options.categories
    ]
    if new.faults:
        raise CatalogError(new.faults)
    return sorted(found, key=lambda each: (each.file, each.span.start, each.rule, each.message))


def _placed(breaks: Iterable[Break], states: list[Snapshot]) -> list[Break]:
    """Breaks with their files and places, in the first state that has the contract."""
    places = [(each, Places(each)) for each in states]
    found = []
    for each in breaks:
        if each.span is not None:
            found.append(each)
            continue
        place = next(place for state, place in places if each.contract in state.heads)
        file, span = place.find(each.hit.place, each.contract)
        found.append(replace(each, file=file, span=span))
    return found


def _merged(breaks: list[Break]) -> list[Break]:
    """One break for all contracts that have the same one from the same place."""
    groups: dict[tuple[object, ...], list[Break]] = defaultdict(list)
    for each in breaks:
        key = (each.rule.id, each.file, each.span, each.hit.path, each.hit.old, each.hit.new, each.accepted is None)
        groups[key].append(each)
    return [
        replace(first, others=tuple(sorted({each.event for each in rest} - {first.event})))
        for first, *rest in groups.values()
    ]


def _often(each: Break, frequency: Frequency) -> str:
    """How often what is gone occurred lately: a symbol, or a field under the name that it had."""
    hit = each.hit
    if hit.place.file == "definition":
        return ""
    is_rename = hit.place.keys == ("name",)
    path = (*hit.path[:-1], hit.old) if is_rename else hit.path
    return frequency(each.event, dotted(path), hit.old if each.rule.id in _SYMBOLS else "")


def _finding(each: Break, against: str, options: Options) -> Finding:
    """A break as people and machines are told it."""
    hit, path = each.hit, dotted(each.hit.path)
    consequence, execution = hit.consequence, options.execute(hit.trial) if hit.trial else None
    if execution is not None:
        becomes = f"{execution.written} becomes {execution.python} in Python and {execution.spark} in Spark"
        consequence = f"{becomes}; {consequence}"
    if often := _often(each, options.frequency):
        consequence += f"; {often}"
    entry = each.accepted
    facts: dict[str, object] = {
        "category": each.rule.category,
        "baseline": options.baseline,
        "against": against,
        "event": each.event,
        "events": [each.event, *each.others],
        "path": path,
        "old": hit.old,
        "new": hit.new,
        "consequence": consequence,
        "consumers": list(each.consumers),
        "recommendation": hit.recommendation,
        "execution": execution.as_json() if execution else None,
        "accepted": {"reason": entry.reason, "by": entry.by, "until": str(entry.until)} if entry else None,
    }
    more = f" (and {len(each.others)} more)" if each.others else ""
    return Finding(
        rule=each.rule.id,
        severity=each.severity,
        file=each.file,
        span=each.span or START,
        message=f"{hit.message}{_shown(execution)}{more}{' [accepted]' if entry else ''}",
        why=each.rule.why,
        fix=Fix(description=hit.recommendation),
        facts=facts,
    )


def _shown(execution: Execution | None) -> str:
    """What became of a value, for the first line."""
    if execution is None or execution.spark == execution.written:
        return ""
    where = " in Spark" if execution.python != execution.spark else ""
    return f": {execution.written} becomes {execution.spark}{where}"
