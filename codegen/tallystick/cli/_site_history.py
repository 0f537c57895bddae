"""Where the versions of contracts come from: the history of their files in git, or a schema registry."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tallystick.codegen.site.model import Version
from tallystick.contracts import SchemaError, parse
from tallystick.contracts.hashing import contract_hash
from tallystick.sdk.registry import UnknownSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tallystick.contracts import Catalog
    from tallystick.contracts.contract import Contract
    from tallystick.sdk.registry import RegistryClient

__all__ = ["from_git", "from_registry"]

_MARK: Final = "\x01"
_SECONDS: Final = 120
_ENDING: Final = ".avsc"
_GONE: Final = "0" * 40


@dataclass(frozen=True, slots=True)
class _Change:
    """A file in a commit: which blob it became."""

    path: str
    before: str
    blob: str
    commit: str
    day: str
    subject: str


def from_git(folder: Path, catalog: Catalog) -> dict[str, tuple[Version, ...]] | None:
    """The versions of every contract's file, along the first parents; None where there is no git, or no history.

    Commits that only format a file make no version. What is not committed yet is the newest one.
    """
    shown = _git(folder, "-c", "core.quotePath=false", "log", "--first-parent", "--diff-merges=first-parent", "--raw")
    if not shown:
        return None
    changes: dict[str, list[_Change]] = {}
    current = {each.origin: each.origin for each in catalog}  # path as of the commit -> path today
    for change in _changes(shown):
        today = current.pop(change.path, None)
        if today is not None:
            changes.setdefault(today, []).append(change)
            current[change.before] = today
    texts = _blobs(folder, {each.blob for every in changes.values() for each in every})
    found = {}
    for contract in catalog:
        old = [
            Version(label=each.commit[:9], text=texts[each.blob], day=each.day, note=each.subject)
            for each in reversed(changes.get(contract.origin, ()))
            if each.blob in texts
        ]
        present = (folder / contract.origin).read_text(encoding="utf-8")
        found[contract.name] = tuple(_different([*old, Version(label="not committed yet", text=present)]))
    return found


def _git(folder: Path, *arguments: str, given: str = "") -> str:
    """What git says; nothing where it cannot say it."""
    if shutil.which("git") is None:
        return ""
    tail: tuple[str, ...] = ()
    if "log" in arguments:
        tail = ("--no-abbrev", "--relative", "-M", f"--format={_MARK}%H{_MARK}%cs{_MARK}%s", "--", ".")
    try:
        done = subprocess.run(
            ["git", *arguments, *tail],  # noqa: S607 - the user's own git
            cwd=folder,
            input=given.encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _changes(log: str) -> Iterator[_Change]:
    """The changes of files, the newest first; a renamed file is followed to its earlier name."""
    commit = day = subject = ""
    for line in log.splitlines():
        if line.startswith(_MARK):
            _, commit, day, subject = line.split(_MARK, 3)
        elif line.startswith(":"):
            head, *paths = line.split("\t")
            blob = head.split(" ")[3]
            if paths[-1].endswith(_ENDING) and blob != _GONE:
                yield _Change(paths[-1], paths[0], blob, commit, day, subject)


def _blobs(folder: Path, wanted: Iterable[str]) -> dict[str, str]:
    """The texts of blobs, all from one process."""
    names = sorted(wanted)
    try:
        done = subprocess.run(
            ["git", "cat-file", "--batch"],  # noqa: S607 - the user's own git
            cwd=folder,
            input="".join(f"{each}\n" for each in names).encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    texts: dict[str, str] = {}
    rest = done.stdout
    while rest:
        head, _, rest = rest.partition(b"\n")
        name, kind, *size = head.decode().split(" ")
        if kind == "blob" and size:
            texts[name] = rest[: int(size[0])].decode("utf-8", "replace")
            rest = rest[int(size[0]) + 1 :]
    return texts


def _different(versions: list[Version]) -> Iterator[Version]:
    """Each version that says something else than the one before it."""
    before: Any = object()
    for version in versions:
        value = _value(version.text)
        if value != before:
            yield version
        before = value


def _value(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def from_registry(client: RegistryClient, catalog: Catalog) -> dict[str, tuple[Version, ...]]:
    """The versions that a registry holds; what is not registered yet is the newest one.

    Raises:
        RegistryUnavailable: It gives no answer.
    """
    return {each.name: tuple(_registered(client, each)) for each in catalog.messages}


def _registered(client: RegistryClient, contract: Contract) -> Iterator[Version]:
    try:
        numbers = client.versions(contract.subject)
    except UnknownSchema:
        numbers = ()
    newest = ""
    for number in numbers:
        found = client.version(contract.subject, number)
        newest = found.text
        yield Version(label=f"version {number}", text=found.text, note=f"id {found.id} in the registry")
    if _hash(newest) != contract.contract_hash:
        yield Version(label="not registered yet", text=contract.text)


def _hash(text: str) -> str:
    try:
        return contract_hash(parse(text)) if text else ""
    except SchemaError:
        return ""
