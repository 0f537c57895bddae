"""pytest's door to the SDK: pytest finds it by itself, and every test may ask for the fixture `tracked`.

def test_checkout_tells_of_the_order(tracked):
    checkout(tracked.client)
    (order,) = tracked.events_of(OrderCompleted)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.sdk.testing import Tracked

__all__ = ["tracked"]


@pytest.fixture
def tracked() -> Iterator[Tracked]:
    """A client for the code under test, and what it tracked."""
    # Here, not above: the tests of people who do not ask for it do not wait for the SDK.
    from tallystick.sdk.testing import Tracked

    tracked = Tracked()
    with tracked.client:
        yield tracked
