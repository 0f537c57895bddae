"""How acts become events: a device stamps them, keeps them while it is offline, and sometimes sends them twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from tallystick.dev.demo.traffic import Send
from tallystick.dev.demo.world import between
from tallystick.events.tallystick import Meta, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tallystick.dev.demo.world import Act, Person
    from tallystick.sdk.record import Event

__all__ = ["deliver", "event_id"]

_LATE, _DUPLICATED, _OVERTAKEN = 0.10, 0.05, 0.04
_OFFLINE = tuple((timedelta(hours=low), timedelta(hours=high)) for low, high in ((1, 6), (6, 24), (24, 48), (48, 120)))


def event_id(*parts: object) -> UUID:
    """Derive an event's identity from what it is, so that every run sends the same."""
    return uuid5(NAMESPACE_URL, "tallystick:demo:" + "/".join(map(str, parts)))


def deliver(person: Person, *, seed: int, downgrade: Callable[[Event], Event]) -> Iterator[Send]:
    """Send what a person did, each act once or twice.

    Args:
        person: Whose acts.
        seed: Of the whole simulation.
        downgrade: Turns an event into the one that an old release would have sent.
    """
    rng = Random(f"{seed}/delivery/{person.key}")  # noqa: S311 - reproducible on purpose
    for number, act in enumerate(person.acts):
        for send in _attempts(rng, person, act, event_id(seed, person.key, number)):
            yield replace(send, event=downgrade(send.event)) if person.device.is_old_release else send


def _attempts(rng: Random, person: Person, act: Act, identity: UUID) -> Iterator[Send]:
    wait = timedelta(0) if person.device.is_instant else _wait(rng)
    sent = act.happened_at + wait
    received = sent + (timedelta(0) if person.device.is_instant else _latency(rng))
    first = _send(person, act, identity, sent=sent, received=received)
    if rng.random() >= _DUPLICATED:
        yield first
        return
    # One copy in five leaves after the device's clock was changed: only the first received may be believed.
    change = rng.choice((0, 0, 0, 0, 1)) * between(rng, timedelta(days=-5), timedelta(days=5))
    sent_again = received + between(rng, timedelta(hours=6), timedelta(days=3))
    received_again = sent_again + _latency(rng)
    again = _send(person, act, identity, sent=sent_again, received=received_again, clock_change=change)
    if rng.random() < _OVERTAKEN:
        # A collector was cut off: it received the first, but hands it on only after the copy came another way.
        first = replace(first, arrives_at=received_again + between(rng, timedelta(hours=1), timedelta(hours=12)))
    yield first
    yield replace(again, is_copy=True)


def _send(
    person: Person,
    act: Act,
    identity: UUID,
    *,
    sent: datetime,
    received: datetime,
    clock_change: timedelta = timedelta(0),
) -> Send:
    device = person.device
    meta = Meta(
        event_id=identity,
        event_time=act.happened_at + device.clock_offset + act.clock_jump,
        sent_at=sent + device.clock_offset + clock_change,
        received_at=received,
        source=Source(app=device.app, version=device.release, environment="demo"),
        user_id=person.user_id if act.is_signed_in else None,
        anonymous_id=person.anonymous_id,
        session_id=f"{person.key}-{act.session}",
    )
    return Send(
        event=act.payload.with_meta(meta),
        app=device.app,
        event_id=str(identity),
        arrives_at=received,
        lateness=sent - act.happened_at,
    )


def _wait(rng: Random) -> timedelta:
    if rng.random() >= _LATE:
        return timedelta(milliseconds=rng.randrange(0, 20_000))
    return between(rng, *rng.choice(_OFFLINE))


def _latency(rng: Random) -> timedelta:
    return timedelta(microseconds=rng.randrange(20_000, 1_900_000))
