"""`tallystick golden`: keep examples of every version, as JSON and as bytes, and hold the code against them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

__all__ = ["command"]


@click.command("golden")
@click.option(
    "--schemas", default="schemas", show_default=True, type=click.Path(path_type=Path), help="Folder of the contracts."
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if vectors are missing or no longer hold.")
def command(schemas: Path, *, check: bool) -> None:
    """Write golden vectors for versions that have none, below SCHEMAS/golden; those of older versions stay.

    Each file holds events at the limits of their types, as JSON and as Avro bytes. Commit them with the schema.
    """
    from tallystick.cli._golden import faults, write_missing
    from tallystick.contracts import load_catalog

    catalog = load_catalog(schemas)
    if not check:
        for path in write_missing(schemas, catalog):
            click.echo(f"wrote {path}")
    found = list(faults(schemas, catalog))
    for each in found:
        click.echo(each)
    if found:
        click.echo(f"{len(found)} golden vector{'' if len(found) == 1 else 's'} missing or broken", err=True)
        sys.exit(1)
    click.echo("the golden vectors hold")
