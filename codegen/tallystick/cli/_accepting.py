"""Approving a break: an entry in the sidecar, which leaves the rest of the file as it is."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

import yaml

from tallystick.cli._baselines import present
from tallystick.cli._comparing import compare
from tallystick.cli._contractfiles import shown_name
from tallystick.cli._linting import write_text
from tallystick.contracts.breaking import BREAKING_RULES
from tallystick.contracts.errors import TallystickError
from tallystick.contracts.lint.document import decode
from tallystick.contracts.lint.yamltree import read_yaml
from tallystick.contracts.spelling import did_you_mean

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from pathlib import Path

    from tallystick.contracts.breaking import Snapshot
    from tallystick.contracts.findings import Finding
    from tallystick.contracts.jsonspans import Node

__all__ = ["AcceptError", "Approval", "accept", "with_entries"]

_KEY: Final = "accepted"
_INDENT: Final = "  "
_WIDE: Final = 10_000


class AcceptError(TallystickError):
    """A break that cannot be approved."""


@dataclass(frozen=True, kw_only=True)
class Approval:
    """What somebody approves.

    Attributes:
        rule: The rule that may be broken.
        event: The contract, or a pattern such as `shop.*`.
        path: The field, dotted; empty means every place in the contract.
        reason: Why.
        by: Who says so.
        until: The last day on which it holds.
    """

    rule: str
    event: str
    path: str
    reason: str
    by: str
    until: dt.date


def accept(approval: Approval, schemas: Path, against: str | None) -> tuple[str, list[Finding]]:
    """Write an approval into the sidecar of its contract.

    Args:
        approval: What is approved.
        schemas: Folder of the contracts.
        against: What the break was found against; None means the main branch.

    Returns:
        The file, and the findings that are accepted now.

    Raises:
        AcceptError: There is no such break.
        TallystickError: The states cannot be compared.
    """
    found = compare(schemas, against).report.findings
    chosen = [each for each in found if _is_meant(each, approval)]
    if not chosen:
        raise _nothing(approval, found)
    files, snapshot = present(schemas)
    name, is_own = _sidecar(approval, snapshot)
    place = files.root / name
    text = _text(place)
    write_text(place, with_entries(text, [_entry(each, approval, is_own=is_own) for each in chosen]))
    return shown_name(place), chosen


def _is_meant(finding: Finding, approval: Approval) -> bool:
    events = finding.facts["events"]
    is_event = isinstance(events, list) and any(fnmatchcase(str(each), approval.event) for each in events)
    is_place = not approval.path or finding.facts["path"] == approval.path
    return finding.rule == approval.rule and is_event and is_place and finding.facts["accepted"] is None


def _nothing(approval: Approval, found: Iterable[Finding]) -> AcceptError:
    if approval.rule not in BREAKING_RULES:
        return AcceptError(
            f"there is no rule {approval.rule}{did_you_mean(approval.rule, BREAKING_RULES)}",
            fix="tallystick breaking shows what there is to accept",
        )
    others = sorted(
        {
            f"{each.rule} {each.facts['event']} {each.facts['path']}".rstrip()
            for each in found
            if not each.facts["accepted"]
        }
    )
    what = f"{approval.rule} {approval.event} {approval.path}".rstrip()
    nearest = did_you_mean(what, others) if others else ": there is no break at all"
    return AcceptError(f"there is no break {what}{nearest}", fix="tallystick breaking shows what there is to accept")


def _sidecar(approval: Approval, snapshot: Snapshot) -> tuple[str, bool]:
    """The sidecar of a contract; for one that is gone, and for several, the defaults of their folder."""
    if approval.event in snapshot.heads:
        return snapshot.layers(approval.event)[-1], True
    parts = approval.event.split(".")[:-1]
    plain = [part for part in parts if "*" not in part and "?" not in part]
    while plain and not any(path.startswith("/".join(plain) + "/") for path in snapshot.files):
        plain.pop()
    return "/".join((*plain, "_domain.yaml")), False


def _entry(finding: Finding, approval: Approval, *, is_own: bool) -> dict[str, object]:
    facts = finding.facts
    entry: dict[str, object] = {"rule": approval.rule}
    if not is_own:
        entry["event"] = approval.event
    if facts["path"]:
        entry["path"] = facts["path"]
    said = {"reason": approval.reason, "by": approval.by, "until": approval.until}
    return {**entry, "from": facts["old"], "to": facts["new"], **said}


def _text(place: Path) -> str:
    if not place.exists():
        return ""
    text = decode(place.read_bytes())
    if not isinstance(text, str):
        raise AcceptError(f"{shown_name(place)} cannot be read: {text.message}")
    return text


def with_entries(text: str, entries: list[dict[str, object]]) -> str:
    """Add entries to the accepted breaks of a sidecar.

    Args:
        text: The sidecar; every line of it stays.
        entries: What to add.

    Raises:
        AcceptError: The sidecar is no mapping, or its list stands on one line and cannot be written again.
    """
    tree = read_yaml(text)
    if tree.root is None or not isinstance(tree.root.value, dict):
        raise AcceptError("the sidecar is no mapping of keys to values", fix="tallystick lint shows the place")
    line_end = "\r\n" if "\r\n" in text else "\n"
    there = next((value for key, value in tree.root.members if key.value == _KEY), None)
    if there is None:
        lead = text if not text or text.endswith("\n") else text + line_end
        return lead + _written({_KEY: None}, entries, _INDENT, line_end)
    if there.items and text[there.start] == "-":
        at = _line_end(text, max(_last(item) for item in there.items))
        column = there.start - (text.rfind("\n", 0, there.start) + 1)
        added = _written({}, entries, " " * column, line_end)
        return f"{text[:at]}{line_end}{added}{text[at:].removeprefix(line_end)}"
    if there.value in ([], None):
        return (
            text[: there.start].rstrip()
            + line_end
            + _written({}, entries, _INDENT, line_end)
            + text[there.end :].lstrip()
        )
    raise AcceptError(
        f"the list `{_KEY}` stands on one line", fix="write it with one `- ` for each entry, and try again"
    )


def _written(head: dict[str, None], entries: list[dict[str, object]], indent: str, line_end: str) -> str:
    lines = [f"{key}:" for key in head]
    for entry in entries:  # one by one: together, what they share becomes an alias, which no sidecar may hold
        dumped = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=_WIDE)
        lines += textwrap.indent(dumped, indent).splitlines()
    return "".join(line + line_end for line in lines)


def _last(node: Node) -> int:
    """The end of the last word in a node: where a block ends, comments behind it are counted in."""
    inner = [value for _, value in node.members] or node.items
    return max((_last(each) for each in inner), default=node.end)


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    if found < 0:
        return len(text)
    return found - 1 if text[found - 1] == "\r" else found
