"""The client that applications hold: it takes events and sees to it that they arrive."""

from __future__ import annotations

from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final
from uuid import UUID

from tallystick.sdk import _context, _lifecycle
from tallystick.sdk._context import Context
from tallystick.sdk._envelope import Envelope, Times
from tallystick.sdk._exposures import Exposures
from tallystick.sdk._pipeline import Pipeline, Stats
from tallystick.sdk._sampling import is_sampled
from tallystick.sdk.errors import EncodeError, NotDeliveredError, OptionsError
from tallystick.sdk.ids import uuid7
from tallystick.sdk.options import ClientOptions, Lost
from tallystick.sdk.transport import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from tallystick.sdk._messages import FlushResult
    from tallystick.sdk.record import Event
    from tallystick.sdk.transport import Result, Transport

__all__ = ["EventClient", "Stats"]

_POLL: Final = 0.005
_REPLY_SLACK: Final = 2.0


class EventClient:
    """Sends events in the background.

    Make one for each process, near its start, in the main thread. `track` returns at once; threads of the client's send
    batches and repeat what must be repeated. What waits is delivered when the process exits or gets SIGTERM.

    Args:
        source: Name of the application, as its write key has it.
        endpoint: Address of the ingestion API.
        write_key: Key of the application.
        release: Release of the application.
        environment: Where it is deployed, such as production.
        transport: Another way than HTTP to `endpoint`; for tests see `tallystick.sdk.testing`.
        options: Everything else.

    Attributes:
        options: How it behaves.
    """

    def __init__(
        self,
        *,
        source: str,
        endpoint: str | None = None,
        write_key: str | None = None,
        release: str | None = None,
        environment: str | None = None,
        transport: Transport | None = None,
        options: ClientOptions | None = None,
    ) -> None:
        self.options = options or ClientOptions()
        self._exposures = Exposures()
        self._envelope = Envelope(source, release, environment)
        self._pipeline = Pipeline(transport or _http_transport(endpoint, write_key, self.options), self.options)
        _lifecycle.watch(self, handle_sigterm=self.options.handle_sigterm)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def track(  # noqa: PLR0913 - one keyword for each thing that an event's meta holds
        self,
        event: Event,
        *,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        session_id: str | None = None,
        event_id: UUID | str | None = None,
        event_time: datetime | None = None,
        sent_at: datetime | None = None,
        received_at: datetime | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> UUID:
        """Send an event in the background; what its meta already holds stays as it is.

        It neither waits nor raises, unless `on_full` or `raise_errors` say so: `on_drop` is told what cannot be taken.

        Args:
            event: The event.
            user_id: Account that acted; by default from the context.
            anonymous_id: Device that acted; by default from the context.
            session_id: Visit; by default from the context.
            event_id: Identity; a new one by default. See `tallystick.sdk.ids.stable_id` for one that stays the same.
            event_time: When it happened; now by default.
            sent_at: When it was sent. Kept only under a key with the scope `backfill`, which imports history.
            received_at: When it was received. Likewise.
            attributes: Free annotations.
        """
        try:
            identity = _identity(event, event_id)
        except ValueError:
            if self.options.raise_errors:
                raise
            identity = uuid7()
            self._pipeline.lose(Lost(str(identity), _type_name(event), "invalid: event_id"))
            return identity
        context = Context(user_id=user_id, anonymous_id=anonymous_id, session_id=session_id)
        times = Times(event_time=event_time, sent_at=sent_at, received_at=received_at)
        self._take(event, identity, times, context, attributes)
        return identity

    def expose(self, event: Event, *, user_id: str | None = None, event_time: datetime | None = None) -> UUID | None:
        """Send an exposure, once as long as the unit sees the same variant; back to an earlier variant is news again.

        Args:
            event: An event whose contract is an exposure: unit, experiment and variant are found by their roles.
            user_id: Account that acted; by default from the context.
            event_time: When it happened; now by default.

        Returns:
            The event's identity; None where it is no news.

        Raises:
            OptionsError: The event is no exposure.
        """
        if not self._exposures.is_news(event):
            return None
        return self.track(event, user_id=user_id, event_time=event_time)

    def track_now(self, event: Event, *, user_id: str | None = None, timeout: float = 30.0) -> UUID:
        """Send an event and wait until it is durable.

        Raises:
            NotDeliveredError: It was refused, or there was no answer in time; in this case it is still sent on.
        """
        identity = _identity(event, None)
        waiter: SimpleQueue[Result] = SimpleQueue()
        if not self._take(event, identity, Times(), Context(user_id=user_id), None, waiter=waiter):
            raise NotDeliveredError(str(identity), "it was not taken")
        self._pipeline.hurry(timeout)
        try:
            result = waiter.get(timeout=timeout)
        except Empty:
            raise NotDeliveredError(str(identity), "no answer in time") from None
        if result.status not in {Status.ACCEPTED, Status.DUPLICATE}:
            raise NotDeliveredError(str(identity), result.reason or result.status)
        return identity

    @contextmanager
    def context(
        self,
        *,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        session_id: str | None = None,
        trace_id: str | None = None,
    ) -> Iterator[None]:
        """Say whom the events concern that are tracked inside, in this thread or task."""
        inner = Context(user_id=user_id, anonymous_id=anonymous_id, session_id=session_id, trace_id=trace_id)
        token = _context.enter(inner)
        try:
            yield
        finally:
            _context.leave(token)

    def flush(self, timeout: float = 10.0) -> FlushResult:
        """Send what waits now, and wait until its fate is known or the time is over."""
        return self._pipeline.flush(timeout)

    def close(self, timeout: float | None = None) -> FlushResult:
        """Deliver what waits and end; `shutdown_timeout` bounds it by default. Closing twice is harmless."""
        result = self._pipeline.close(self.options.shutdown_timeout if timeout is None else timeout)
        _lifecycle.forget(self)
        return result

    def stats(self) -> Stats:
        """What the client did so far."""
        return self._pipeline.stats()

    def finish(self, *, last: bool) -> None:
        """Deliver what waits because the process ends; called by the SDK itself."""
        if last:
            self.close()
        else:
            self.flush(self.options.shutdown_timeout)

    def renew(self) -> None:
        """Begin anew in a forked child; called by the SDK itself."""
        self._pipeline = self._pipeline.renewed()

    def _take(
        self,
        event: Event,
        identity: UUID,
        times: Times,
        context: Context,
        attributes: Mapping[str, str] | None,
        *,
        waiter: SimpleQueue[Result] | None = None,
    ) -> bool:
        """Put an event on its way; returns whether it is."""
        whole = context.within(_context.current())
        if not self.options.enabled or not is_sampled(whole, identity, self.options.sample_rate):
            return False
        try:
            filled = self._censored(self._envelope.fill(event, identity, times, whole, attributes))
            outgoing = None if filled is None else self._envelope.seal(filled, identity)
        except (ValueError, TypeError, AttributeError, EncodeError) as error:
            if self.options.raise_errors:
                raise
            self._pipeline.lose(Lost(str(identity), _type_name(event), f"invalid: {type(error).__name__}"))
            return False
        return outgoing is not None and self._pipeline.admit(outgoing, waiter)

    def _censored(self, event: Event) -> Event | None:
        """What `before_send` makes of an event; an event that it fails on must not be sent."""
        if self.options.before_send is None:
            return event
        try:
            return self.options.before_send(event)
        except Exception as error:
            raise ValueError("before_send failed") from error


def _identity(event: Event, given: UUID | str | None) -> UUID:
    meta = getattr(event, "meta", None)
    if meta is not None:
        identity: UUID = meta.event_id
        return identity
    if isinstance(given, str):
        return UUID(given)
    return given or uuid7()


def _type_name(event: object) -> str:
    return str(getattr(event, "SUBJECT", type(event).__name__))


def _http_transport(endpoint: str | None, write_key: str | None, options: ClientOptions) -> Transport:
    from tallystick.sdk._http import HttpTransport

    if not endpoint or not write_key:
        raise OptionsError("a client needs an endpoint and a write key", fix="give both, or a transport")
    return HttpTransport(endpoint, write_key, compress=options.compress, connections=options.concurrency)
