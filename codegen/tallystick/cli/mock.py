"""`tallystick mock`: realistic events, and wrong ones, straight from the contracts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["command"]


@click.command("mock")
@click.argument("event")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, 1_000_000), help="How many.")
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same events.")
@click.option("--invalid", is_flag=True, help="Wrong events, each with the one mistake that is in it.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["json", "avro"]),
    default="json",
    show_default=True,
    help="JSON as the API takes it, or Avro bytes in hexadecimal.",
)
@click.option(
    "--schemas", default="schemas", show_default=True, type=click.Path(path_type=Path), help="Folder of the contracts."
)
def command(*, event: str, count: int, seed: int, invalid: bool, style: str, schemas: Path) -> None:
    """Make events of the contract EVENT, one a line; they hold every rule of the contract.

    With --invalid each line tells the mistake and where it is: {"mistake", "path", "errors", "event"}.
    """
    from tallystick.cli._events import class_of, find_contract
    from tallystick.contracts import load_catalog

    if invalid and style == "avro":
        raise click.UsageError("a wrong event has no Avro form: leave out --format avro")
    contract = find_contract(load_catalog(schemas), event)
    cls = class_of(contract.text, contract.name)
    lines = _wrong(cls, count, seed) if invalid else _right(cls, count, seed, style)
    for line in lines:
        click.echo(line)


def _right(cls: Any, count: int, seed: int, style: str) -> Iterator[str]:  # noqa: ANN401 -- a generated class
    from tallystick.sdk.samples import samples

    for record in samples(cls, count=count, seed=seed):
        yield record.to_avro().hex() if style == "avro" else _json({"type": cls.SUBJECT, **record.to_plain()})


def _wrong(cls: Any, count: int, seed: int) -> Iterator[str]:  # noqa: ANN401 -- a generated class
    from tallystick.sdk.samples import mistakes

    for each in mistakes(cls, count=count, seed=seed):
        errors = [{"path": fault.path, "code": fault.code, "expected": fault.expected} for fault in each.violations]
        event = {"type": cls.SUBJECT, **each.plain}
        yield _json({"mistake": each.told, "path": each.path, "errors": errors, "event": event})


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
