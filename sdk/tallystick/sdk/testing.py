"""Doubles for the tests of applications that send events.

transport = MemoryTransport()
client = EventClient(source="shop-web", transport=transport, options=ClientOptions(raise_errors=True))
checkout(client)
client.flush()
(order,) = transport.events_of(OrderCompleted)

With pytest the fixture `tracked` is a `Tracked`:

def test_checkout_tells_of_the_order(tracked):
    checkout(tracked.client)
    (order,) = tracked.events_of(OrderCompleted)
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Final, TypeVar

from typing_extensions import override

from tallystick.sdk._envelope import ENVELOPE
from tallystick.sdk.client import EventClient
from tallystick.sdk.options import ClientOptions
from tallystick.sdk.record import Event
from tallystick.sdk.transport import Answer, Result, Status, Transport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.sdk.transport import Outgoing

__all__ = ["MemoryTransport", "Tracked"]

E = TypeVar("E", bound=Event)

_FAILED: Final = Result(Status.RETRY, "told to fail")


class MemoryTransport(Transport):
    """Keeps what is sent, and fails as it is told to.

    Attributes:
        sent: Every event that was accepted, in the order of its arrival.
        attempts: How often a batch came.
    """

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.attempts = 0
        self.is_closed = False
        self._failures: list[Answer | Result] = []
        self._lock = threading.Lock()

    def fail_next(self, times: int = 1, result: Result = _FAILED) -> None:
        """Give every event of the next batches this result instead of accepting it."""
        with self._lock:
            self._failures.extend([result] * times)

    def answer_next(self, answer: Answer) -> None:
        """Give the next batch this very answer."""
        with self._lock:
            self._failures.append(answer)

    def events_of(self, kind: type[E]) -> list[E]:
        """The accepted events of a class, as they were tracked, with their meta."""
        return [kind.from_json(_fields(each)) for each in self.sent if each.event_type == kind.SUBJECT]

    @override
    def send(self, batch: Sequence[Outgoing], timeout: float) -> Answer:
        with self._lock:
            self.attempts += 1
            failure = self._failures.pop(0) if self._failures else Result(Status.ACCEPTED)
            answer = failure if isinstance(failure, Answer) else Answer.same(failure, len(batch))
            accepted = [
                event for event, result in zip(batch, answer.results, strict=True) if result.status is Status.ACCEPTED
            ]
            self.sent.extend(accepted)
            return answer

    @override
    def close(self) -> None:
        self.is_closed = True

    @override
    def renewed(self) -> MemoryTransport:
        return MemoryTransport()


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


def _fields(event: Outgoing) -> str:
    fields = json.loads(event.body)
    return json.dumps({name: value for name, value in fields.items() if name not in ENVELOPE})
