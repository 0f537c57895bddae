"""A progress bar for jars: shown only when some have to be fetched."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tallystick.streaming.jars import JarProgress

__all__ = ["jar_progress"]


@contextmanager
def jar_progress(title: str) -> Iterator[Callable[[JarProgress], None]]:
    """What to give to `fetch(on_progress=...)`; draws on standard error.

    Args:
        title: What the jars are for.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[jar]}"),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(title, total=None, jar="")

    def show(progress: JarProgress) -> None:
        bar.start()  # only now: a bar that has nothing to show leaves an empty line behind
        bar.update(task, completed=progress.done, total=progress.total, jar=progress.jar)

    try:
        yield show
    finally:
        bar.stop()
