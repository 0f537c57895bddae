"""What carries events away, seen from the client: one method, and one result for each event.

A transport says for each event whether it is durable (`ACCEPTED`, `DUPLICATE`), refused for good (`INVALID`,
`REJECTED`), or to be sent again (`RETRY`). That includes failures of the way itself: `send` does not raise for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Answer", "FieldFault", "Outgoing", "Result", "Status", "Transport"]


class Status(StrEnum):
    """What became of one event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    REJECTED = "rejected"
    RETRY = "retry"


class Outgoing(NamedTuple):
    """An event ready to be sent; its body never changes, however often it is sent.

    Attributes:
        event_id: Its identity.
        event_type: Full name of its contract.
        body: Its JSON on the wire.
    """

    event_id: str
    event_type: str
    body: bytes


class FieldFault(NamedTuple):
    """One violation of the contract; it never holds the value itself."""

    path: str
    code: str
    expected: str | None = None
    got: str | None = None


class Result(NamedTuple):
    """What became of one event, and why."""

    status: Status
    reason: str = ""
    errors: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a batch.

    Attributes:
        results: One for each event, in order.
        retry_after: Seconds that the server wants to be left alone before events are sent again.
        too_large: Whether the batch was refused as a whole and may be sent in parts.
    """

    results: tuple[Result, ...]
    retry_after: float = 0.0
    too_large: bool = False

    @classmethod
    def same(cls, result: Result, count: int, *, retry_after: float = 0.0, too_large: bool = False) -> Answer:
        """Give every event of a batch the same result."""
        return cls(results=(result,) * count, retry_after=retry_after, too_large=too_large)


class Transport(Protocol):
    """Carries batches; used from several threads at once."""

    def send(self, batch: Sequence[Outgoing], timeout: float) -> Answer:
        """Send a batch and wait for what becomes of it, `timeout` seconds at most."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...

    def renewed(self) -> Transport:
        """Make a transport like this one that shares nothing with it: a forked child needs its own."""
        ...
