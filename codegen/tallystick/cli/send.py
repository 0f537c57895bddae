"""`tallystick send`: events from a file through the ingestion API."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tallystick.contracts.errors import TallystickError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.sdk.options import Lost
    from tallystick.sdk.transport import Outgoing

__all__ = ["command"]

_SHOWN: Final = 50


@click.command("send")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--endpoint", default="http://127.0.0.1:8000", show_default=True, help="Address of the ingestion API.")
@click.option("--write-key", envvar="TALLYSTICK_WRITE_KEY", required=True, show_envvar=True, help="A write key.")
@click.option("--wait", default=300.0, show_default=True, help="Seconds to go on trying while the API is away.")
def command(*, file: Path, endpoint: str, write_key: str, wait: float) -> None:
    """Send a file of events, one JSON object a line; `-` reads standard input.

    Each line is an event as the API takes it: {"type": "shop.PageViewed", "meta": {...}, ...}. Exit code 1 if any was
    refused.
    """
    from tallystick.sdk._http import HttpTransport
    from tallystick.sdk.bulk import send_all
    from tallystick.sdk.options import ClientOptions

    report = _Report()
    options = ClientOptions(flush_at=500, max_queue_size=5_000, max_retry_age=wait, on_drop=report.refused)
    transport = HttpTransport(endpoint, write_key, connections=options.concurrency)
    result = send_all(_events(file, report), transport, options)
    click.echo(f"{result.delivered} sent, {report.failures} refused, {result.pending} unknown", err=True)
    if report.failures or result.pending:
        sys.exit(1)


class _Report:
    """Says which lines were refused, the first of them in full."""

    def __init__(self) -> None:
        self.failures = 0

    def refused(self, lost: Lost) -> None:
        faults = ", ".join(f"{fault.path} {fault.code} (expected {fault.expected})" for fault in lost.errors)
        self.tell(lost.event_id, f"{lost.reason} {faults}".strip())

    def tell(self, place: str, reason: str) -> None:
        self.failures += 1
        if self.failures <= _SHOWN:
            click.echo(f"{place}: {reason}", err=True)


def _events(file: Path, report: _Report) -> Iterator[Outgoing]:
    from tallystick.sdk.transport import Outgoing

    try:
        stream = click.open_file(str(file), "rb")
    except OSError as error:
        raise TallystickError(f"{file} cannot be read: {error.strerror}") from None
    with stream, click.progressbar(stream, label="sending", file=sys.stderr) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            # A broken line would break its whole batch, so it never leaves.
            if (kind := _kind(line)) is None:
                report.tell(f"line {number}", "MALFORMED_JSON")
            else:
                yield Outgoing(f"line {number}", kind, line.strip())


def _kind(line: bytes) -> str | None:
    """The event type that a line names; None if the line is no JSON object."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return str(fields.get("type")) if isinstance(fields, dict) else None
