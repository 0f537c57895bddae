"""What is wrong with a folder of contracts: every fault of every file, each on a line of its own."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from typing_extensions import override

from tallystick.contracts.errors import TallystickError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["CatalogError", "Fault", "NoFolderError", "did_you_mean", "unknown_keys"]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong, and where.

    Attributes:
        origin: File, or whatever the text came from.
        message: What is wrong.
        fix: What to do about it; empty where there is no single mend.
    """

    origin: str
    message: str
    fix: str = ""

    @override
    def __str__(self) -> str:
        return f"{self.origin}: {self.message}" + (f" ({self.fix})" if self.fix else "")


class CatalogError(TallystickError):
    """Contracts, sidecars or experiments that do not load.

    Args:
        faults: Everything that is wrong with them, at least one.
        folder: Where they stand, if their origins are relative to it.
    """

    exit_code = 1

    def __init__(self, faults: Iterable[Fault], folder: Path | None = None) -> None:
        start = "" if folder is None or str(folder) == "." else f"{folder.as_posix()}/"
        found = {replace(each, origin=start + each.origin) for each in faults}
        self.faults = tuple(sorted(found))  # a folder's default is wrong once, not once per contract
        head = "" if len(self.faults) == 1 else f"{len(self.faults)} faults\n"
        told = head + "\n".join(str(each) for each in self.faults)
        super().__init__(told, fix="tallystick lint shows every place, and what to write there")


class NoFolderError(CatalogError):
    """A folder of contracts or experiments that is not there.

    Args:
        folder: The folder.
        start: The command that makes one.
    """

    exit_code = 2

    def __init__(self, folder: Path, start: str) -> None:
        super().__init__([Fault(str(folder), "there is no such folder here")])
        self.fix = f"go to the root of the repository, name the folder, or start with: {start}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint at the known word that comes nearest; empty if none comes near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""


def unknown_keys(origin: str, where: str, value: Mapping[str, object], known: Iterable[str]) -> Iterable[Fault]:
    """Yield a fault for every key that nobody reads."""
    names = sorted(known)
    for key in value:
        if key not in names:
            hint = did_you_mean(str(key), names) or f"known: {', '.join(names)}"
            yield Fault(origin, f"{where} has an unknown key {key!r}", hint)
