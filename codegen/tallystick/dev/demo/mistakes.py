"""Bad input that clients send when they do not use the SDK, each with the reason for which the API must refuse it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

from tallystick.dev.demo.delivery import event_id
from tallystick.dev.demo.traffic import BadLine, Send
from tallystick.events.shop import ExperimentExposed, OrderCompleted, PageViewed
from tallystick.events.tallystick import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tallystick.sdk.record import Event

__all__ = ["bad_lines", "wire"]

_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class _Mistake:
    """How a sound event of some type is spoilt."""

    fault: str
    of: type[Event]
    spoil: Callable[[dict[str, Any]], bytes]
    reason: Reason = Reason.INVALID


def bad_lines(sends: Sequence[Send], *, seed: int, number: int) -> list[BadLine]:
    """Spoil copies of `number` events, going through the kinds of mistakes in turn."""
    rng = Random(f"{seed}/mistakes")  # noqa: S311 - reproducible on purpose
    donors = {kind: [send for send in sends if type(send.event) is kind] for kind in {m.of for m in _MISTAKES}}
    lines = []
    for count in range(number):
        mistake = _MISTAKES[count % len(_MISTAKES)]
        donor = rng.choice(donors[mistake.of] or list(sends))
        fields = wire(donor.event)
        fields["meta"]["event_id"] = str(event_id(seed, "mistake", count))
        lines.append(BadLine(mistake.spoil(fields), donor.app, donor.arrives_at, mistake.fault, mistake.reason))
    return lines


def wire(event: Event) -> dict[str, Any]:
    """Write an event as the HTTP API takes it."""
    return {"type": event.SUBJECT, "contract_hash": event.CONTRACT_HASH, **json.loads(event.to_json())}


def _set(*path: str, to: object) -> Callable[[dict[str, Any]], bytes]:
    """Overwrite one value, or take it out."""

    def spoil(fields: dict[str, Any]) -> bytes:
        *way, last = path
        place = fields
        for step in way:
            place = place[step]
        if to is _ABSENT:
            place.pop(last)
        else:
            place[last] = to
        return _line(fields)

    return spoil


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()


def _unknown_version(fields: dict[str, Any]) -> bytes:
    return _line(fields | {"contract_hash": "0" * 64})


def _cut_off(fields: dict[str, Any]) -> bytes:
    return _line(fields)[:-20]


def _not_utf8(fields: dict[str, Any]) -> bytes:
    return _line(fields).replace(b"shop", b"sh\xf6p", 1)


def _not_a_number(fields: dict[str, Any]) -> bytes:
    return _line(fields | {"duration_ms": float("nan")})


_MISTAKES: tuple[_Mistake, ...] = (
    _Mistake("an amount as a JSON number", OrderCompleted, _set("total", to=12.5)),
    _Mistake("an amount with three decimals", OrderCompleted, _set("total", to="12.505")),
    _Mistake("a count as text", OrderCompleted, _set("item_count", to="2")),
    _Mistake("a count beyond 32 bits", OrderCompleted, _set("item_count", to=2**31)),
    _Mistake("true where a count belongs", OrderCompleted, _set("item_count", to=True)),
    _Mistake("an amount below zero, against a rule", OrderCompleted, _set("total", to="-12.50")),
    _Mistake("no customer", OrderCompleted, _set("customer_id", to=_ABSENT)),
    _Mistake("no unit", ExperimentExposed, _set("unit_id", to=None)),
    _Mistake("no variant", ExperimentExposed, _set("variant_key", to=_ABSENT)),
    _Mistake("an enum symbol that does not exist", ExperimentExposed, _set("platform", to="SMART_FRIDGE")),
    _Mistake("a field that the contract does not have", ExperimentExposed, _set("varaint", to="treatment")),
    _Mistake("a time without offset", PageViewed, _set("meta", "event_time", to="2026-01-08T10:00:00")),
    _Mistake("an event id that is no UUID", PageViewed, _set("meta", "event_id", to="page-17")),
    _Mistake("a misspelt type", PageViewed, _set("type", to="shop.PageViwed"), Reason.UNKNOWN_TYPE),
    _Mistake("a contract nobody registered", PageViewed, _unknown_version, Reason.UNKNOWN_VERSION),
    _Mistake("JSON cut off half-way", PageViewed, _cut_off, Reason.MALFORMED_JSON),
    _Mistake("bytes that are not UTF-8", PageViewed, _not_utf8, Reason.MALFORMED_JSON),
    _Mistake("NaN, which JSON does not have", PageViewed, _not_a_number, Reason.MALFORMED_JSON),
)
