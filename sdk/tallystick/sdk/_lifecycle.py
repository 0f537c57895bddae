"""The ends of a process: plain exit, SIGTERM, and the beginning of a forked child.

What Python and the operating system offer here is global to the process, so this is the SDK's one place with module
state: the clients that are alive, and the handler of SIGTERM that stood before ours.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import threading
import weakref
from multiprocessing import util
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["Managed", "forget", "watch"]

# Before multiprocessing's own finalizers, which end queues and join children.
_EARLY: Final = 100


class Managed(Protocol):
    """Something that must not lose what it holds when the process ends."""

    def finish(self, *, last: bool) -> None:
        """Deliver what waits; with `last`, nothing comes after it."""
        ...

    def renew(self) -> None:
        """Begin anew and empty in a forked child: what waits is the parent's."""
        ...


_alive: weakref.WeakSet[Managed] = weakref.WeakSet()
_previous: signal._HANDLER = signal.SIG_DFL


def watch(client: Managed, *, handle_sigterm: bool) -> None:
    """Finish the client at the end of the process, and renew it in forked children."""
    _alive.add(client)
    _finish_in_worker()
    util.register_after_fork(client, lambda _: _finish_in_worker())
    if handle_sigterm and threading.current_thread() is threading.main_thread():
        _take_sigterm()


def forget(client: Managed) -> None:
    """Let go of a client that was closed."""
    _alive.discard(client)


def _finish_in_worker() -> None:
    """Hook into the end of a multiprocessing worker, which leaves without running atexit."""
    if multiprocessing.parent_process() is not None:
        util.Finalize(None, _finish_all, kwargs={"last": True}, exitpriority=_EARLY)


def _take_sigterm() -> None:
    global _previous  # noqa: PLW0603 - a process has one handler of a signal
    current = signal.getsignal(signal.SIGTERM)
    # None is a handler that was not set from Python, and cannot be called from it.
    if current is _on_sigterm or current is signal.SIG_IGN or current is None:
        return
    _previous = current
    signal.signal(signal.SIGTERM, _on_sigterm)


def _on_sigterm(number: int, frame: FrameType | None) -> None:
    if callable(_previous):
        # The application ends itself, and may send more on the way.
        _finish_all(last=False)
        _previous(number, frame)
        return
    _finish_all(last=True)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _finish_all(*, last: bool) -> None:
    for client in tuple(_alive):
        client.finish(last=last)


def _renew_all() -> None:
    for client in tuple(_alive):
        client.renew()


atexit.register(_finish_all, last=True)
os.register_at_fork(after_in_child=_renew_all)
