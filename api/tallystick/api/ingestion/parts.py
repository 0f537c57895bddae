"""What the routes work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallystick.api.ingestion.feed import Feed
    from tallystick.api.ingestion.keys import KeyFile
    from tallystick.api.ingestion.limits import Limits
    from tallystick.api.ingestion.metrics import Metrics
    from tallystick.api.ingestion.rates import Rates
    from tallystick.api.ingestion.service import Ingestion

__all__ = ["Parts", "Topics"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """Where records go.

    Attributes:
        events: Accepted events of every type.
        dead_letters: Refused ones.
    """

    events: str = "tallystick.events"
    dead_letters: str = "tallystick.dead-letters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of one application."""

    feed: Feed
    keys: KeyFile
    ingestion: Ingestion
    metrics: Metrics
    rates: Rates
    topics: Topics
    limits: Limits
