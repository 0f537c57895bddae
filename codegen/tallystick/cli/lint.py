"""`tallystick lint`: every mistake in contracts, sidecars and definitions of experiments."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from tallystick.cli._findings import FORMATS

__all__ = ["command"]


@click.command("lint")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--fix", "mend", is_flag=True, help="Mend what can be mended without doubt, then report what is left.")
@click.option(
    "--format", "style", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="How to report."
)
def command(paths: tuple[Path, ...], style: str, *, mend: bool) -> None:
    """Check contracts: PATHS are files or folders, by default schemas and experiments.

    Exit codes: 0 clean or warnings only, 1 errors, 2 usage or configuration.
    """
    from tallystick.cli._findings import render
    from tallystick.cli._linting import lint_paths, mend_paths

    if mend:
        count = mend_paths(paths)
        click.echo(f"mended {count} file{'' if count == 1 else 's'}", err=True)
    report = lint_paths(paths, colour=style == "text" and sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    output = render(style, report)
    if output:
        click.echo(output)
    sys.exit(1 if report.errors else 0)
