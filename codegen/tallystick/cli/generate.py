"""`tallystick generate`: write the Python classes of every contract, or tell that they have drifted."""

from __future__ import annotations

import sys
from pathlib import Path

import click

__all__ = ["command"]


@click.command("generate")
@click.option(
    "--schemas", default="schemas", show_default=True, type=click.Path(path_type=Path), help="Folder of the contracts."
)
@click.option("--out", default="sdk", show_default=True, type=click.Path(path_type=Path), help="Folder to write below.")
@click.option("--package", default="tallystick.events", show_default=True, help="Package that holds the classes.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is not as it would be written.")
def command(schemas: Path, out: Path, package: str, *, check: bool) -> None:
    """Write the Python classes of every contract."""
    from tallystick.cli._generated import changes, write
    from tallystick.codegen import generate
    from tallystick.contracts import load_catalog

    if not all(part.isidentifier() for part in package.split(".")):
        raise click.BadParameter(f"{package!r} is no package name", param_hint="--package")
    files = generate(load_catalog(schemas), package)
    found = changes(files, out, package)
    if check:
        for change in found:
            click.echo(f"{change.path}: {change.kind}")
        if found:
            click.echo("the generated classes are not those of the contracts", err=True)
            click.echo("  fix: tallystick generate", err=True)
            sys.exit(1)
        return
    write(found, out)
    for change in found:
        click.echo(f"{change.done} {change.path}")
    if not found:
        click.echo(f"nothing to do: {len(files)} files are as they should be")
