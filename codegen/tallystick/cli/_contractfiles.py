"""The door to the files of a repository of contracts: finds the root around a path, and reads whatever is there.

Nothing that stands on a disk ends in a stack trace: what cannot be read is a fault of that file.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tallystick.contracts.errors import TallystickError
from tallystick.contracts.jsonspans import Fault
from tallystick.contracts.lint import LintConfig
from tallystick.contracts.lint.document import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "ContractFiles",
    "NothingToReadError",
    "definition_name",
    "find_files",
    "read_bytes",
    "read_config",
    "shown_name",
]

_SCHEMAS: Final = "schemas"
_EXPERIMENTS: Final = "experiments"
_TAGS: Final = "tags.yaml"
_CONFIG: Final = "tallystick.toml"
_ENDINGS: Final = (".avsc", ".yaml", ".yml")
_GOLDEN: Final = "golden"
_MAX_FILES: Final = 50_000


class NothingToReadError(TallystickError):
    """A path that does not exist, or holds no contract."""


@dataclass(kw_only=True)
class ContractFiles:
    """One root of contracts with everything below it.

    Attributes:
        root: The folder below which a path is a namespace.
        schemas: Path below the root -> bytes, or why there are none.
        definitions: The same for the experiments beside it.
        chosen: Which of all these were asked for: path below the root -> file.
    """

    root: Path
    schemas: dict[str, bytes | Fault] = field(default_factory=dict)
    definitions: dict[str, bytes | Fault] = field(default_factory=dict)
    chosen: dict[str, Path] = field(default_factory=dict)

    @property
    def experiments(self) -> Path:
        """The folder of the definitions."""
        return self.root.parent / _EXPERIMENTS


def find_files(paths: Sequence[Path]) -> list[ContractFiles]:
    """Find the roots around paths, and read them whole.

    Args:
        paths: Files and folders; none means `schemas` and `experiments` here.

    Returns:
        One entry for each root, its chosen files being those at or below the paths.

    Raises:
        NothingToReadError: A path does not exist, or holds no contract.
    """
    paths = list(paths) or [path for path in (Path(_SCHEMAS), Path(_EXPERIMENTS)) if path.is_dir()]
    if not paths:
        fix = f"{_way_up()}name the folder, or start with: tallystick init"
        raise NothingToReadError("there is no folder schemas here", fix=fix)
    roots: dict[Path, ContractFiles] = {}
    for path in paths:
        if not os.path.lexists(path):
            raise NothingToReadError(f"{path} does not exist", fix="name a .avsc file, or a folder of contracts")
        for inner in _inner(path):
            root = _root_of(inner.absolute())
            if root not in roots:
                roots[root] = _read(root)
            _choose(roots[root], inner)
    found = list(roots.values())
    if not any(each.chosen for each in found):
        told = ", ".join(str(path) for path in paths)
        raise NothingToReadError(f"{told} holds no contract", fix="name a .avsc file, or a folder of contracts")
    return found


def _way_up() -> str:
    """How to get to the root of the repository, for those who stand below it."""
    above = next((each for each in Path.cwd().parents if (each / _SCHEMAS).is_dir()), None)
    return f"cd {os.path.relpath(above)}, or " if above else ""


def _inner(path: Path) -> list[Path]:
    """A whole repository is its schemas and its experiments; any other path is itself."""
    if path.is_dir() and (path / _SCHEMAS).is_dir() and not (path / _TAGS).exists():
        return [each for each in (path / _SCHEMAS, path / _EXPERIMENTS) if each.is_dir()]
    return [path]


def _root_of(path: Path) -> Path:
    places = [Path(os.path.normpath(place)) for place in (path, *path.parents)]
    for place in places:
        if place.name == _EXPERIMENTS and (place.parent / _SCHEMAS).is_dir():
            return place.parent / _SCHEMAS
        if place.is_dir() and (place.name == _SCHEMAS or (place / _TAGS).is_file()):
            return place
    return places[0] if path.is_dir() and not path.name.endswith(_ENDINGS) else places[1]


def _read(root: Path) -> ContractFiles:
    files = ContractFiles(root=root)
    files.schemas = {name: read_bytes(path) for name, path in _walk(root, _ENDINGS)}
    files.schemas |= dict(_misnamed(root))
    folder = files.experiments
    if root.name == _SCHEMAS and folder.is_dir():
        found = ((name, path) for name, path in _walk(folder, _ENDINGS) if not name.endswith(".avsc"))
        files.definitions = {definition_name(name): read_bytes(path) for name, path in found}
    return files


def definition_name(name: str) -> str:
    """What a definition of an experiment is called among contracts: no path below their root starts so."""
    return f"../{_EXPERIMENTS}/{name}"


def _misnamed(root: Path) -> Iterator[tuple[str, bytes]]:
    """Contracts that were saved as .json, which nobody else would miss; golden vectors are none."""
    for name, path in _walk(root, (".json",)):
        data = b"" if _GOLDEN in path.parts else read_bytes(path)
        if isinstance(data, bytes) and b'"record"' in data and b'"fields"' in data:
            yield name, data


def _walk(root: Path, endings: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Every file with one of these endings by its path below a root, and where it stands.

    Links to folders are not followed, so none leads in circles.
    """
    count = 0
    for folder, folders, files in os.walk(root):
        odd = [name for name in folders if name.endswith(".avsc") and ".avsc" in endings]
        above = "" if folder == str(root) else f"{Path(folder).relative_to(root).as_posix()}/"
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in odd)
        for name in sorted((*files, *odd)):
            if name.endswith(endings) and not name.startswith("."):
                count += 1
                if count > _MAX_FILES:
                    told = f"{root} holds more than {_MAX_FILES:,} files"
                    raise NothingToReadError(told, fix="name the folder of contracts")
                yield above + name, Path(folder, name)


