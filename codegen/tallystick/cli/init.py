"""`tallystick init`: a new repository of contracts, which passes its own lint."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command("init")
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--domain", default="shop", show_default=True, help="Namespace of your first events.")
@click.option("--owner", default="my-team", show_default=True, help="The team that owns them.")
@click.option("--organisation", default="my-organisation", show_default=True, help="Where the team is, at the host.")
def command(folder: Path, domain: str, owner: str, organisation: str) -> None:
    """Start a repository of contracts in FOLDER, by default here; files that exist are kept.

    Hooks, a workflow and CODEOWNERS come with it, unless FOLDER is a part of another repository.
    """
    from tallystick.cli._hosting import hosting_texts
    from tallystick.cli._scaffold import repository_texts
    from tallystick.cli.codeowners import repository_of
    from tallystick.events.tallystick import DeadLetter, ExperimentDefined, Meta

    if not all(part.isidentifier() and part == part.lower() for part in domain.split(".")):
        raise click.BadParameter(f"{domain!r} is no namespace: write it in lower_snake_case", param_hint="--domain")
    platform = {each.SUBJECT: each.SCHEMA for each in (Meta, DeadLetter, ExperimentDefined)}
    is_whole = repository_of(folder / "schemas") == folder.resolve()
    texts = {**repository_texts(domain, owner, platform, organisation), **(hosting_texts() if is_whole else {})}
    for name, text in sorted(texts.items()):
        _write(folder / name, text)
    if is_whole:
        _write_owners(folder)
    here = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"next: {here}tallystick new {domain}.OrderCompleted")


def _write(path: Path, text: str) -> None:
    from tallystick.cli._linting import write_text

    if path.exists():
        click.echo(f"kept    {path}")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
    click.echo(f"created {path}")


def _write_owners(folder: Path) -> None:
    """CODEOWNERS says what the sidecars say, so it comes last."""
    from tallystick.cli.codeowners import wanted_text
    from tallystick.contracts.codeowners import CodeownersError

    path = folder / ".github" / "CODEOWNERS"
    try:
        _write(path, wanted_text(folder / "schemas", folder, ""))
    except CodeownersError as error:
        click.echo(f"left out {path}: {error} ({error.fix})", err=True)
