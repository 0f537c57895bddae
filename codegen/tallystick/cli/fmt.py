"""`tallystick fmt`: write schemas in the one way."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tallystick.contracts.jsonspans import Fault

__all__ = ["command"]


@click.command("fmt")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a schema is not as it would be written.")
def command(paths: tuple[Path, ...], *, check: bool) -> None:
    """Format schemas: PATHS are files or folders, by default schemas.

    Keys get a fixed order and short things one line; names, numbers and strings stay as they are.
    """
    from tallystick.cli._contractfiles import find_files, shown_name
    from tallystick.cli._linting import write_text
    from tallystick.contracts.formatting import NotFormattableError, format_schema
    from tallystick.contracts.jsonspans import Fault

    changed = failed = 0
    places = sorted(place for files in find_files(paths) for place in files.chosen.values() if place.suffix == ".avsc")
    for place in places:
        text = _text(place)
        try:
            formatted = format_schema(text) if isinstance(text, str) else ""
        except NotFormattableError as error:
            text = Fault("syntax", error.start, error.start, error.message)
        if isinstance(text, Fault):
            click.echo(f"{shown_name(place)}: left alone: {text.message}", err=True)
            failed += 1
            continue
        if formatted != text:
            changed += 1
            click.echo(f"{'would format' if check else 'formatted'} {shown_name(place)}")
            if not check:
                write_text(place, formatted)
    if check and changed:
        click.echo("  fix: tallystick fmt", err=True)
    if not changed and not failed:
        click.echo(f"{len(places)} schemas are as they should be")
    sys.exit(1 if failed or (check and changed) else 0)


def _text(place: Path) -> str | Fault:
    from tallystick.cli._contractfiles import read_bytes
    from tallystick.contracts.lint.document import decode

    data = read_bytes(place)
    return decode(data) if isinstance(data, bytes) else data
