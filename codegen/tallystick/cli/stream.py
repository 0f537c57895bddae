"""`tallystick stream`: the Spark jobs bronze, silver and gold."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from tallystick.contracts.errors import TallystickError

if TYPE_CHECKING:
    from datetime import datetime

    from pyspark.sql import SparkSession

    from tallystick.streaming.lake import Lake

__all__ = ["command"]

T = TypeVar("T", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class _Where:
    """The options that every job has."""

    lake: str
    master: str
    memory: str
    settings: tuple[str, ...]
    once: bool


def _common(function: T) -> T:
    """Add the options that every job has."""
    options = (
        click.option("--once", is_flag=True, help="Process what is there and end; else run until stopped."),
        click.option(
            "--lake",
            default=".tallystick/lake",
            show_default=True,
            envvar="TALLYSTICK_LAKE",
            help="A folder or an s3a:// address; for S3 the usual AWS_... variables tell endpoint and credentials.",
        ),
        click.option("--master", default="local[2]", show_default=True, help="Spark's master."),
        click.option("--memory", default="2g", show_default=True, help="Memory of Spark's driver."),
        click.option("--conf", "settings", multiple=True, metavar="KEY=VALUE", help="A further Spark setting."),
    )
    for option in reversed(options):
        function = option(function)
    return function


_registry = click.option(
    "--registry",
    default="http://127.0.0.1:8081",
    show_default=True,
    envvar="TALLYSTICK_REGISTRY",
    help="Address of the schema registry.",
)


@click.group("stream")
def command() -> None:
    """Run the Spark jobs: bronze, silver, gold."""


@command.command("bronze")
@_common
@click.option("--kafka", default="127.0.0.1:9092", show_default=True, envvar="TALLYSTICK_KAFKA", help="HOST:PORT,...")
@click.option("--topics", default="tallystick.events,tallystick.dead-letters", show_default=True, help="What to read.")
@click.option("--interval", default=5.0, show_default=True, help="Seconds between two batches.")
@click.option("--max-offsets", default=200_000, show_default=True, help="Records in one batch, at most.")
@click.option(
    "--kafka-property", "properties", multiple=True, metavar="KEY=VALUE", help="A setting of the Kafka client."
)
def _bronze(
    *,
    kafka: str,
    topics: str,
    interval: float,
    max_offsets: int,
    properties: tuple[str, ...],
    **where: Any,  # noqa: ANN401
) -> None:
    """Land whatever Kafka holds, untouched."""
    place = _Where(**where)
    _check_lake(place.lake)
    from tallystick.streaming import bronze
    from tallystick.streaming.kafka import check_reachable

    check_reachable(kafka)
    options = bronze.BronzeOptions(
        kafka=kafka,
        topics=tuple(filter(None, (name.strip() for name in topics.split(",")))),
        once=place.once,
        interval=interval,
        max_offsets=max_offsets,
        settings=tuple(_pairs(properties, "--kafka-property").items()),
    )
    _in_session(place, lambda spark, lake: bronze.run(spark, lake, options))


@command.command("silver")
@_common
@_registry
@click.option("--interval", default=10.0, show_default=True, help="Seconds between two batches.")
@click.option("--max-bytes", default="64m", show_default=True, help="How much of Bronze a batch takes, about.")
@click.option("--rebuild", is_flag=True, help="Build Silver anew beside the one in use, compare the two, and end.")
@click.option("--build", default="rebuild", show_default=True, help="Name of the new build: LAKE/builds/NAME.")
@click.option(
    "--known-at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="Rebuild from what was received by then."
)
def _silver(
    *,
    registry: str,
    interval: float,
    max_bytes: str,
    rebuild: bool,
    build: str,
    known_at: datetime | None,
    **where: Any,  # noqa: ANN401 - the options of every job
) -> None:
    """Decode and deduplicate Bronze, and bring experiments up to date."""
    place = _Where(**where)
    _check_lake(place.lake)
    from tallystick.sdk.registry import RegistryClient
    from tallystick.streaming import silver

    options = silver.SilverOptions(once=place.once, interval=interval, max_bytes=max_bytes)
    with RegistryClient(registry) as client:
        client.subjects()  # a registry that does not answer is told before Spark starts
        if rebuild or known_at:
            _in_session(place, lambda spark, lake: _rebuild(spark, lake, client, build, known_at))
        else:
            _in_session(place, lambda spark, lake: silver.run(spark, lake, client, options))


@command.command("gold")
@_common
@click.option("--interval", default=30.0, show_default=True, help="Seconds between two looks at Silver.")
def _gold(*, interval: float, **where: Any) -> None:  # noqa: ANN401 - the options of every job
    """Compute the results of every experiment."""
    place = _Where(**where)
    _check_lake(place.lake)
    from tallystick.streaming import gold

    options = gold.GoldOptions(once=place.once, interval=interval)
    _in_session(place, lambda spark, lake: gold.run(spark, lake, options))


def _rebuild(spark: SparkSession, lake: Lake, registry: Any, name: str, known_at: datetime | None) -> None:  # noqa: ANN401
    from tallystick.streaming.silver.rebuild import compare, rebuild

    built = rebuild(spark, lake, registry, name, known_at=known_at)
    click.echo(f"built {built.silver('')}")
    if known_at is not None:
        return
    differing = False
    for difference in compare(spark, lake, built):
        differing = differing or bool(difference)
        verdict = f"{difference.missing} rows missing, {difference.added} added" if difference else "equal"
        click.echo(f"  {difference.table:<32} {verdict}")
    if differing:
        raise SystemExit(1)


def _in_session(where: _Where, job: Callable[[SparkSession, Lake], None]) -> None:
    """Run a job in a Spark session that ends with it; SIGTERM and Ctrl-C let it end in order."""
    from tallystick.cli._jar_progress import jar_progress
    from tallystick.streaming.jars import fetch
    from tallystick.streaming.lake import Lake
    from tallystick.streaming.logs import configure
    from tallystick.streaming.session import SessionOptions, open_session

    configure()
    signal.signal(signal.SIGTERM, _interrupt)
    place = where.lake if "://" in where.lake else str(Path(where.lake).absolute())
    options = SessionOptions(
        master=where.master, lake=place, memory=where.memory, settings=_pairs(where.settings, "--conf")
    )
    with jar_progress("fetching Spark's jars") as shown:
        spark = open_session(options, fetch_jars=lambda lock: fetch(lock, on_progress=shown))
    try:
        job(spark, Lake(place))
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    finally:
        spark.stop()


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _check_lake(lake: str) -> None:
    """Tell of a folder that cannot be written before Spark starts."""
    if "://" in lake:
        if not lake.startswith("s3a://"):
            raise TallystickError(
                f"the lake {lake} is neither a folder nor on s3a://", fix="give --lake as one of the two"
            )
        return
    folder = Path(lake).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError as error:
        raise TallystickError(
            f"the lake {folder} cannot be made: {error.strerror}", fix="choose another --lake"
        ) from None
    if not writable:
        raise TallystickError(
            f"the lake {folder} cannot be written", fix="choose another --lake, or grant yourself the right"
        )


def _pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    parts = [text.partition("=") for text in texts]
    if any(not separator for _, separator, _ in parts):
        raise click.BadParameter("give KEY=VALUE", param_hint=option)
    return {name: value for name, _, value in parts}
