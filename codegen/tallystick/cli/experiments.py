"""`tallystick experiments`: check the definitions, and publish them as events."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.contracts import ExperimentDefinition
    from tallystick.sdk import Lost

__all__ = ["command"]

_FOLDERS = (
    click.option(
        "--experiments",
        default="experiments",
        show_default=True,
        type=click.Path(path_type=Path),
        help="Folder of the definitions.",
    ),
    click.option(
        "--schemas",
        default="schemas",
        show_default=True,
        type=click.Path(path_type=Path),
        help="Folder of the contracts.",
    ),
)


def _folders(function: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_FOLDERS):
        function = option(function)
    return function


@click.group("experiments")
def command() -> None:
    """Check and publish the definitions in experiments/."""


@command.command("check")
@_folders
def check(experiments: Path, schemas: Path) -> None:
    """Check every definition, by itself and against the contracts."""
    for each in _checked(experiments, schemas):
        click.echo(f"ok {each.experiment_key} phase {each.phase} version {each.version}")


@command.command("publish")
@_folders
@click.option("--endpoint", default="http://127.0.0.1:8000", show_default=True, help="Address of the ingestion API.")
@click.option("--write-key", envvar="TALLYSTICK_WRITE_KEY", required=True, show_envvar=True, help="A write key.")
@click.option("--source", default="tallystick", show_default=True, help="Application that the write key belongs to.")
@click.option("--timeout", default=30.0, show_default=True, help="Seconds to wait for the API.")
def publish(*, experiments: Path, schemas: Path, endpoint: str, write_key: str, source: str, timeout: float) -> None:
    """Send every definition as an event; one that was sent before counts once."""
    from tallystick.dev.definitions import publish as send
    from tallystick.sdk import ClientOptions, EventClient

    definitions = _checked(experiments, schemas)
    lost: list[Lost] = []
    options = ClientOptions(on_drop=lost.append)
    with EventClient(source=source, endpoint=endpoint, write_key=write_key, options=options) as client:
        identities = {send(each, client): each for each in definitions}
        result = client.flush(timeout)
    refused = {each.event_id: each for each in lost}
    for identity, each in identities.items():
        name = f"{each.experiment_key} phase {each.phase} version {each.version}"
        if why := refused.get(str(identity)):
            click.echo(f"refused {name}: {why.reason}", err=True)
        elif not result.pending:
            click.echo(f"published {name}")
    if result.pending:
        click.echo(f"tallystick: no answer from {endpoint} within {timeout:.0f} s", err=True)
    if lost or result.pending:
        sys.exit(1 if lost else 2)


def _checked(experiments: Path, schemas: Path) -> tuple[ExperimentDefinition, ...]:
    from tallystick.contracts import CatalogError, check_experiments, load_catalog, load_experiments

    definitions = load_experiments(experiments)
    if faults := check_experiments(definitions, load_catalog(schemas)):
        raise CatalogError(faults, experiments)
    return definitions
