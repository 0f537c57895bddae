"""`tallystick serve registry`: run the schema registry."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["command"]


@click.command("registry")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8081, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--database",
    default="sqlite:///tallystick-registry.db",
    show_default=True,
    help="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
)
@click.option(
    "--incompatible-code",
    type=click.Choice(["409", "40901"]),
    default="409",
    show_default=True,
    help="Error code of an incompatible schema: 409 as most registries, 40901 as Confluent from 8.0.4 on.",
)
@click.option("--users", type=click.Path(path_type=Path), help="JSON file of users, roles and hashed keys.")
@click.option("--tls-certificate", type=click.Path(path_type=Path), help="PEM chain; with it the registry speaks TLS.")
@click.option("--tls-key", type=click.Path(path_type=Path), help="The certificate's private key, PEM.")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info")
def command(
    *,
    host: str,
    port: int,
    database: str,
    incompatible_code: str,
    users: Path | None,
    tls_certificate: Path | None,
    tls_key: Path | None,
    log_level: str,
) -> None:
    """Run the schema registry: Confluent's API on one SQLite file, or on PostgreSQL."""
    with _for_good():
        from tallystick.api._server import Listener, require_guard, run
        from tallystick.api.registry.access import load_users
        from tallystick.api.registry.http.app import create_app
        from tallystick.api.registry.store import Store

        listener = Listener(host=host, port=port, certificate=tls_certificate, private_key=tls_key)
        require_guard(listener, guarded=users is not None, fix="give --users FILE, or listen on 127.0.0.1")
        known = load_users(users) if users is not None else None
        app = create_app(Store(database), users=known, incompatible_code=int(incompatible_code))
    run(app, listener, name="registry", log_level=log_level)


@contextmanager
def _for_good() -> Iterator[None]:
    """Never search for garbage in what is loaded and made meanwhile: it lives as long as the process.

    The searching is a twelfth of the start's processor time, and a twentieth of every later registration's.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
