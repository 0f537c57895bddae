"""The parts of the dev stack that speak HTTP, and how to wait for any part."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import httpx

from tallystick.dev.errors import NotReadyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tallystick.dev.processes import Processes

__all__ = ["answers", "serve", "wait_until_ready"]

_TICK = 0.1
_PATIENCE = 90.0


def serve(processes: Processes, part: str, *, port: int, options: Mapping[str, str]) -> None:
    """Start `tallystick serve PART` with this very Python.

    Args:
        processes: Starts it.
        part: `registry` or `api`.
        port: Where it listens on loopback.
        options: Its further options, without the dashes.
    """
    given = [word for name, value in options.items() for word in (f"--{name}", value)]
    processes.start(part, [sys.executable, "-m", "tallystick.cli", "serve", part, "--port", str(port), *given])


def answers(url: str) -> bool:
    """Whether a GET is answered with a success."""
    try:
        return httpx.get(url, timeout=5.0).is_success
    except httpx.HTTPError:
        return False


def wait_until_ready(
    part: str, address: str, *, is_ready: Callable[[str], bool], check: Callable[[], None], timeout: float | None = None
) -> None:
    """Wait until a part answers well.

    Args:
        part: Its name in messages.
        address: Where it is.
        is_ready: Asks it.
        check: Called between the questions; raises when waiting has no sense any more.
        timeout: How many seconds to wait; by default long enough for a slow machine.

    Raises:
        NotReadyError: It did not answer well in time.
    """
    patience = _PATIENCE if timeout is None else timeout
    deadline = time.monotonic() + patience
    while not is_ready(address):
        check()
        if time.monotonic() > deadline:
            raise NotReadyError(part, address, patience)
        time.sleep(_TICK)
