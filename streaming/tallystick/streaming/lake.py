"""Where everything stands in the lake."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

__all__ = ["Lake"]


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake's layout; nothing is created by naming it.

    Attributes:
        root: A folder, made absolute, or an `s3a://` address.
        build: Name of a separate build of Silver and Gold over the same Bronze; empty for the one in use.
    """

    root: str
    build: str = ""

    def __post_init__(self) -> None:
        # Delta takes a relative path for the name of a table.
        root = self.root.rstrip("/") if "://" in self.root else str(Path(self.root).absolute())
        object.__setattr__(self, "root", root)

    def rebuilt(self, name: str) -> Lake:
        """The same Bronze, with Silver, Gold and checkpoints in a place of their own."""
        return replace(self, build=name)

    @property
    def bronze(self) -> str:
        """The table of raw records."""
        return f"{self.root}/bronze/events"

    def silver(self, table: str) -> str:
        """A table of Silver."""
        return f"{self._derived}/silver/{table}"

    def gold(self, table: str) -> str:
        """A table of Gold."""
        return f"{self._derived}/gold/{table}"

    def checkpoint(self, job: str) -> str:
        """Where a job keeps what it has read; Bronze has one, however many builds read from it."""
        return f"{self.root if job == 'bronze' else self._derived}/checkpoints/{job}"

    @property
    def _derived(self) -> str:
        return f"{self.root}/builds/{self.build}" if self.build else self.root
