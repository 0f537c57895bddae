"""Comparing contracts as a program does it: read both states, compare, report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tallystick.cli._baselines import baselines, present
from tallystick.cli._contractfiles import shown_name
from tallystick.cli._findings import Report
from tallystick.contracts.breaking import BREAKING_RULES, CATEGORIES, Options, breaking

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from tallystick.cli._baselines import Baseline
    from tallystick.cli._contractfiles import ContractFiles
    from tallystick.contracts.breaking import Execution, Trial
    from tallystick.contracts.findings import Finding

__all__ = ["Compared", "compare"]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What a comparison has found.

    Attributes:
        report: The findings.
        told: What the contracts were compared with, for people.
        unread: What could not be read of the old states, and so was not compared.
    """

    report: Report
    told: tuple[str, ...]
    unread: tuple[str, ...]


def compare(
    schemas: Path,
    against: str | None = None,
    *,
    categories: Collection[str] = tuple(CATEGORIES),
    lake: Path | None = None,
    colour: bool = False,
) -> Compared:
    """Compare the contracts in a folder with what they were.

    Args:
        schemas: The folder.
        against: A git ref, a folder or the address of a registry; None means the main branch.
        categories: Which categories to report.
        lake: A lake, to say how often what has changed occurred lately.
        colour: Whether the report may be coloured.

    Raises:
        TallystickError: A state cannot be read.
    """
    files, new = present(schemas)
    found = baselines(against, files, new)
    now = dt.datetime.now(dt.UTC)
    frequency = _frequency(lake, now)
    findings: list[Finding] = []
    for each in found:
        options = Options(
            now=now,
            categories=categories,
            baseline=each.name,
            execute=_execute,
            frequency=frequency,
            located_in=new,
        )
        seen = {_identity(finding) for finding in findings}
        findings += (one for one in breaking(each.old, each.new, options) if _identity(one) not in seen)
    shown = {path: shown_name(files.root / path) for each in found for path in (*each.old.files, *each.new.files)}
    return Compared(
        report=_report(findings, files, found, shown, colour=colour),
        told=tuple(each.told for each in found),
        unread=tuple(sorted({f"{each.told}: {fault}" for each in found for fault in each.old.faults})),
    )


def _execute(trial: Trial) -> Execution | None:
    """Carry out a change; the SDK and the compiler are loaded when the first one asks for it."""
    from tallystick.cli._execution import execute

    return execute(trial)


def _frequency(lake: Path | None, now: dt.datetime) -> Callable[[str, str, str], str]:
    if lake is None:
        return lambda _event, _path, _symbol: ""
    from tallystick.cli._traffic import Traffic

    return Traffic(lake, now).words


def _identity(finding: Finding) -> tuple[object, ...]:
    return (finding.rule, *(finding.facts[key] for key in ("event", "path", "old", "new")))


def _report(
    findings: list[Finding], files: ContractFiles, found: list[Baseline], shown: dict[str, str], *, colour: bool
) -> Report:
    from dataclasses import replace

    states = [*(each.old for each in reversed(found)), found[0].new]
    texts = {}
    for path in {each.file for each in findings}:
        documents = [document for state in states if (document := state.document(path)) is not None]
        if documents:
            texts[shown.get(path, path)] = documents[-1].text
    return Report(
        findings=tuple(replace(each, file=shown.get(each.file, each.file)) for each in findings),
        files=tuple(sorted(shown[path] for path in files.schemas)),
        texts=texts,
        titles={rule.id: rule.title for rule in BREAKING_RULES.values()},
        colour=colour,
    )
