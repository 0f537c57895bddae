"""What the SDK's tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.sdk.collecting import Collector, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A server that takes batches."""
    with serving(Collector()) as running:
        yield running
