from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tallystick.contracts.lint import Repository, lint

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.contracts.findings import Finding

SCHEMAS = Path(__file__).parents[2] / "schemas"
TODAY = dt.date(2026, 11, 22)


@pytest.fixture(scope="session")
def contracts() -> dict[str, bytes]:
    """The contracts of this repository, by path."""
    paths = [path for path in SCHEMAS.rglob("*") if path.suffix in {".avsc", ".yaml"}]
    return {path.relative_to(SCHEMAS).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def findings_of(contracts: dict[str, bytes]) -> Callable[[str, str], list[Finding]]:
    """Lint the repository with one file added or changed; strings without bounds are not looked at."""

    def run(path: str, text: str) -> list[Finding]:
        repository = Repository.of({**contracts, path: text.encode()}, TODAY)
        return [each for each in lint(repository) if each.file == path and each.rule != "T007"]

    return run
