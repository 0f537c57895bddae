"""What the contracts are compared with: states out of git, a folder, or a schema registry."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tallystick.cli._contractfiles import ContractFiles, definition_name, find_files, shown_name
from tallystick.cli._git import GitError, Repository, merged, short
from tallystick.contracts.breaking import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tallystick.contracts.jsonspans import Fault
    from tallystick.sdk.registry import RegistryClient

__all__ = ["Baseline", "baselines", "present"]

_AT_ONCE: Final = 8
_SCHEMAS: Final = "schemas"


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """One comparison.

    Attributes:
        name: What findings say: `merge-base`, `tip`, `dir` or `registry`.
        told: The same for people, with the commit.
        old: How the contracts were.
        new: How they are; against the tip, how they would be once merged.
    """

    name: str
    told: str
    old: Snapshot
    new: Snapshot


def present(schemas: Path) -> tuple[ContractFiles, Snapshot]:
    """The contracts in a folder, as they are.

    Raises:
        NothingToReadError: There are none.
    """
    files = find_files([schemas])[0]
    return files, Snapshot(files=files.schemas, definitions=files.definitions)


def baselines(against: str | None, files: ContractFiles, new: Snapshot) -> list[Baseline]:
    """What to compare with.

    Args:
        against: A git ref, a folder or the address of a registry; None means the main branch.
        files: The contracts as they are.
        new: The same as a state.

    Returns:
        One comparison; with a branch that has moved on a second one, against its tip.

    Raises:
        TallystickError: It is not there, or does not answer.
    """
    if against is not None and against.startswith(("http://", "https://")):
        return [_registry(against, new)]
    if against is not None and _is_folder(Path(against), files.root):
        old = find_files([Path(against)])[0]
        told = f"the folder {shown_name(Path(against))}"
        # Contracts alone, without the folder of experiments beside them, are no word about experiments.
        definitions = old.definitions if files.experiments.is_dir() else {}
        snapshot = Snapshot(files=old.schemas, definitions=definitions, told=told)
        return [Baseline(name="dir", told=told, old=snapshot, new=new)]
    return _git(against, files, new)


def _is_folder(path: Path, root: Path) -> bool:
    """Whether a word is meant as a folder: it is one, and holds contracts or is no name of git's."""
    if not path.is_dir():
        return False
    if (path / "schemas").is_dir() or any(path.rglob("*.avsc")):
        return True
    try:
        return Repository.around(root).commit(str(path)) is None
    except GitError:
        return True


def _git(ref: str | None, files: ContractFiles, new: Snapshot) -> list[Baseline]:
    repository = Repository.around(files.root)
    name = ref if ref is not None else repository.main_branch()
    tip = repository.require(name)
    base = repository.merge_base(tip, name)
    told = f"the merge base {short(base)} of HEAD and {name}" if base != tip else f"{name} at {short(tip)}"
    old = _at(repository, base, files, told)
    found = [Baseline(name="merge-base", told=told, old=old, new=new)]
    if base != tip:
        told = f"the tip {short(tip)} of {name}"
        theirs = _at(repository, tip, files, told)
        found.append(Baseline(name="tip", told=told, old=theirs, new=_once_merged(old, new, theirs)))
    return found


def _at(repository: Repository, commit: str, files: ContractFiles, told: str) -> Snapshot:
    """The contracts as they were at a commit."""
    plans = repository.files(commit, files.experiments) if files.root.name == _SCHEMAS else {}
    definitions = {definition_name(path): data for path, data in plans.items() if not path.endswith(".avsc")}
    return Snapshot(files=repository.files(commit, files.root), definitions=definitions, told=told)


def _once_merged(base: Snapshot, ours: Snapshot, theirs: Snapshot) -> Snapshot:
    """The contracts as a merge into the branch would leave them: what only the others have changed stays theirs."""
    states = (base, ours, theirs)
    return Snapshot(
        files=merged(*(_bytes(each.files) for each in states)),
        definitions=merged(*(_bytes(each.definitions) for each in states)),
        told=ours.told,
    )


def _bytes(files: Mapping[str, bytes | Fault]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if isinstance(data, bytes)}


def _registry(url: str, new: Snapshot) -> Baseline:
    from tallystick.cli._registries import open_registry

    with open_registry(url) as client:
        names = [name for name in client.subjects() if name in new.heads or _is_beside(name, new.heads)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = dict(zip(names, pool.map(lambda name: _versions(client, name), names), strict=True))
        told = f"the registry at {client.url}"
    old = Snapshot(
        registered={name: [text for _, text in versions] for name, versions in found.items() if versions},
        versions={name: versions[0][0] for name, versions in found.items() if versions},
        told=told,
    )
    return Baseline(name="registry", told=told, old=old, new=new)


def _is_beside(name: str, heads: Iterable[str]) -> bool:
    """Whether a subject is of a domain that these contracts hold; what others have put there is not missed."""
    namespace = name.rpartition(".")[0]
    return bool(namespace) and any(each.rpartition(".")[0] == namespace for each in heads)


def _versions(client: RegistryClient, subject: str) -> list[tuple[int, str]]:
    """The versions of a subject, the newest first; none where it does not hold Avro."""
    from tallystick.sdk.registry import NotAvroError, UnknownSchema

    try:
        return [(number, client.version(subject, number).text) for number in reversed(client.versions(subject))]
    except (NotAvroError, UnknownSchema):
        return []
