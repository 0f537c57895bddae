"""`tallystick new EVENT`: a new contract that has no errors before anybody looks at it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tallystick.cli._scaffold import NewField

__all__ = ["command"]


@click.command("new")
@click.argument("event")
@click.option("--doc", help="What has happened when it is sent, in one sentence.")
@click.option("--field", "fields", multiple=True, metavar="NAME:TYPE[:DOC]", help="A field; may be given often.")
@click.option("--exposure", metavar="UNIT", help="It exposes a UNIT, such as user, to an experiment.")
@click.option("--outcome", metavar="UNIT", help="It is an outcome of a UNIT, and counted by a metric.")
@click.option("--owner", help="The owning team, for a domain that is new.")
@click.option(
    "--schemas", default="schemas", show_default=True, type=click.Path(path_type=Path), help="Folder of the contracts."
)
def command(
    event: str,
    doc: str | None,
    fields: tuple[str, ...],
    exposure: str | None,
    outcome: str | None,
    owner: str | None,
    schemas: Path,
) -> None:
    """Write the contract of EVENT, such as shop.OrderCompleted; asks for what is not given, in a terminal.

    Types: string, string(200), int, long, double, boolean, bytes, uuid, date, timestamp, money, decimal(18,4) and
    enum(SMALL|LARGE); [] behind a type makes a list, ? makes it nullable.
    """
    from tallystick.cli._scaffold import NewEvent, event_text, parse_field

    if exposure and outcome:
        raise click.UsageError("an event is an exposure or an outcome, not both")
    if not event.rpartition(".")[0]:
        raise click.UsageError(f"{event} has no namespace: write it with its domain, such as shop.{event}")
    path = schemas / f"{event.replace('.', '/')}.avsc"
    if path.exists():
        raise click.UsageError(f"{path} exists: edit it instead")
    is_asking = sys.stdin.isatty()
    if doc is None:
        doc = click.prompt("What has happened when it is sent") if is_asking else _missing("--doc")
    chosen = [parse_field(each) for each in fields] or (_ask_fields() if is_asking else [])
    new = NewEvent(
        name=event,
        doc=doc,
        fields=tuple(chosen),
        part="exposure" if exposure else "outcome" if outcome else "",
        unit_type=exposure or outcome or "user",
    )
    _write(path, event_text(new), _domain_of(path, schemas, owner, is_asking=is_asking))


def _missing(option: str) -> str:
    raise click.UsageError(f"give {option}: there is no terminal to ask in")


def _ask_fields() -> list[NewField]:
    from tallystick.cli._scaffold import BadFieldError, parse_field

    found: list[NewField] = []
    while True:
        text = click.prompt("Field as NAME:TYPE:DOC (empty to end)", default="", show_default=False)
        if not text:
            return found
        try:
            found.append(parse_field(text))
        except BadFieldError as error:
            click.echo(f"{error} ({error.fix})", err=True)


def _domain_of(path: Path, schemas: Path, owner: str | None, *, is_asking: bool) -> dict[Path, str]:
    """The defaults of a folder that has none yet, nor any above it."""
    folders = [path.parent, *path.parent.parents]
    above = folders[: folders.index(schemas) + 1] if schemas in folders else folders[:1]
    if any((folder / "_domain.yaml").exists() for folder in above):
        return {}
    if owner is None:
        owner = click.prompt("Which team owns it") if is_asking else _missing("--owner")
    return {path.parent / "_domain.yaml": f"owner: {owner}\nstatus: active\n"}


def _write(path: Path, text: str, others: dict[Path, str]) -> None:
    """Write the files; if the contract has errors, take them back and show what is wrong."""
    from tallystick.cli._findings import render
    from tallystick.cli._linting import lint_paths, write_text

    path.parent.mkdir(parents=True, exist_ok=True)
    for place, content in {**others, path: text}.items():
        write_text(place, content)
    report = lint_paths([path], colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    if report.findings:
        click.echo(render("text", report))
    if report.errors:
        for place in (*others, path):
            place.unlink()
        click.echo("nothing was written", err=True)
        sys.exit(1)
    for place in (*others, path):
        click.echo(f"created {place}")
