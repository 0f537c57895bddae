"""Holds breaks against the accepted ones, and the accepted ones against the breaks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tallystick.contracts.breaking.acceptance import ACCEPTED, acceptances_of
from tallystick.contracts.breaking.breaks import Break
from tallystick.contracts.breaking.changes import Place
from tallystick.contracts.breaking.rule import Hit
from tallystick.contracts.breaking.rules import BREAKING_RULES
from tallystick.contracts.breaking.words import dotted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from tallystick.contracts.breaking.acceptance import Acceptance
    from tallystick.contracts.breaking.snapshot import Snapshot
    from tallystick.contracts.findings import Severity

__all__ = ["judged"]


def judged(breaks: list[Break], old: Snapshot, new: Snapshot, today: dt.date) -> Iterator[Break]:
    """The breaks, those that are accepted as warnings, and what is wrong with the entries that accept them."""
    entries = list(_entries(new))
    matched: set[tuple[str, int]] = set()
    for each in breaks:
        entry = _entry_for(each, entries)
        if entry is not None:
            matched.add((entry.file, entry.index))
        if entry is None or entry.is_expired(today):
            yield each
        else:
            yield replace(each, accepted=entry, severity="warning")
    known = {each.identity for each in _entries(old)} if old.has_sidecars else None
    for entry in entries:
        is_matched = (entry.file, entry.index) in matched
        # Of an entry that is older than this change, the break is part of both states by now.
        is_new = known is not None and entry.identity not in known
        if entry.fault:
            yield _about(entry, new, "B601", f"is not complete: {entry.fault}")
        elif entry.is_expired(today):
            told = f"is over since {entry.until}" + (f": {entry.by} must say it again" if is_matched else "")
            yield _about(entry, new, "B601", told, severity="error" if is_matched else "warning")
        elif not is_matched and (is_new or _is_overtaken(entry, breaks)):
            yield _about(entry, new, "B602", "is about a change that is not there")


def _entries(snapshot: Snapshot) -> Iterator[Acceptance]:
    """Every entry of every sidecar."""
    for path, data in snapshot.files.items():
        if path.endswith(".yaml") and isinstance(data, bytes) and ACCEPTED.encode() in data:
            document = snapshot.document(path)
            if document is not None:
                yield from acceptances_of(document, snapshot.event_of(path))


def _entry_for(each: Break, entries: list[Acceptance]) -> Acceptance | None:
    key = (each.rule.id, each.event, dotted(each.hit.path), (each.hit.old, each.hit.new))
    return next((entry for entry in entries if entry.covers(*key)), None)


def _is_overtaken(entry: Acceptance, breaks: list[Break]) -> bool:
    """Whether the place that an entry speaks of breaks the same rule in another way."""
    return any(entry.is_about(each.rule.id, each.event, dotted(each.hit.path)) for each in breaks)


def _about(entry: Acceptance, new: Snapshot, rule: str, told: str, severity: Severity = "error") -> Break:
    what = " ".join(word for word in (entry.rule, entry.event, entry.path) if word)
    document = new.document(entry.file)
    again = f"tallystick accept {entry.rule or '<rule>'} {entry.event or '<event>'} {entry.path}".rstrip()
    hit = Hit(
        path=tuple(entry.path.split(".")) if entry.path else (),
        place=Place(),
        message=f"the accepted break {what} ({entry.old or '?'} to {entry.new or '?'}) {told}",
        old=entry.old,
        new=entry.new,
        consequence="it excuses nothing",
        recommendation=f"delete the entry; if the change is meant: {again} --reason ... --by ... --until ...",
    )
    return Break(
        rule=BREAKING_RULES[rule],
        hit=hit,
        event=entry.event,
        severity=severity,
        file=entry.file,
        span=document.span((ACCEPTED, entry.index)) if document else None,
    )
