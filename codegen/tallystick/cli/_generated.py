"""Generated files on disk: what differs from what would be written, and the writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tallystick.codegen import HEADER
from tallystick.contracts.errors import TallystickError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Change", "changes", "write"]

_DONE: Final = {"missing": "wrote", "different": "wrote", "stale": "removed"}


@dataclass(frozen=True, slots=True)
class Change:
    """One file that is not as it should be.

    Attributes:
        path: Path below the output folder.
        kind: How it differs; a stale file was generated for a contract that is gone.
        text: What it should say; empty for a stale one.
    """

    path: str
    kind: Literal["missing", "different", "stale"]
    text: str = ""

    @property
    def done(self) -> str:
        """What `write` did about it."""
        return _DONE[self.kind]


def changes(files: Mapping[str, str], out: Path, package: str) -> list[Change]:
    """Compare what would be written with what is there.

    Of the files that are there but would not be written only generated ones count, known by their first line.
    """
    return [*_wanted(files, out), *_stale(files, out, package)]


def write(found: list[Change], out: Path) -> None:
    """Make every file as it should be.

    Raises:
        TallystickError: A file cannot be written or removed.
    """
    for change in found:
        path = out / change.path
        try:
            _apply(change, path, out)
        except OSError as error:
            raise TallystickError(f"{path} cannot be written: {error.strerror}") from None


def _apply(change: Change, path: Path, out: Path) -> None:
    if change.kind == "stale":
        path.unlink()
        _remove_empty(path.parent, out)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(change.text, encoding="utf-8", newline="\n")


def _wanted(files: Mapping[str, str], out: Path) -> Iterator[Change]:
    for name, text in files.items():
        path = out / name
        if not path.exists():
            yield Change(name, "missing", text)
        elif path.read_bytes() != text.encode():
            yield Change(name, "different", text)


def _stale(files: Mapping[str, str], out: Path, package: str) -> Iterator[Change]:
    root = out / package.replace(".", "/")
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(out).as_posix()
        if name not in files and path.read_bytes().startswith(HEADER.encode()):
            yield Change(name, "stale")


def _remove_empty(folder: Path, out: Path) -> None:
    """Remove a package that has lost its last module, and those around it that have so too."""
    while folder != out and {each.name for each in folder.iterdir()} <= {"__pycache__"}:
        for each in (folder / "__pycache__").glob("*.pyc"):
            each.unlink()
        for empty in (folder / "__pycache__", folder):
            if empty.is_dir():
                empty.rmdir()
        folder = folder.parent
