"""The ingestion itself: from raw events to results, with everything that is durable on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from tallystick.api.ingestion.dead_letters import CONTRACT, dead_letter, dead_letter_record
from tallystick.api.ingestion.errors import RequestError, UnavailableError, UnknownFateError
from tallystick.api.ingestion.judging import judge, mark_repeated
from tallystick.api.ingestion.producer import Delivery
from tallystick.api.ingestion.results import REGISTRY_AWAY, EventResult, results_of
from tallystick.api.ingestion.verdicts import Accepted, Refused, Repeated, Undecided, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.api.ingestion.feed import Feed
    from tallystick.api.ingestion.judging import Circumstances
    from tallystick.api.ingestion.limits import Limits
    from tallystick.api.ingestion.metrics import Metrics
    from tallystick.api.ingestion.producer import KafkaRecord, Producing

__all__ = ["Health", "Ingestion"]

_log = structlog.get_logger("tallystick.api")

_RETRY_SECONDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the service needs, and whether it has it."""

    kafka: bool
    queue: bool
    contracts: bool
    dead_letters: bool

    @property
    def ok(self) -> bool:
        """Whether events can be accepted."""
        return self.kafka and self.queue and self.contracts and self.dead_letters


class Ingestion:
    """Takes the events of a request.

    Args:
        feed: Where contracts come from.
        producing: The way into Kafka.
        metrics: Counters.
        limits: Bounds.
        dead_letter_topic: Where refused events go.
    """

    def __init__(
        self, *, feed: Feed, producing: Producing, metrics: Metrics, limits: Limits, dead_letter_topic: str
    ) -> None:
        self._feed = feed
        self._producing = producing
        self._metrics = metrics
        self._limits = limits
        self._dead_letter_topic = dead_letter_topic

    def health(self) -> Health:
        """Look at everything that accepting an event needs."""
        catalogue = self._feed.catalogue
        return Health(
            kafka=self._producing.is_up,
            queue=self._producing.load <= self._limits.queue_share,
            contracts=bool(catalogue.events),
            dead_letters=CONTRACT in catalogue.ids,
        )

    def require_health(self) -> None:
        """Turn a request away before it costs anything, while nothing could be accepted.

        Raises:
            UnavailableError: Something that is needed is missing.
        """
        health = self.health()
        if not health.ok:
            missing = [what for name, what in _MISSING.items() if not getattr(health, name)]
            raise UnavailableError(missing[0], _RETRY_SECONDS)

    async def validate(self, raws: Sequence[bytes], circumstances: Circumstances) -> list[EventResult]:
        """Say what would become of events."""
        verdicts = await self.judge(raws, circumstances)
        return results_of(verdicts, [Delivery.STORED] * len(verdicts))

    async def judge(self, raws: Sequence[bytes], circumstances: Circumstances) -> list[Verdict]:
        """Judge events; a type or version unknown here makes the registry be asked first."""
        verdicts: list[Verdict] = [judge(raw, self._feed.catalogue, circumstances) for raw in raws]
        wanted = {each.wanted for each in verdicts if isinstance(each, Refused) and each.wanted is not None}
        if wanted:
            answered = await self._feed.look_for(wanted)
            for index, raw in enumerate(raws):
                if isinstance(verdicts[index], Refused):
                    verdicts[index] = _again(judge(raw, self._feed.catalogue, circumstances), answered=answered)
        return mark_repeated(verdicts)

    async def take(
        self, raws: Sequence[bytes], circumstances: Circumstances, *, request_id: str | None
    ) -> list[EventResult]:
        """Judge events, make them durable, and say of each what became of it.

        Raises:
            UnknownFateError: Nothing is known about any of them.
        """
        verdicts = await self.judge(raws, circumstances)
        records = [
            self._record(verdict, circumstances, request_id=request_id, index=index)
            for index, verdict in enumerate(verdicts)
        ]
        deliveries = await self._produce(records)
        results = results_of(verdicts, deliveries)
        for verdict, delivery in zip(verdicts, deliveries, strict=True):
            if isinstance(verdict, Refused) and delivery is Delivery.STORED:
                self._metrics.dead_letters.labels(verdict.reason.value).inc()
        counts = self._metrics.count(results)
        self._metrics.bytes.inc(sum(map(len, raws)))
        _log.info("events taken", key=circumstances.key.name, events=len(raws), **counts)
        if counts.get("retry") == len(results):
            raise _none_settled(results)
        return results

    def _record(
        self, verdict: Verdict, circumstances: Circumstances, *, request_id: str | None, index: int
    ) -> KafkaRecord | None:
        """What goes to Kafka for an event: itself, its dead letter, or nothing."""
        match verdict:
            case Accepted():
                return verdict.record
            case Repeated() | Undecided():
                return None
            case Refused():
                schema_id = self._feed.catalogue.ids[CONTRACT]
                letter = dead_letter(verdict, circumstances, request_id=request_id, index=index)
                return dead_letter_record(letter, topic=self._dead_letter_topic, schema_id=schema_id)

    async def _produce(self, records: Sequence[KafkaRecord | None]) -> list[Delivery]:
        """Produce what there is; the results stand where their records stood."""
        with self._metrics.produce_seconds.time():
            fates = await self._producing.produce(
                [each for each in records if each is not None], self._limits.ack_seconds
            )
        remaining = iter(fates)
        return [Delivery.UNKNOWN if record is None else next(remaining) for record in records]


def _again(verdict: Accepted | Refused, *, answered: bool) -> Verdict:
    """Judge by what the registry says now; where it says nothing, an unknown type stays open."""
    if isinstance(verdict, Refused) and verdict.wanted is not None and not answered:
        return Undecided(verdict.event_id)
    return verdict


def _none_settled(results: Sequence[EventResult]) -> RequestError:
    if all(result.reason == REGISTRY_AWAY for result in results):
        return UnavailableError("the schema registry does not answer", _RETRY_SECONDS)
    return UnknownFateError()


_MISSING: Final = {
    "kafka": "Kafka does not answer",
    "queue": "too much waits to be stored",
    "contracts": "no contracts are known yet",
    "dead_letters": "the registry lacks this release's tallystick.DeadLetter",
}
