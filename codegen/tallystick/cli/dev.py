"""`tallystick dev`: a whole platform on this machine, and the jars that it runs on."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.dev.stack import StackOptions, StackStatus

__all__ = ["command"]

_LOCK_FOLDER = Path("streaming/tallystick/streaming/locks")
_FOLDER = click.Path(path_type=Path, file_okay=False)
_STACK_OPTIONS = (
    click.option("--dir", "folder", type=_FOLDER, default=".tallystick", show_default=True, help="The stack's folder."),
    click.option("--kafka-port", type=int, default=9092, show_default=True, help="The broker's port."),
    click.option("--registry-port", type=int, default=8081, show_default=True, help="The registry's port."),
    click.option("--api-port", type=int, default=8000, show_default=True, help="The API's port."),
    click.option("--kafka", metavar="HOST:PORT", help="Use this Kafka and start none."),
    click.option("--registry", metavar="URL", help="Use this schema registry and start none."),
    click.option("--schemas", type=_FOLDER, default="schemas", show_default=True, help="The folder of contracts."),
)


def _with_stack(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which stack is meant; all three take them all, so that one line serves."""

    @wraps(function)
    def door(
        folder: Path,
        kafka_port: int,
        registry_port: int,
        api_port: int,
        kafka: str | None,
        registry: str | None,
        schemas: Path,
        **rest: str,
    ) -> None:
        from tallystick.dev.stack import StackOptions

        options = StackOptions(
            folder=folder,
            kafka_port=kafka_port,
            registry_port=registry_port,
            api_port=api_port,
            kafka=kafka,
            registry=registry,
            schemas=schemas,
        )
        function(options, **rest)

    for option in reversed(_STACK_OPTIONS):
        door = option(door)
    return door


_format = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group()
def command() -> None:
    """Start, stop and inspect a whole platform on this machine."""


@command.command()
@_with_stack
@_format
def up(options: StackOptions, form: str) -> None:
    """Start broker, registry and API on loopback, and wait until they are ready.

    What runs already stays as it is; a port of 0 takes a free one.
    """
    from tallystick.cli._jar_progress import jar_progress
    from tallystick.dev.stack import Stack

    with jar_progress("fetching Kafka") as on_jars:
        stack = Stack(replace(options, on_jars=on_jars, on_step=lambda step: click.echo(step, err=True)))
        _show(stack.up(), form)


@command.command()
@_with_stack
def down(options: StackOptions) -> None:
    """End the processes of the folder, and nothing else; the data stays."""
    from tallystick.dev.stack import Stack

    ended = Stack(options).down()
    click.echo(f"ended: {', '.join(ended)}" if ended else "nothing was running")


@command.command()
@_with_stack
@_format
def status(options: StackOptions, form: str) -> None:
    """Tell where everything is and whether it works; exit code 0 if it does, 1 if not."""
    from tallystick.dev.stack import Stack

    found = Stack(options).status()
    _show(found, form)
    if not found.ready:
        raise SystemExit(1)


@command.command()
@click.argument("topic", default="tallystick.events")
@click.option("-n", "--count", type=click.IntRange(1), default=5, show_default=True, help="How many of each partition.")
@click.option(
    "--kafka", default="127.0.0.1:9092", show_default=True, envvar="TALLYSTICK_KAFKA", help="Bootstrap servers."
)
@click.option(
    "--registry", default="http://127.0.0.1:8081", show_default=True, envvar="TALLYSTICK_REGISTRY", help="Its URL."
)
def tail(topic: str, count: int, kafka: str, registry: str) -> None:
    """Print the newest records of TOPIC (by default tallystick.events), decoded, one JSON object a line."""
    from tallystick.dev.tail import tail as read
    from tallystick.sdk.registry import RegistryClient

    with RegistryClient(registry) as client:
        for record in read(kafka, topic, count, client):
            click.echo(json.dumps(record, ensure_ascii=False))


@command.command()
@click.argument("query")
@click.option(
    "--lake", default=".tallystick/lake", show_default=True, envvar="TALLYSTICK_LAKE", help="The lake's folder."
)
def sql(query: str, lake: str) -> None:
    """Ask the lake in SQL, without Spark; a table is called bronze.NAME, silver.NAME or gold.NAME.

    One JSON object a line, for example: tallystick dev sql "select reason, count(*) n from silver.rejects group by all"
    """
    from tallystick.dev.sql import ask

    for row in ask(lake, query):
        click.echo(json.dumps(row, ensure_ascii=False, default=str))


@command.group()
def jars() -> None:
    """The JVM libraries: fetch them, name them for a cluster, lock them anew."""


@jars.command("fetch")
@click.argument("locks", nargs=-1)
def fetch_jars(locks: tuple[str, ...]) -> None:
    """Fetch the jars of LOCKS (spark, s3a, kafka; by default spark and kafka) into the cache, and print their paths."""
    from tallystick.cli._jar_progress import jar_progress
    from tallystick.streaming.jars import fetch

    for lock in locks or ("spark", "kafka"):
        with jar_progress(f"fetching {lock}") as on_progress:
            paths = fetch(lock, on_progress=on_progress)
        for path in paths:
            click.echo(path)


@jars.command("packages")
@click.argument("locks", nargs=-1)
def print_packages(locks: tuple[str, ...]) -> None:
    """Print what `spark-submit --packages` wants for LOCKS (by default spark), for a cluster that resolves its own."""
    from tallystick.streaming.jars import packages

    click.echo(",".join(packages(lock) for lock in locks or ("spark",)))


@jars.command("lock")
@click.argument("names", nargs=-1, required=True)
@click.option("--folder", type=_FOLDER, default=_LOCK_FOLDER, show_default=True, help="Where NAME.toml is.")
def lock_jars(names: tuple[str, ...], folder: Path) -> None:
    """Resolve NAME.toml and write NAME.lock, in a checkout: for whoever raises a version."""
    from tallystick.streaming.locking import make_lock

    for name in names:
        click.echo(f"{name}: {len(make_lock(name, folder))} jars")


def _show(status: StackStatus, form: str) -> None:
    if form == "json":
        click.echo(status.to_json())
        return
    click.echo("ready" if status.ready else "not ready")
    for name, value in (
        ("kafka", status.kafka),
        ("registry", status.registry),
        ("api", status.api),
        ("write key", status.write_key),
    ):
        click.echo(f"  {name:<10} {value or '-'}")
    for part, pid in status.pids.items():
        click.echo(f"  {part} runs as process {pid}")
