"""What is wrong with a folder of contracts: every fault of every file, each on a line of its own."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import override

from tallystick.contracts.errors import TallystickError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["CatalogError", "Fault", "did_you_mean", "unknown_keys"]


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
    """

    exit_code = 1

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))  # a folder's default is wrong once, not once per contract
        head = "" if len(self.faults) == 1 else f"{len(self.faults)} faults\n"
        super().__init__(head + "\n".join(str(each) for each in self.faults))


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
