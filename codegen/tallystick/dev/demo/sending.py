"""Sends the traffic: events by the SDK alone, bad input by plain HTTP, and a few records past every door into Kafka."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx
from confluent_kafka import Producer

from tallystick.contracts import frame
from tallystick.dev.definitions import publish
from tallystick.dev.demo.errors import DemoError
from tallystick.dev.topics import EVENTS
from tallystick.sdk import ClientOptions, EventClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tallystick.contracts import ExperimentDefinition
    from tallystick.dev.demo.traffic import BadLine, Send

__all__ = ["STRAYS", "Answer", "Sender", "stray_records"]

_LINES_PER_REQUEST: Final = 100
_UNKNOWN_ID: Final = 2_000_000_000
_PUBLISHER: Final = "tallystick"
_BATCH: Final = 500
_OPTIONS: Final = ClientOptions(
    flush_at=_BATCH, max_queue_size=20_000, on_full="block", handle_sigterm=False, raise_errors=True
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API said of one bad line."""

    line: BadLine
    status: str
    reason: str


@dataclass(slots=True)
class Sender:
    """Sends to one API and keeps count of its answers.

    Attributes:
        api: Its address.
        write_key: A key with the scope `backfill`: the events carry the simulated times of sending and receipt.
        accepted: Events that the API has accepted.
        answers: What became of the bad lines.
    """

    api: str
    write_key: str
    accepted: int = 0
    answers: list[Answer] = field(default_factory=list)

    def events(self, sends: Sequence[Send], *, on_sent: Callable[[int], None]) -> None:
        """Send events by the SDK, one client for each application, and wait until all are durable.

        Raises:
            DemoError: An event was not accepted, which no event of the SDK should ever be.
        """
        with ExitStack() as stack:
            clients = {app: stack.enter_context(self._client(app)) for app in sorted({send.app for send in sends})}
            for batch in _without_repetition(sends):
                for send in batch:
                    clients[send.app].track(send.event)
                    on_sent(1)
                for client in clients.values():
                    client.flush(timeout=120)
            for app, client in clients.items():
                stats = client.stats()
                if stats.lost or stats.waiting or stats.duplicates:
                    raise DemoError(f"the API did not take every event of {app}: {stats}", fix="read the API's log")
                self.accepted += stats.delivered

    def definitions(self, definitions: Sequence[ExperimentDefinition]) -> None:
        """Publish experiment definitions, as `tallystick experiments publish` does.

        Raises:
            DemoError: One was not accepted.
        """
        with self._client(_PUBLISHER) as client:
            for definition in definitions:
                publish(definition, client)
            client.flush(timeout=60)
            stats = client.stats()
        if stats.delivered != len(definitions):
            raise DemoError(f"the API did not take every definition: {stats}", fix="read the API's log")
        self.accepted += stats.delivered

    def bad_lines(self, lines: Sequence[BadLine], *, on_sent: Callable[[int], None]) -> None:
        """Post bad input as newline-delimited JSON, and note the answer to every line."""
        with httpx.Client(base_url=self.api, headers={"authorization": f"Bearer {self.write_key}"}, timeout=60) as http:
            for start in range(0, len(lines), _LINES_PER_REQUEST):
                chunk = lines[start : start + _LINES_PER_REQUEST]
                body = b"\n".join(line.line for line in chunk)
                answer = http.post("/v1/batch", content=body, headers={"content-type": "application/x-ndjson"})
                if answer.status_code != httpx.codes.MULTI_STATUS:
                    raise DemoError(f"the API answered bad lines with {answer.status_code}: {answer.text[:200]}")
                results: list[dict[str, Any]] = answer.json()["results"]
                self.answers += [
                    Answer(line, result["status"], result.get("reason") or "")
                    for line, result in zip(chunk, results, strict=True)
                ]
                on_sent(len(chunk))

    def _client(self, app: str) -> EventClient:
        return EventClient(source=app, endpoint=self.api, write_key=self.write_key, options=_OPTIONS)


def _without_repetition(sends: Iterable[Send]) -> Iterable[list[Send]]:
    """Cut where an event could come into one batch with its copy: the API would see through it, and Silver shall."""
    chunk: list[Send] = []
    # How many events an app has sent, and which one was the how-manieth.
    sent: Counter[str] = Counter()
    places: dict[tuple[str, str], int] = {}
    for send in sends:
        key = (send.app, send.event_id)
        if sent[send.app] - places.get(key, -_BATCH) < _BATCH:
            yield chunk
            chunk, places = [], {}
        chunk.append(send)
        sent[send.app] += 1
        places[key] = sent[send.app]
    yield chunk


# What somebody else's producer might leave on the topic -> the reason for which Spark must reject it.
STRAYS: Final[tuple[tuple[str, Callable[[int], bytes | None], str], ...]] = (
    ("bytes without a frame", lambda _: b"hello", "UNDECODABLE"),
    ("an empty value", lambda _: b"", "UNDECODABLE"),
    ("a frame cut short", lambda _: b"\x00\x00\x00", "UNDECODABLE"),
    ("a schema id that no registry knows", lambda _: frame(_UNKNOWN_ID, b"\x02a"), "UNKNOWN_SCHEMA"),
    ("a body that is noise", lambda known: frame(known, b"\xff" * 40), "UNDECODABLE"),
    ("a body cut short", lambda known: frame(known, b"\x48" + b"0"), "UNDECODABLE"),
)


def stray_records(kafka: str, *, known_id: int) -> Counter[str]:
    """Put a few records into Kafka that no door would have let in.

    Args:
        kafka: Bootstrap servers.
        known_id: A schema id that the registry knows.

    Returns:
        Reason -> how many must be rejected for it.
    """
    producer = Producer({"bootstrap.servers": kafka, "acks": "all"})
    for number, (_, make, _) in enumerate(STRAYS):
        producer.produce(EVENTS, value=make(known_id), partition=number % 2)
    if producer.flush(30):
        raise DemoError("Kafka did not acknowledge the stray records in 30 s", fix="read the broker's log")
    return Counter(reason for _, _, reason in STRAYS)
