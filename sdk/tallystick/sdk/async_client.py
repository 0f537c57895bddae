"""The client for programs that run in an event loop: the same names, awaitable."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from tallystick.sdk.client import EventClient

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import Any, Self

    from tallystick.sdk._pipeline import Stats

__all__ = ["AsyncEventClient"]

P = ParamSpec("P")
R = TypeVar("R")


def _in_thread(
    method: Callable[Concatenate[EventClient, P], R],
) -> Callable[Concatenate[AsyncEventClient, P], Coroutine[Any, Any, R]]:
    """Make a method awaitable: it waits in a thread, so that the loop goes on."""

    async def call(self: AsyncEventClient, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.to_thread(method, self.client, *args, **kwargs)

    call.__doc__ = method.__doc__
    return call


def _at_once(
    method: Callable[Concatenate[EventClient, P], R],
) -> Callable[Concatenate[AsyncEventClient, P], Coroutine[Any, Any, R]]:
    """Make a method awaitable that does not wait, unless a full queue is to make it."""

    async def call(self: AsyncEventClient, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if self.client.options.on_full == "block":
            return await asyncio.to_thread(method, self.client, *args, **kwargs)
        return method(self.client, *args, **kwargs)

    call.__doc__ = method.__doc__
    return call


class AsyncEventClient:
    """An `EventClient` whose methods are awaited.

        client = AsyncEventClient(EventClient(endpoint=..., write_key=..., source="shop-web"))
        await client.track(OrderCompleted(...), user_id="u1")

    Args:
        client: The client that does the work; make it in the main thread.
    """

    def __init__(self, client: EventClient) -> None:
        self.client = client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    track = _at_once(EventClient.track)
    expose = _at_once(EventClient.expose)
    track_now = _in_thread(EventClient.track_now)
    flush = _in_thread(EventClient.flush)
    close = _in_thread(EventClient.close)

    def context(
        self,
        *,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        session_id: str | None = None,
        trace_id: str | None = None,
    ) -> AbstractContextManager[None]:
        """Say whom the events concern that are tracked inside, in this task."""
        return self.client.context(user_id=user_id, anonymous_id=anonymous_id, session_id=session_id, trace_id=trace_id)

    def stats(self) -> Stats:
        """What the client did so far."""
        return self.client.stats()
