"""`tallystick init`: a new repository of contracts, which passes its own lint."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command("init")
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--domain", default="shop", show_default=True, help="Namespace of your first events.")
@click.option("--owner", default="my-team", show_default=True, help="The team that owns them.")
def command(folder: Path, domain: str, owner: str) -> None:
    """Start a repository of contracts in FOLDER, by default here; files that exist are kept."""
    from tallystick.cli._linting import write_text
    from tallystick.cli._scaffold import repository_texts
    from tallystick.events.tallystick import DeadLetter, ExperimentDefined, Meta

    if not all(part.isidentifier() and part == part.lower() for part in domain.split(".")):
        raise click.BadParameter(f"{domain!r} is no namespace: write it in lower_snake_case", param_hint="--domain")
    platform = {each.SUBJECT: each.SCHEMA for each in (Meta, DeadLetter, ExperimentDefined)}
    for name, text in sorted(repository_texts(domain, owner, platform).items()):
        path = folder / name
        if path.exists():
            click.echo(f"kept    {path}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
        click.echo(f"created {path}")
    here = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"next: {here}tallystick new {domain}.OrderCompleted")
