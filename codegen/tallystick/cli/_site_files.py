"""The catalogue's files on disk: what is written, and what of an earlier one is removed; never what others wrote."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from tallystick.contracts.errors import TallystickError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["MANIFEST", "Written", "write_site"]

MANIFEST: Final = ".tallystick-docs"
_HEAD: Final = "# Written by `tallystick docs`, which removes the files named here and no others.\n"
_ELSEWHERE: Final = "give --out a folder that is empty or new"


@dataclass(frozen=True, slots=True)
class Written:
    """How many files were written, were so already, and were removed."""

    wrote: int
    same: int
    removed: int


def write_site(files: Mapping[str, str], out: Path) -> Written:
    """Make a folder hold these files.

    Args:
        files: Path below the folder -> text.
        out: A folder that is new, empty, or was written by this function.

    Raises:
        TallystickError: The folder holds something else, or cannot be written. Nothing has been written then.
    """
    try:
        earlier = _earlier(out)
        _check(files, earlier, out)
        out.mkdir(parents=True, exist_ok=True)
        # First, so that an attempt that is cut short can be repeated.
        digests = {name: _digest(text.encode()) for name, text in files.items()}
        _write_manifest(out, {**earlier, **digests})
        wrote = sum(_write(out / name, text) for name, text in files.items())
        removed = sum(_remove(out, name, digest) for name, digest in earlier.items() if name not in files)
        _write_manifest(out, digests)
    except OSError as error:
        raise TallystickError(f"{error.filename or out} cannot be written: {error.strerror}", fix=_ELSEWHERE) from None
    return Written(wrote, len(files) - wrote, removed)


def _earlier(out: Path) -> dict[str, str]:
    """What an earlier run wrote: path -> digest."""
    if out.exists() and not out.is_dir():
        raise TallystickError(f"{out} is no folder", fix=_ELSEWHERE)
    manifest = out / MANIFEST
    if not manifest.is_file():
        if out.is_dir() and any(out.iterdir()):
            raise TallystickError(f"{out} holds files that `tallystick docs` did not write", fix=_ELSEWHERE)
        return {}
    return dict(_entries(manifest.read_text(encoding="utf-8", errors="replace")))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        digest, separator, name = line.partition("  ")
        path = PurePosixPath(name)
        if separator and not line.startswith("#") and not path.is_absolute() and ".." not in path.parts:
            yield name, digest


def _check(files: Mapping[str, str], earlier: Mapping[str, str], out: Path) -> None:
    """Refuse to write over what others wrote, or through a link to another place."""
    for name in files:
        if name not in earlier and (out / name).exists():
            raise TallystickError(f"{out / name} was not written by `tallystick docs`", fix=_ELSEWHERE)
    real = out.resolve()
    for parent in {PurePosixPath(name).parent for name in files}:
        if not (out / parent).resolve().is_relative_to(real):
            raise TallystickError(f"{out / parent} leads to another folder", fix=_ELSEWHERE)


def _write(path: Path, text: str) -> bool:
    data = text.encode()
    if path.is_file() and not path.is_symlink() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        path.unlink()
    path.write_bytes(data)
    return True


def _remove(out: Path, name: str, digest: str) -> bool:
    """Remove a file of an earlier run, unless somebody has changed it since; and its folder, if that is empty now."""
    path = out / name
    if path.is_symlink() or not path.is_file() or not path.resolve().is_relative_to(out.resolve()):
        return False
    if _digest(path.read_bytes()) != digest:
        return False
    path.unlink()
    if path.parent != out and not any(path.parent.iterdir()):
        path.parent.rmdir()
    return True


def _write_manifest(out: Path, digests: Mapping[str, str]) -> None:
    lines = (f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    (out / MANIFEST).write_bytes((_HEAD + "".join(lines)).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
