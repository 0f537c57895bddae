"""`tallystick registry`: move everything out of a registry and into one, and make keys for its users."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from tallystick.api.registry.transfer import Getter

__all__ = ["command"]

_DATABASE = click.option(
    "--database",
    default="sqlite:///tallystick-registry.db",
    show_default=True,
    help="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
)


@click.group("registry")
def command() -> None:
    """Move schema registries: everything out, everything in."""


@command.command("export")
@_DATABASE
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True), default="-")
def export(*, database: str, file: TextIO) -> None:
    """Write everything as JSON lines to FILE (standard output by default)."""
    from tallystick.api.registry.faults import TransferError
    from tallystick.api.registry.store import Store
    from tallystick.api.registry.transfer import export_lines

    path = database.removeprefix("sqlite:///")
    if path != database and not Path(path).exists():
        # Opening would make it: a slip in the name would pass for a backup.
        raise TransferError(f"there is no database {path}", fix="check --database; nothing was written")
    store = Store(database)
    count = 0
    for line in export_lines(store):
        file.write(line + "\n")
        count += 1
    store.close()
    click.echo(f"exported {_count(count, 'line')}", err=True)


@command.command("import")
@_DATABASE
@click.option("--from", "source", help="Another registry's address; instead of FILE.")
@click.option("--user", help="NAME:PASSWORD for the other registry.")
@click.argument("file", type=click.File(encoding="utf-8"), required=False)
def import_(*, database: str, source: str | None, user: str | None, file: TextIO | None) -> None:
    """Take over FILE (of `registry export`) or another registry, with all ids; twice changes nothing more."""
    from tallystick.api.registry.store import Store
    from tallystick.api.registry.transfer import import_lines, lines_of_registry

    if (source is None) == (file is None):
        raise click.UsageError("give either FILE or --from URL")
    lines = lines_of_registry(_getter(source, user)) if source is not None else (file or sys.stdin)
    store = Store(database)
    added = import_lines(store, lines)
    store.close()
    told = ", ".join(_count(added[kind], kind) for kind in ("schema", "version"))
    click.echo(f"new: {told}; settings and counters are as they were there", err=True)


@command.command("key")
@click.argument("name")
@click.option("--role", type=click.Choice(["read", "write", "admin"]), required=True)
@click.option("--subject", "subjects", multiple=True, help="Beginning of a subject that it holds for; default: all.")
@click.option("--users", type=click.Path(path_type=Path), required=True, help="The file of users to add it to.")
def key(*, name: str, role: str, subjects: tuple[str, ...], users: Path) -> None:
    """Make a key for NAME, show it once, and keep its digest in the file of users."""
    import hashlib
    import json
    import secrets

    from tallystick.api.registry.access import load_users

    fresh = secrets.token_urlsafe(32)
    found: dict[str, list[dict[str, Any]]] = {"users": []}
    if users.exists():
        load_users(users)
        found = json.loads(users.read_text(encoding="utf-8"))
    digest = hashlib.sha256(fresh.encode()).hexdigest()
    found["users"].append({"name": name, "sha256": digest, "role": role, "subjects": list(subjects)})
    users.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    click.echo(fresh)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _getter(source: str, user: str | None) -> Getter:
    import httpx

    from tallystick.api.registry.faults import TransferError

    name, _, password = (user or "").partition(":")
    client = httpx.Client(base_url=source, timeout=60, auth=(name, password) if user else None)

    def get(path: str, /, **query: str) -> Any:  # noqa: ANN401 - JSON
        try:
            answer = client.get(path.removeprefix("/"), params=query)
        except httpx.HTTPError as error:
            raise TransferError(f"{source} does not answer: {error}", fix="check the address of --from") from None
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if answer.is_error:
            told = f"{source}{path} answers {answer.status_code}: {answer.text[:200]}"
            raise TransferError(told, fix="check --user and --from; what is there already is skipped")
        return answer.json()

    return get
