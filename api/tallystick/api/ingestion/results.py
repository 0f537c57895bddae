"""What a sender is told about each of its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from tallystick.api.ingestion.producer import Delivery
from tallystick.api.ingestion.verdicts import Accepted, Refused, Repeated, Undecided, Verdict
from tallystick.events.tallystick.dead_letter import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.sdk.record import Violation

__all__ = ["REGISTRY_AWAY", "EventResult", "FieldError", "Outcome", "Status", "results_of"]

Status = Literal["accepted", "duplicate", "invalid", "rejected", "retry"]


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One violation; it names types, never values."""

    path: str
    code: str
    expected: str | None = None
    got: str | None = None


class EventResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one event."""

    event_id: str | None
    status: Status
    reason: str | None = None
    errors: list[FieldError] = []


class Outcome(msgspec.Struct, frozen=True):
    """What became of a request's events, in their order."""

    results: list[EventResult]


REGISTRY_AWAY: Final = "REGISTRY_UNAVAILABLE"
_BY_DELIVERY: Final[dict[Delivery, tuple[Status, str | None]]] = {
    Delivery.STORED: ("accepted", None),
    Delivery.REFUSED: ("rejected", "NOT_STORABLE"),
    Delivery.UNKNOWN: ("retry", "UNKNOWN_FATE"),
}
# Whoever sends what its key does not cover is refused; everything else that is refused breaks a contract.
_REJECTING: Final = frozenset({Reason.NOT_ALLOWED})


def results_of(verdicts: Sequence[Verdict], deliveries: Sequence[Delivery]) -> list[EventResult]:
    """Say of each event what became of it.

    Args:
        verdicts: One for each event.
        deliveries: For each event the fate of its record, or of its dead letter; ignored for repetitions.
    """
    results: list[EventResult] = []
    for verdict, delivery in zip(verdicts, deliveries, strict=True):
        match verdict:
            case Accepted():
                results.append(EventResult(verdict.event_id, *_BY_DELIVERY[delivery]))
            case Repeated():
                first = results[verdict.first].status
                status: Status = "duplicate" if first == "accepted" else first
                results.append(EventResult(verdict.event_id, status, results[verdict.first].reason))
            case Refused():
                results.append(_refused(verdict, delivery))
            case Undecided():
                results.append(EventResult(verdict.event_id, "retry", REGISTRY_AWAY))
    return results


def _refused(verdict: Refused, delivery: Delivery) -> EventResult:
    """A refused event is settled when its dead letter is; until then it must be sent again."""
    if delivery is Delivery.UNKNOWN:
        return EventResult(verdict.event_id, "retry", "UNKNOWN_FATE")
    status: Status = "rejected" if verdict.reason in _REJECTING else "invalid"
    return EventResult(verdict.event_id, status, verdict.reason.value, _field_errors(verdict.errors))


def _field_errors(errors: Sequence[Violation]) -> list[FieldError]:
    return [FieldError(each.path, each.code, each.expected, each.got) for each in errors]
