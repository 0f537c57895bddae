"""`tallystick codeowners`: who is asked when a contract changes, as code hosts want to be told."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from tallystick.contracts.codeowners import Teams

__all__ = ["command", "repository_of", "wanted_text"]

# Where GitHub and GitLab look, in this order; the first that is there counts.
_PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")


@click.command("codeowners")
@click.option(
    "--schemas", default="schemas", show_default=True, type=click.Path(path_type=Path), help="Folder of the contracts."
)
@click.option("--organisation", help="Where the teams are; default: [codeowners] in tallystick.toml.")
@click.option(
    "--file", "place", type=click.Path(path_type=Path, dir_okay=False), help="File to write; default: where it is."
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the file is not as it would be written.")
def command(schemas: Path, organisation: str | None, place: Path | None, *, check: bool) -> None:
    """Write CODEOWNERS from the owners in the sidecars, by default .github/CODEOWNERS.

    Only the lines between two marks are written; all others in the file stay as they are.
    """
    from tallystick.cli._contractfiles import shown_name
    from tallystick.cli._linting import write_text

    root = repository_of(schemas)
    place = place or next((root / each for each in _PLACES if (root / each).is_file()), root / _PLACES[0])
    old = place.read_text(encoding="utf-8") if place.exists() else ""
    text = wanted_text(schemas, root, old, organisation)
    name = shown_name(place.absolute())
    if text == old:
        click.echo(f"nothing to do: {name} is as it should be")
        return
    if check:
        click.echo(f"{name} does not say who owns which contract", err=True)
        click.echo("  fix: tallystick codeowners", err=True)
        sys.exit(1)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_text(place, text)
    click.echo(f"wrote {name}")


def wanted_text(schemas: Path, root: Path, old: str, organisation: str | None = None) -> str:
    """What CODEOWNERS should say.

    Args:
        schemas: Folder of the contracts.
        root: The repository's folder.
        old: What the file says by now.
        organisation: Where the teams are, if the configuration shall not say it.
    """
    from tallystick.contracts.codeowners import merged, owners_block, owners_of

    below = schemas.absolute().resolve().relative_to(root.resolve()).as_posix()
    return merged(old, owners_block(owners_of(schemas), below, _teams(schemas, root, organisation)))


def repository_of(schemas: Path) -> Path:
    """The folder with `.git` around the contracts; without one, the folder that the contracts stand in."""
    folder = schemas.absolute().resolve()
    return next((each for each in folder.parents if (each / ".git").exists()), folder.parent)


def _teams(schemas: Path, root: Path, organisation: str | None) -> Teams:
    """Read the nearest `tallystick.toml` from the contracts up to the repository's folder."""
    from dataclasses import replace

    from tallystick.cli._contractfiles import shown_name
    from tallystick.contracts.codeowners import Teams

    folder = schemas.absolute().resolve()
    above = [each for each in (folder, *folder.parents) if each.is_relative_to(root.resolve())]
    config = next((each / "tallystick.toml" for each in above if (each / "tallystick.toml").is_file()), None)
    teams = Teams() if config is None else Teams.read(config.read_text(encoding="utf-8"), shown_name(config))
    return teams if organisation is None else replace(teams, organisation=organisation)
