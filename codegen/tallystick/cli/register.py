"""`tallystick register`: put the contracts into a schema registry."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tallystick.dev.registration import Registration

__all__ = ["command"]


@click.command("register")
@click.option("--registry", default="http://127.0.0.1:8081", show_default=True, help="Address of the registry.")
@click.option(
    "--schemas", default="schemas", show_default=True, type=click.Path(path_type=Path), help="Folder of the contracts."
)
@click.option("--format", "style", default="text", show_default=True, type=click.Choice(["text", "json"]))
def command(registry: str, schemas: Path, style: str) -> None:
    """Put the contracts into a schema registry; what is there already stays as it is.

    Every event and dead letter is registered under its full name. Exit code 1 if the registry refuses one.
    """
    from tallystick.contracts import load_catalog
    from tallystick.dev.registration import Outcome, register_all
    from tallystick.sdk.registry import RegistryClient

    catalog = load_catalog(schemas)
    with RegistryClient(registry) as client:
        found: list[Registration] = []
        for each in register_all(catalog.messages, client):
            found.append(each)
            if style == "text":
                _show(each)
    if style == "json":
        click.echo(json.dumps({"subjects": [asdict(each) for each in found]}, indent=2))
    if any(each.outcome is Outcome.REFUSED for each in found):
        sys.exit(1)


def _show(each: Registration) -> None:
    place = f" id {each.id} version {each.version}" if each.id else ""
    click.echo(f"{each.outcome:<9} {each.subject}{place}")
    for reason in each.reasons:
        click.echo(f"          {reason}", err=True)