def read_bytes(path: Path) -> bytes | Fault:
    """What a file holds, or why nobody can tell."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return Fault("file", 0, 0, "it is a folder: a contract is a file")
        if not stat.S_ISREG(status.st_mode):
            return Fault("file", 0, 0, "it is no plain file: a contract is one")
        if status.st_size > MAX_BYTES:
            size, most = status.st_size / 1024 / 1024, MAX_BYTES // 1024 // 1024
            return Fault("depth", 0, 0, f"the file has {size:.1f} MiB, and a contract at most {most} MiB")
        return path.read_bytes()
    except OSError as error:
        return Fault("file", 0, 0, f"it cannot be read: {error.strerror or error}")


def _choose(files: ContractFiles, path: Path) -> None:
    """Note which files stand at or below a path."""
    wanted = os.path.normpath(path.absolute())
    for name in (*files.schemas, *files.definitions):
        place = os.path.normpath(f"{files.root}/{name}")
        if place == wanted or place.startswith(f"{wanted}{os.sep}"):
            files.chosen[name] = Path(place)
    if path.is_file() and Path(wanted) not in files.chosen.values():
        # Named outright, whatever its ending: it is meant as a contract.
        name = Path(wanted).relative_to(files.root).as_posix()
        files.schemas[name] = read_bytes(path)
        files.chosen[name] = Path(wanted)


def shown_name(path: Path | str, base: Path | None = None) -> str:
    """What to call a file: relative to the base (here, if none is given), where it stands below it."""
    return str(path).removeprefix(f"{base or Path.cwd()}{os.sep}").replace(os.sep, "/")


def read_config(root: Path) -> tuple[LintConfig, Path]:
    """The nearest `tallystick.toml` at or above a root, and the folder that its paths are relative to.

    Raises:
        ConfigError: It does not say what it means.
        NothingToReadError: It cannot be read.
    """
    for folder in (root, *root.parents):
        path = folder / _CONFIG
        if path.is_file():
            try:
                return LintConfig.read(path.read_text(encoding="utf-8"), shown_name(path)), folder
            except (OSError, UnicodeDecodeError) as error:
                raise NothingToReadError(f"{shown_name(path)} cannot be read: {error}") from error
        if (folder / ".git").exists():
            break
    return LintConfig(), root
