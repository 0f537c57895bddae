"""Writes that wait at the same time share a transaction, and so the one thing that takes long: making it durable."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, TypeVar

import anyio.to_thread

from tallystick.api.registry.store import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.api.registry.store import Store
    from tallystick.api.registry.transaction import Transaction

__all__ = ["Writer"]

T = TypeVar("T")
# So many at most, so that the first of them does not wait long for the last.
_TOGETHER: Final = 64


class Writer:
    """The one writer of this process.

    Args:
        store: The database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Callable[[Transaction], Any], asyncio.Future[Any]]] = []
        self._working: asyncio.Task[None] | None = None

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Do a write, and return what it returns once it is committed."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, answer))
        if self._working is None or self._working.done():
            self._working = asyncio.ensure_future(self._work_off())
        return await answer

    async def _work_off(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
            outcomes = await anyio.to_thread.run_sync(self._commit, [work for work, _ in batch])
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                if answer.done():
                    continue
                if outcome.error is not None:
                    answer.set_exception(outcome.error)
                else:
                    answer.set_result(outcome.result)

    def _commit(self, works: list[Callable[[Transaction], Any]]) -> list[Outcome]:
        try:
            return self._store.write_together(works)
        except Exception as error:  # noqa: BLE001 - nothing was written, and every caller is told so
            return [Outcome(error=error) for _ in works]
