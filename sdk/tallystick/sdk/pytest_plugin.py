"""A pytest fixture for applications that send events.

pytest_plugins = ["tallystick.sdk.pytest_plugin"]

def test_checkout_tells_of_the_order(tracked):
    checkout(tracked.client)
    (order,) = tracked.events_of(OrderCompleted)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest

from tallystick.sdk.client import EventClient
from tallystick.sdk.options import ClientOptions
from tallystick.sdk.record import Event
from tallystick.sdk.testing import MemoryTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Tracked", "tracked"]

E = TypeVar("E", bound=Event)


class Tracked:
    """A client that sends nowhere and remembers.

    Attributes:
        client: For the code under test.
        transport: Where its events end; told to fail, it does.
    """

    def __init__(self) -> None:
        self.transport = MemoryTransport()
        options = ClientOptions(raise_errors=True, handle_sigterm=False)
        self.client = EventClient(source="test", transport=self.transport, options=options)

    def events_of(self, kind: type[E]) -> list[E]:
        """What was tracked so far of a class, with its meta."""
        self.client.flush()
        return self.transport.events_of(kind)


@pytest.fixture
def tracked() -> Iterator[Tracked]:
    """A client for the code under test, and what it tracked."""
    tracked = Tracked()
    with tracked.client:
        yield tracked
