"""The simulated world: who exists, what they truly did and when, before any device or network blurs it.

The truth is read off these values. Times are exact and lie on a grid of ten seconds, purchases five seconds off
it; the network takes less than two seconds. So the order of two acts never hangs on the network, but for the
people of `edges`, whose network takes no time at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from random import Random

    from tallystick.events.shop import Platform
    from tallystick.sdk.record import Event

__all__ = ["GRID", "OFF_GRID", "Act", "Device", "Membership", "Person", "Purchase", "between"]

GRID = timedelta(seconds=10)
OFF_GRID = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Device:
    """What a person holds: an app of some release, with a clock that may be wrong."""

    app: str
    release: str
    platform: Platform
    country: str | None
    clock_offset: timedelta = timedelta(0)
    is_old_release: bool = False
    is_instant: bool = False
    """Whether its network takes no time, so that an exact instant arrives as that instant."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that truly happened, as its event without `meta`."""

    happened_at: datetime
    payload: Event
    session: int
    is_signed_in: bool = True
    clock_jump: timedelta = timedelta(0)
    """How far ahead the device's clock stood for this act alone; it was put right before sending."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's part in an experiment: what the shop showed first, and whether the person counts."""

    variant: str
    first_exposed_at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order, as the shop's own books have it."""

    happened_at: datetime
    total: Decimal


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, with everything that they did."""

    key: str
    device: Device
    acts: tuple[Act, ...]
    memberships: Mapping[str, Membership] = field(default_factory=dict)
    purchases: tuple[Purchase, ...] = ()
    user_id: str | None = None
    anonymous_id: str | None = None


def between(rng: Random, low: timedelta, high: timedelta) -> timedelta:
    """Draw a duration on the grid from [low, high)."""
    return GRID * rng.randrange(low // GRID, high // GRID)
