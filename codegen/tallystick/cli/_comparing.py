"""Comparing contracts as a program does it: read both states, compare, report."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tallystick.cli._baselines import baselines, present
from tallystick.cli._contractfiles import shown_name
from tallystick.cli._findings import Report
from tallystick.contracts.breaking import BREAKING_RULES, CATEGORIES, Options, breaking
from tallystick.contracts.faults import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

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
        findings += (one for one in _breaking(each, options, schemas) if _identity(one) not in seen)
    return Compared(
        report=_report(findings, files, found, colour=colour),
        told=tuple(each.told for each in found),
        unread=tuple(sorted({f"{each.told}: {fault}" for each in found for fault in each.old.faults})),
    )


def _breaking(baseline: Baseline, options: Options, schemas: Path) -> list[Finding]:
    try:
        return breaking(baseline.old, baseline.new, options)
    except CatalogError as error:
        raise CatalogError(error.faults, schemas) from None  # with paths as they are typed here


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


def _report(findings: list[Finding], files: ContractFiles, found: list[Baseline], *, colour: bool) -> Report:
    from dataclasses import replace

    here = Path.cwd()
    in_files = {path for each in found for state in (each.old, each.new) for path in (*state.files, *state.definitions)}

    def shown(path: str) -> str:
        return shown_name(os.path.normpath(f"{files.root}/{path}"), here) if path in in_files else path

    states = [*(each.old for each in reversed(found)), found[0].new]
    texts = {}
    for path in {each.file for each in findings}:
        documents = [document for state in states if (document := state.document(path)) is not None]
        if documents:
            texts[shown(path)] = documents[-1].text
    return Report(
        findings=tuple(replace(each, file=shown(each.file)) for each in findings),
        files=tuple(sorted(shown(path) for path in files.schemas)),
        texts=texts,
        titles={rule.id: rule.title for rule in BREAKING_RULES.values()},
        colour=colour,
    )
