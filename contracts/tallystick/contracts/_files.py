"""The files of a contracts folder, read within limits: texts and YAML, nothing interpreted but names."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from tallystick.contracts._names import full_name
from tallystick.contracts.faults import Fault, NoFolderError, did_you_mean
from tallystick.contracts.types import PRIMITIVES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tallystick.contracts.types import Json

__all__ = ["Folder", "SchemaFile", "read_folder", "read_yaml_folder", "schema_file", "yaml_value"]

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_FILES: Final = 20_000
DOMAIN_FILE: Final = "_domain.yaml"
TAGS_FILE: Final = "tags.yaml"
_SCHEMA: Final = ".avsc"
_SIDECAR: Final = ".yaml"
_NAMED: Final = frozenset({"record", "error", "enum", "fixed"})
_TYPES: Final = ("type", "items", "values", "fields")  # the keys under which types stand


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One .avsc file.

    Attributes:
        origin: Its path below the folder, with forward slashes.
        name: The full name that it defines.
        text: What it says.
        mentions: Every full name that it may stand for with the words in it.
    """

    origin: str
    name: str
    text: str
    mentions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Folder:
    """Everything read, not yet understood.

    Attributes:
        files: Full name -> file.
        yaml: Path below the folder -> content of a sidecar or of a `_domain.yaml`.
        tags: Content of `tags.yaml`.
    """

    files: Mapping[str, SchemaFile]
    yaml: Mapping[str, Any] = field(default_factory=dict)
    tags: object = None

    def sidecar(self, origin: str) -> list[tuple[str, Any]]:
        """Return the layers that apply to a schema file, the outermost folder's defaults first."""
        path = PurePosixPath(origin)
        places = [str(each / DOMAIN_FILE) for each in reversed(path.parents)] + [str(path.with_suffix(_SIDECAR))]
        return [(place, self.yaml[place]) for place in places if place in self.yaml]


def read_folder(folder: Path, faults: list[Fault]) -> Folder:
    """Read every schema, sidecar and tag file below a folder; what cannot be read is a fault.

    Raises:
        NoFolderError: There is no such folder.
    """
    if not folder.is_dir():
        raise NoFolderError(folder, "tallystick init")
    files: dict[str, SchemaFile] = {}
    yaml: dict[str, Any] = {}
    paths = sorted(_paths(folder, faults))
    for origin, path in paths:
        text = _text(path, origin, faults)
        if text is None:
            continue
        if path.suffix == _SIDECAR:
            yaml[origin] = yaml_value(text, origin, faults)
        elif (file := schema_file(text, origin, faults)) is None:
            continue
        elif file.name in files:
            faults.append(Fault(origin, f"{file.name} is defined in {files[file.name].origin} already"))
        else:
            files[file.name] = file
    tags = yaml.pop(TAGS_FILE, None)
    faults.extend(_dangling({origin for origin, _ in paths}))
    return Folder(files, yaml, tags)


def read_yaml_folder(folder: Path, faults: list[Fault]) -> dict[str, object]:
    """Return the content of every YAML file in a folder by its path; what cannot be read is a fault.

    Raises:
        NoFolderError: There is no such folder.
    """
    if not folder.is_dir():
        raise NoFolderError(folder, "tallystick init")
    texts = {origin: _text(path, origin, faults) for origin, path in sorted(_paths(folder, faults))}
    return {
        origin: yaml_value(text, origin, faults)
        for origin, text in texts.items()
        if text is not None and origin.endswith(_SIDECAR)
    }


def _paths(folder: Path, faults: list[Fault]) -> Iterator[tuple[str, Path]]:
    """Yield the files that matter; links to folders are not followed, so that none can lead in circles."""
    count = 0
    for path in folder.rglob("*"):
        if path.suffix not in {_SCHEMA, _SIDECAR} or path.is_dir():
            continue
        count += 1
        if count > MAX_FILES:
            faults.append(Fault(str(folder), f"there are more than {MAX_FILES} files"))
            return
        yield path.relative_to(folder).as_posix(), path


