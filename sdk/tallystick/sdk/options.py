"""How a client behaves: queue, batches, retries, ending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tallystick.sdk.errors import OptionsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tallystick.sdk.record import Event
    from tallystick.sdk.transport import FieldFault

__all__ = ["ClientOptions", "Fault", "Lost", "OnFull"]

OnFull = Literal["drop_newest", "drop_oldest", "block", "raise"]

_KIB: Final = 1024
_MIB: Final = 1024 * _KIB


@dataclass(frozen=True, slots=True)
class Lost:
    """An event that will not arrive.

    Attributes:
        event_id: Its identity.
        event_type: Full name of its contract.
        reason: Why, such as `INVALID`, `queue full`, `shutdown`.
        errors: The fields that broke the contract, where that is the reason.
    """

    event_id: str
    event_type: str
    reason: str
    errors: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something went wrong, but no event is lost by it yet.

    Attributes:
        reason: What, such as `ConnectError` or `HTTP 503`.
        events: How many events wait because of it.
        attempt: How often these were tried.
    """

    reason: str
    events: int
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """How a client behaves; the defaults suit a web application.

    Attributes:
        max_queue_size: Events that may wait at once.
        max_queue_bytes: Bytes that may wait at once.
        on_full: What happens to an event that finds no room. `block` waits for room, the others never wait.
        flush_at: Events that make a batch; the API takes 500 at most.
        flush_interval: Seconds that an event waits for others to fill its batch.
        max_batch_bytes: Bytes of a batch before packing; the API takes 1 MiB on the wire.
        max_event_bytes: Bytes of one event; a larger one is lost as `too large`.
        concurrency: Batches under way at once.
        timeout: Seconds to wait for the answer to one batch.
        backoff: First and longest bound of the pause between attempts, in seconds; the pause is drawn below the bound,
            which doubles.
        max_retry_age: Seconds after which an event that cannot be delivered is given up.
        compress: Whether batches are packed with gzip.
        shutdown_timeout: Seconds that the end of the process may be delayed to deliver what waits.
        handle_sigterm: Whether SIGTERM delivers what waits before it takes its course. Main thread only.
        spool_dir: Folder where events stand until they are delivered, so that not even `kill -9` or an outage longer
            than the process loses one. Several processes may share it.
        spool_max_bytes: Bytes that this process may keep there.
        sample_rate: Share of users whose events are sent; the same users in every process.
        enabled: False sends nothing and loses everything silently, for local runs.
        raise_errors: Whether `track` raises for an event that it cannot take; for tests.
        before_send: Sees each event with its meta and may change or, with None, suppress it.
        on_error: Told of every failed attempt. Called in a thread of the client's.
        on_drop: Told of every lost event, once. Called in a thread of the client's. Without it, the log warns of each.
    """

    max_queue_size: int = 100_000
    max_queue_bytes: int = 128 * _MIB
    on_full: OnFull = "drop_newest"
    flush_at: int = 200
    flush_interval: float = 1.0
    max_batch_bytes: int = 960 * _KIB
    max_event_bytes: int = 256 * _KIB
    concurrency: int = 2
    timeout: float = 30.0
    backoff: tuple[float, float] = (0.25, 20.0)
    max_retry_age: float = 86_400.0
    compress: bool = True
    shutdown_timeout: float = 10.0
    handle_sigterm: bool = True
    spool_dir: Path | str | None = None
    spool_max_bytes: int = 512 * _MIB
    sample_rate: float = 1.0
    enabled: bool = True
    raise_errors: bool = False
    before_send: Callable[[Event], Event | None] | None = None
    on_error: Callable[[Fault], None] | None = None
    on_drop: Callable[[Lost], None] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        for name in _POSITIVE:
            if not getattr(self, name) > 0:
                raise OptionsError(f"{name} must be above 0, not {getattr(self, name)!r}")
        if not 1 <= self.flush_at <= _MOST_PER_BATCH:
            raise OptionsError(f"flush_at must be within 1 and {_MOST_PER_BATCH}, not {self.flush_at!r}")
        if self.on_full not in _ON_FULL:
            raise OptionsError(f"on_full must be one of {', '.join(_ON_FULL)}, not {self.on_full!r}")
        if not 0.0 <= self.sample_rate <= 1.0:
            raise OptionsError(f"sample_rate must be within 0 and 1, not {self.sample_rate!r}")
        if not 0.0 < self.backoff[0] <= self.backoff[1]:
            raise OptionsError(f"backoff must be a first and a longest pause, not {self.backoff!r}")


_MOST_PER_BATCH: Final = 500
_ON_FULL: Final = ("drop_newest", "drop_oldest", "block", "raise")
_POSITIVE: Final = (
    "max_queue_size",
    "max_queue_bytes",
    "flush_interval",
    "max_batch_bytes",
    "max_event_bytes",
    "concurrency",
    "timeout",
    "max_retry_age",
    "shutdown_timeout",
    "spool_max_bytes",
)
