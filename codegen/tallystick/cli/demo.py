"""`tallystick demo`: events with a known truth through the whole platform, and every figure checked."""

from __future__ import annotations

import sys
from pathlib import Path

import click

__all__ = ["command"]

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("demo")
@click.option("--players", type=click.Path(path_type=Path), help="Send these real players instead: a CSV file.")
@click.option("--out", type=_FOLDER, default="demo-out", show_default=True, help="Where report and summary go.")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides everything left to chance in the shop.")
@click.option("--users", type=click.IntRange(100), default=20_000, show_default=True, help="The shop's users.")
@click.option("--keep", is_flag=True, help="Keep the lake and the stack's folder, below --out.")
@click.option("--kafka", metavar="HOST:PORT", help="Use this Kafka, whose topics must be empty, and start none.")
@click.option("--registry", metavar="URL", help="Use this schema registry and start none.")
@click.option("--schemas", type=_FOLDER, default="schemas", show_default=True, help="The folder of contracts.")
@click.option("--experiments", type=_FOLDER, default="experiments", show_default=True, help="The experiments' folder.")
def command(  # noqa: PLR0913 - one argument per option, passed on at once
    *,
    players: Path | None,
    out: Path,
    seed: int,
    users: int,
    keep: bool,
    kafka: str | None,
    registry: str | None,
    schemas: Path,
    experiments: Path,
) -> None:
    """Send events through SDK, API, Kafka, Bronze, Silver and Gold, and hold every figure against the truth.

    By default the events are those of a simulated shop, late, doubled and malformed ones among them; the same seed
    gives the same figures. With --players they are those of real players of a published A/B test, given as a CSV file
    with the columns userid, version, sum_gamerounds, retention_1 and retention_7.

    Writes OUT/report.html and OUT/summary.json. Exit code 1 if any figure differs from the truth.
    """
    from tallystick.cli._jar_progress import jar_progress
    from tallystick.dev.demo.console import open_console, show
    from tallystick.dev.demo.runner import DemoOptions, run
    from tallystick.streaming.jars import fetch

    options = DemoOptions(
        out=out,
        command=" ".join(["tallystick", *sys.argv[1:]]),
        players=players,
        seed=seed,
        users=users,
        keep=keep,
        schemas=schemas,
        experiments=experiments,
        kafka=kafka,
        registry=registry,
    )
    console = open_console()
    for lock in ("spark",) if kafka else ("spark", "kafka"):
        with jar_progress(f"fetching the jars of {lock}") as on_jars:
            fetch(lock, on_progress=on_jars)
    report = run(options, console)
    show(report, console)
    console.print(f"report   {out / 'report.html'}\nsummary  {out / 'summary.json'}", highlight=False, soft_wrap=True)
    if any(not check.ok for check in report.checks):
        sys.exit(1)
