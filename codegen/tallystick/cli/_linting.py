"""Linting as a program does it: read, check, mend, check again, report."""

from __future__ import annotations

import datetime as dt
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tallystick.cli._contractfiles import ContractFiles, find_files, read_config, shown_name
from tallystick.cli._findings import Report
from tallystick.contracts.findings import Finding, Fix, apply_fixes
from tallystick.contracts.lint import RULES, Repository, Target, lint

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["lint_paths", "mend_paths", "write_text"]

# One fix can bare the next finding, such as a default below a misspelt key; it never takes many rounds.
_MAX_ROUNDS: Final = 10


@dataclass(frozen=True, slots=True)
class _Linted:
    findings: list[Finding]
    texts: dict[str, str]
    places: dict[str, Path]


def lint_paths(paths: Sequence[Path], *, colour: bool = False) -> Report:
    """Check files and folders.

    Args:
        paths: What to check; none means `schemas` and `experiments` here.
        colour: Whether the report may be coloured.

    Raises:
        TallystickError: A path does not exist, or the configuration is wrong.
    """
    linted = [_lint(files) for files in find_files(paths)]
    findings = sorted(
        (finding for each in linted for finding in each.findings),
        key=lambda finding: (finding.file, finding.span.start, finding.rule),
    )
    return Report(
        findings=tuple(findings),
        files=tuple(sorted(name for each in linted for name in each.places)),
        texts={name: text for each in linted for name, text in each.texts.items()},
        titles={rule.id: rule.title for rule in RULES.values()},
        colour=colour,
    )


def mend_paths(paths: Sequence[Path]) -> int:
    """Carry out every safe fix, until none is left.

    Args:
        paths: What to mend; none means `schemas` and `experiments` here.

    Returns:
        How many files have changed.
    """
    changed: set[Path] = set()
    for _ in range(_MAX_ROUNDS):
        mended = {path for files in find_files(paths) for path in _mend(_lint(files))}
        changed |= mended
        if not mended:
            break
    return len(changed)


def _lint(files: ContractFiles) -> _Linted:
    today = dt.datetime.now(dt.UTC).date()
    repository = Repository.of(files.schemas, today, files.definitions, above=files.root.as_posix())
    config, base = read_config(files.root)
    here = Path.cwd()
    shown = {name: shown_name(place, here) for name, place in files.chosen.items()}
    configured = {name: shown_name(place, base) for name, place in files.chosen.items()}
    findings = lint(repository, config=config, target=Target(shown=shown, configured=configured))
    documents = {**repository.documents, **repository.definitions}
    texts = {shown[path]: documents[path].text for path in shown}
    return _Linted(findings, texts, {shown[name]: place for name, place in files.chosen.items()})


def _mend(linted: _Linted) -> list[Path]:
    fixes: dict[str, list[Fix]] = defaultdict(list)
    for finding in linted.findings:
        if finding.fix is not None and finding.fix.safe:
            fixes[finding.file].append(finding.fix)
    changed = []
    for name, found in fixes.items():
        text = apply_fixes(linted.texts[name], found)
        if text != linted.texts[name]:
            write_text(linted.places[name], text)
            changed.append(linted.places[name])
    return changed


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all, with its mode, without touching its line ends."""
    place = path.resolve()
    mode = place.stat().st_mode if place.exists() else None
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        beside.write_bytes(text.encode())
        if mode is not None:
            beside.chmod(mode)
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
