"""`tallystick keys`: make the write keys that the ingestion API asks for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tallystick.contracts.errors import TallystickError

if TYPE_CHECKING:
    from tallystick.api.ingestion.keys import Kind, Scope

__all__ = ["command"]

_PRIVATE = 0o600


@click.group("keys")
def command() -> None:
    """Make write keys for the ingestion API."""


@command.command("add")
@click.argument("name")
@click.option("--source", required=True, help="Application whose events it may send; * for any.")
@click.option("--type", "types", multiple=True, default=("*",), help="Event types, such as shop.*; may be repeated.")
@click.option("--publishable", is_flag=True, help="For browsers: it may stand in a page.")
@click.option("--backfill", is_flag=True, help="May say itself when events were received: to import history.")
@click.option("--file", "path", type=click.Path(path_type=Path), default="keys.json", show_default=True)
def add(*, name: str, source: str, types: tuple[str, ...], publishable: bool, backfill: bool, path: Path) -> None:
    """Make a key, add its hash to the file, and print the secret: it is shown this once and stored nowhere."""
    from tallystick.api.ingestion.keys import load_keys, new_key

    entries: list[Any] = []
    if path.exists():
        load_keys(path)
        entries = json.loads(path.read_text())["keys"]
    if any(entry["name"] == name for entry in entries):
        raise TallystickError(f"{path} has a key named {name} already", fix="choose another name, or remove that one")
    kind: Kind = "publishable" if publishable else "secret"
    scopes: tuple[Scope, ...] = ("ingest", "backfill") if backfill else ("ingest",)
    secret, entry = new_key(name, source, types, scopes, kind)
    _write(path, {"keys": [*entries, entry]})
    click.echo(secret)


def _write(path: Path, content: object) -> None:
    """Replace the file in one step: a service may read it at this very moment."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.touch(_PRIVATE)
        draft.write_text(json.dumps(content, indent=2) + "\n")
        draft.replace(path)
    except OSError as error:
        raise TallystickError(f"{path} cannot be written: {error.strerror}") from None
