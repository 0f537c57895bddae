"""CODEOWNERS from the owners that stand in sidecars: code hosts ask them when their contracts change.

    text = merged(old, owners_block(owners_of(Path("schemas")), "schemas", Teams(organisation="acme")))

Only what stands between two marks is ours; the rest of the file belongs to people.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from tallystick.contracts._files import DOMAIN_FILE, read_folder
from tallystick.contracts.errors import TallystickError
from tallystick.contracts.faults import CatalogError, Fault
from tallystick.contracts.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["BEGIN", "END", "CodeownersError", "Teams", "merged", "owners_block", "owners_of"]

BEGIN: Final = "# >>> tallystick codeowners: written from the owners in the sidecars, do not edit"
END: Final = "# <<< tallystick codeowners"
_BLOCK: Final = re.compile(f"{re.escape(BEGIN.partition(':')[0])}.*?{re.escape(END)}\n?", re.DOTALL)
_HANDLE: Final = re.compile(r"@[A-Za-z0-9-]+(/[A-Za-z0-9._-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+")
_TEAM: Final = re.compile(r"[A-Za-z0-9._-]+")
_KEYS: Final = ("organisation", "teams")


class CodeownersError(TallystickError):
    """Owners that a code host cannot know, or a file that cannot be merged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """How owners are called at the code host.

    Attributes:
        organisation: Where the teams are; an owner `web` is `@organisation/web`.
        names: Owner -> its handle, where that is not so.
    """

    organisation: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, origin: str = "tallystick.toml") -> Teams:
        """Read the table [codeowners] of a configuration.

        Raises:
            CodeownersError: It is no TOML, or holds what nobody reads.
        """
        try:
            table = tomllib.loads(text).get("codeowners", {})
        except tomllib.TOMLDecodeError as error:
            raise CodeownersError(f"{origin} is no TOML: {error}") from None
        if not isinstance(table, dict):
            raise CodeownersError(f"{origin}: codeowners is no table", fix="write [codeowners]")
        for key in table:
            if key not in _KEYS:
                raise CodeownersError(f"{origin}: `{key}` means nothing in [codeowners]{did_you_mean(key, _KEYS)}")
        organisation, names = table.get("organisation", ""), table.get("teams", {})
        if not isinstance(organisation, str) or not isinstance(names, dict):
            raise CodeownersError(f"{origin}: [codeowners] holds organisation, a text, and teams, a table")
        return cls(organisation=organisation, names={key: str(each) for key, each in names.items()})

    def handle(self, owner: str) -> str:
        """How the code host knows an owner.

        Raises:
            CodeownersError: It cannot.
        """
        known = self.names.get(owner, owner)
        if _HANDLE.fullmatch(known):
            return known
        if not _TEAM.fullmatch(known):
            fix = f'write "{owner}" = "@organisation/team" under [codeowners.teams] in tallystick.toml'
            raise CodeownersError(f"the owner {owner!r} is no name of a team", fix=fix)
        if not self.organisation:
            fix = 'write [codeowners] organisation = "..." in tallystick.toml, or give --organisation'
            raise CodeownersError(f"the organisation of the team {owner} is not known", fix=fix)
        return f"@{self.organisation}/{known}"


def owners_of(folder: Path) -> dict[str, str]:
    """The owner of each folder that names one, and of each contract that has another than its folder.

    Returns:
        Pattern below the folder -> owner; what is more special comes later, as the last match counts.

    Raises:
        CatalogError: A file cannot be read.
    """
    faults: list[Fault] = []
    read = read_folder(folder, faults)
    if faults:
        raise CatalogError(faults)
    owners: dict[str, str] = {}
    for origin, content in read.yaml.items():
        path = PurePosixPath(origin)
        if path.name == DOMAIN_FILE and (owner := _owner(content)):
            owners["" if str(path.parent) == "." else f"{path.parent}/"] = owner
    for file in read.files.values():
        path = PurePosixPath(file.origin)
        layers = [_owner(content) for _, content in read.sidecar(file.origin)]
        own = _owner(read.yaml.get(str(path.with_suffix(".yaml"))))
        if own and own != next((each for each in reversed(layers[:-1]) if each), ""):
            owners[f"{path.with_suffix('')}.*"] = own
    return dict(sorted(owners.items()))


def _owner(content: Any) -> str:  # noqa: ANN401 - YAML
    owner = content.get("owner") if isinstance(content, dict) else None
    return owner.strip() if isinstance(owner, str) else ""


def owners_block(owners: Mapping[str, str], root: str, teams: Teams) -> str:
    """The lines between the marks, with them.

    Args:
        owners: Pattern below the folder of the contracts -> owner.
        root: That folder, below the repository's.
        teams: How owners are called at the code host.

    Raises:
        CodeownersError: The code host cannot know an owner.
    """
    prefix = "" if root in {"", "."} else f"{root}/"
    lines = [f"{_escaped(f'/{prefix}{pattern}')} {teams.handle(owner)}" for pattern, owner in owners.items()]
    return "\n".join((BEGIN, *lines, END)) + "\n"


def _escaped(pattern: str) -> str:
    return pattern.replace(" ", "\\ ")


def merged(text: str, block: str) -> str:
    """A CODEOWNERS file with the block in place of the one that it holds, or at its end.

    Raises:
        CodeownersError: It holds one mark only, or more than one block.
    """
    begins, ends = text.count(BEGIN.partition(":")[0]), text.count(END)
    if (begins, ends) not in {(0, 0), (1, 1)} or (begins and not _BLOCK.search(text)):
        fix = "delete the lines between them, with the marks, and run: tallystick codeowners"
        raise CodeownersError("the marks `>>> tallystick` and `<<< tallystick` do not stand in one pair", fix=fix)
    if begins:
        return _BLOCK.sub(lambda _: block, text, count=1)
    if not text.strip():
        return block
    return f"{text.rstrip(chr(10))}\n\n{block}"