def _dangling(origins: set[str]) -> Iterator[Fault]:
    for origin in sorted(origins):
        path = PurePosixPath(origin)
        if path.suffix != _SIDECAR or path.name == DOMAIN_FILE or origin == TAGS_FILE:
            continue
        if str(path.with_suffix(_SCHEMA)) not in origins:
            here = {PurePosixPath(each).stem for each in origins if PurePosixPath(each).parent == path.parent}
            yield Fault(
                origin, f"there is no {path.stem}{_SCHEMA} beside it", did_you_mean(path.stem, here - {path.stem})
            )


def _text(path: Path, origin: str, faults: list[Fault]) -> str | None:
    try:
        if path.stat().st_size > MAX_BYTES:
            faults.append(Fault(origin, f"is larger than {MAX_BYTES // 1024 // 1024} MiB"))
            return None
        data = path.read_bytes()
    except OSError as error:
        faults.append(Fault(origin, f"cannot be read: {error.strerror}"))
        return None
    if data.startswith(b"\xef\xbb\xbf"):
        faults.append(Fault(origin, "begins with a byte order mark", "save it as UTF-8 without BOM"))
        return None
    if not data.strip():
        faults.append(Fault(origin, "is empty", "delete it, or start with: tallystick new"))
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        faults.append(Fault(origin, "is not UTF-8 text"))
        return None


def schema_file(text: str, origin: str, faults: list[Fault]) -> SchemaFile | None:
    try:
        value: Json = json.loads(text)
    except json.JSONDecodeError:
        faults.append(_syntax_fault(text, origin))
        return None
    except (RecursionError, ValueError) as error:
        faults.append(Fault(origin, f"is not JSON that can be read: {error}"))
        return None
    if not isinstance(value, dict) or not _is_definition(value):
        faults.append(Fault(origin, "holds no record, enum or fixed with a name", "put one named type into each file"))
        return None
    return SchemaFile(origin, _full_name(value, ""), text, frozenset(_mentions(value)))


def _syntax_fault(text: str, origin: str) -> Fault:
    """Say why a text is no JSON, in lint's words, and where."""
    from tallystick.contracts.findings import Lines
    from tallystick.contracts.jsonspans import read_json

    fault = read_json(text).faults[0]
    place = Lines(text).span(fault.start, fault.end)
    return Fault(f"{origin}:{place.line}:{place.column}", f"is not JSON: {fault.message}")


def _is_definition(node: dict[str, Json]) -> bool:
    kind = node.get("type")
    return isinstance(kind, str) and kind in _NAMED and isinstance(node.get("name"), str)


def _full_name(node: dict[str, Json], namespace: str) -> str:
    own = node.get("namespace", namespace)
    return full_name(str(node["name"]), own if isinstance(own, str) else namespace)


def _mentions(root: Json) -> set[str]:
    """Return the full names of all types that a schema may name, those that it defines itself among them."""
    found: set[str] = set()
    waiting: list[tuple[Json, str]] = [(root, "")]
    while waiting:
        node, namespace = waiting.pop()
        if isinstance(node, str):
            if node not in PRIMITIVES:
                found.update((node, full_name(node, namespace)))
        elif isinstance(node, list):
            waiting += [(each, namespace) for each in node]
        elif isinstance(node, dict):
            if _is_definition(node):
                namespace = _full_name(node, namespace).rpartition(".")[0]
            waiting += [(node[key], namespace) for key in _TYPES if key in node]
    return found


def yaml_value(text: str, origin: str, faults: list[Fault]) -> object:
    """Read a YAML text with nothing in it but data; a key that is there twice is a fault."""
    try:
        import yaml

        from tallystick.contracts._yaml import StrictLoader
    except ImportError:
        faults.append(Fault(origin, "needs PyYAML to be read", "pip install 'tallystick[cli]'"))
        return None
    try:
        return yaml.load(text, Loader=StrictLoader)  # noqa: S506 - it is a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        faults.append(Fault(origin, f"is not YAML: {getattr(error, 'problem', None) or error}{place}"))
    except (RecursionError, ValueError) as error:
        faults.append(Fault(origin, f"is not YAML that can be read: {error}"))
    return None
