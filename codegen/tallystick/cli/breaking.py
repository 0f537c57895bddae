"""`tallystick breaking`: what a change of contracts does to those who have come to rely on them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import click

from tallystick.cli._findings import FORMATS

__all__ = ["command"]

# In the order of the page, which stands in tallystick.contracts.breaking; here so that --help imports nothing.
_CATEGORIES: Final = ("WIRE", "LOGICAL", "TABLE", "SOURCE", "POLICY")


def _categories(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    words = tuple(word.strip().upper() for word in value.split(",") if word.strip())
    for word in words:
        if word not in _CATEGORIES:
            from tallystick.contracts.spelling import did_you_mean

            raise click.BadParameter(f"there is no category {word}{did_you_mean(word, _CATEGORIES)}")
    if not words:
        raise click.BadParameter(f"name one at least: {', '.join(_CATEGORIES)}")
    return words


@click.command("breaking")
@click.option(
    "--against",
    metavar="GIT_REF|DIR|URL",
    help="What to compare with: a branch, tag or commit, a folder, or a registry; by default the main branch.",
)
@click.option(
    "--category",
    "categories",
    default=",".join(_CATEGORIES),
    show_default=True,
    callback=_categories,
    help="Which categories to report, with commas.",
)
@click.option(
    "--schemas", default="schemas", show_default=True, type=click.Path(path_type=Path), help="Folder of the contracts."
)
@click.option("--lake", type=click.Path(path_type=Path), help="A lake: say how often what has changed occurred lately.")
@click.option(
    "--format", "style", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="How to report."
)
def command(against: str | None, categories: tuple[str, ...], schemas: Path, lake: Path | None, style: str) -> None:
    """Tell what the contracts, as they are, break of what they were.

    A branch is compared by its merge base with HEAD; what only its tip makes a break is told apart. A break that is
    meant is approved with: tallystick accept.

    Exit codes: 0 nothing or warnings only, 1 errors, 2 usage, configuration or network.
    """
    from tallystick.cli._comparing import compare
    from tallystick.cli._findings import render

    colour = style == "text" and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    compared = compare(schemas, against, categories=categories, lake=lake, colour=colour)
    click.echo(f"compared with {' and with '.join(compared.told)}", err=True)
    for told in compared.unread:
        click.echo(f"not compared: {told}", err=True)
    output = render(style, compared.report)
    if output:
        click.echo(output)
    sys.exit(1 if compared.report.errors else 0)
