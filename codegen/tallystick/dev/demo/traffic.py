"""What a demo sends, in the order of arrival, and the truth that the pipeline is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from tallystick.dev.demo.truth import Truth
    from tallystick.events.tallystick import Reason
    from tallystick.sdk.record import Event

__all__ = ["BadLine", "Send", "Traffic"]


@dataclass(frozen=True, slots=True)
class Send:
    """One event as an application sends it; a copy is the same event sent again."""

    event: Event
    app: str
    event_id: str
    arrives_at: datetime
    lateness: timedelta
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that a careless client posts by itself, and why the API must refuse it."""

    line: bytes
    app: str
    arrives_at: datetime
    fault: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Traffic:
    """Everything that is sent, and what must come of it."""

    source: str
    sends: tuple[Send, ...]
    bad_lines: tuple[BadLine, ...]
    truth: Truth
