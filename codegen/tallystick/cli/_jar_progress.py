"""How far the jars are: a bar on a terminal, a line now and then elsewhere, nothing when none has to be fetched."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tallystick.streaming.jars import JarProgress

__all__ = ["jar_progress"]

_LINES = 4


@contextmanager
def jar_progress(title: str) -> Iterator[Callable[[JarProgress], None]]:
    """What to give to `fetch(on_progress=...)`; it shows on standard error.

    Args:
        title: What the jars are for.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda progress: _tell(title, progress)
        return
    columns = (
        *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()),
        *(TimeElapsedColumn(), TextColumn("{task.fields[jar]}")),
    )
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task(title, total=None, jar="")

    def show(progress: JarProgress) -> None:
        bar.start()  # only now: a bar that has nothing to show leaves an empty line behind
        bar.update(task, completed=progress.done, total=progress.total, jar=progress.jar)

    try:
        yield show
    finally:
        bar.stop()


def _tell(title: str, progress: JarProgress) -> None:
    """A line at every quarter."""
    quarter, before = (_LINES * done // progress.total for done in (progress.done, progress.done - 1))
    if quarter > before:
        click.echo(f"{title}: {100 * progress.done // progress.total} %", err=True)
