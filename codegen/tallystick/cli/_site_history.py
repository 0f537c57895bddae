"""Where the versions of contracts come from: the history of their files in git, or a schema registry."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tallystick.cli._git import git, read_blobs
from tallystick.codegen.site.model import Version
from tallystick.contracts import SchemaError, parse
from tallystick.contracts.hashing import contract_hash
from tallystick.sdk.registry import UnknownSchema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tallystick.contracts import Catalog
    from tallystick.contracts.contract import Contract
    from tallystick.sdk.registry import RegistryClient

__all__ = ["from_git", "from_registry"]

_MARK: Final = "\x01"
_LOG: Final = (
    *("-c", "core.quotePath=false", "log", "--first-parent", "--diff-merges=first-parent", "--raw", "--no-abbrev"),
    *("--relative", "-M", f"--format={_MARK}%H{_MARK}%cs{_MARK}%s", "--", "."),
)
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
    shown = git(folder, *_LOG) if shutil.which("git") else None
    if shown is None or shown.returncode or not shown.stdout:
        return None
    changes: dict[str, list[_Change]] = {}
    current = {each.origin: each.origin for each in catalog}  # path as of the commit -> path today
    for change in _changes(shown.stdout.decode(errors="replace")):
        today = current.pop(change.path, None)
        if today is not None:
            changes.setdefault(today, []).append(change)
            current[change.before] = today
    blobs = sorted({each.blob for every in changes.values() for each in every})
    texts = {blob: text.decode(errors="replace") for blob, text in zip(blobs, read_blobs(folder, blobs), strict=True)}
    found = {}
    for contract in catalog:
        old = [
            Version(label=each.commit[:9], text=texts[each.blob], day=each.day, note=each.subject)
            for each in reversed(changes.get(contract.origin, ()))
        ]
        present = (folder / contract.origin).read_text(encoding="utf-8")
        found[contract.name] = tuple(_different([*old, Version(label="not committed yet", text=present)]))
    return found


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
