"""How a person meets an experiment: the sequence of variants shown, and what a fair analyst makes of it.

Each story knows its own outcome, because it was written with that outcome in mind; nothing is computed from events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tallystick.dev.demo.world import Membership, between

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from tallystick.dev.demo.setting import Trial

__all__ = ["Showing", "Story", "tell"]

_AGAIN = timedelta(minutes=20)
_UNKNOWN_VARIANT = "variant_of_last_year"


@dataclass(frozen=True, slots=True)
class Showing:
    """One moment at which a variant was shown."""

    at: datetime
    variant: str
    is_override: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """What was shown, and the person's part in the experiment; None where they took none in its period."""

    showings: tuple[Showing, ...]
    membership: Membership | None


def tell(rng: Random, trial: Trial, times: Sequence[datetime]) -> Story:
    """Draw a story for a person whose visits meet the experiment at `times`, the first of them in its period."""
    arms = [arm.key for arm in trial.arms]
    shown = rng.choices(arms, weights=[float(arm.weight) for arm in trial.arms])[0]
    other = rng.choice([arm for arm in arms if arm != shown])
    teller = rng.choices(_TELLERS, weights=_SHARES)[0]
    return teller(_Cast(rng, trial, shown, other, times))


@dataclass(frozen=True, slots=True)
class _Cast:
    rng: Random
    trial: Trial
    shown: str
    other: str
    times: Sequence[datetime]

    def every_visit(self, variant: str) -> list[Showing]:
        return [Showing(at, variant) for at in self.times]

    def part(self, status: str, *, variant: str | None = None) -> Membership:
        return Membership(variant or self.shown, self.times[0], status)


def _faithful(cast: _Cast) -> Story:
    return Story(tuple(cast.every_visit(cast.shown)), cast.part("assigned"))


def _switched(cast: _Cast) -> Story:
    """A second device showed the other variant from twenty minutes later on."""
    late = [Showing(cast.times[0] + _AGAIN, cast.other), *cast.every_visit(cast.other)[1:]]
    return Story((Showing(cast.times[0], cast.shown), *late), cast.part("contaminated"))


def _there_and_back(cast: _Cast) -> Story:
    """A, B, A: looks faithful to whoever looks only at the first and the last exposure."""
    first = cast.times[0]
    detour = [Showing(first + _AGAIN, cast.other), Showing(first + 2 * _AGAIN, cast.shown)]
    return Story((Showing(first, cast.shown), *detour), cast.part("contaminated"))


def _unknown(cast: _Cast) -> Story:
    """An old release shows a variant that the definition does not have."""
    return Story(tuple(cast.every_visit(_UNKNOWN_VARIANT)), cast.part("unknown_variant", variant=_UNKNOWN_VARIANT))


def _forced(cast: _Cast) -> Story:
    """Somebody appended ?variant=… to the address; it sticks."""
    first = Showing(cast.times[0], cast.shown, is_override=True)
    return Story((first, *cast.every_visit(cast.shown)[1:]), cast.part("excluded_override"))


def _pilot_only(cast: _Cast) -> Story:
    """Was shown it before the experiment began, and never again."""
    return Story((_pilot_showing(cast, cast.shown),), None)


def _pilot_before(cast: _Cast) -> Story:
    """Saw the other variant in the pilot; only the experiment's own period counts."""
    return Story((_pilot_showing(cast, cast.other), *cast.every_visit(cast.shown)), cast.part("assigned"))


def _straggler(cast: _Cast) -> Story:
    """A cached page shows the experiment after its end."""
    delay = between(cast.rng, timedelta(minutes=1), timedelta(days=1))
    return Story((Showing(cast.trial.end + delay, cast.shown),), None)


def _pilot_showing(cast: _Cast, variant: str) -> Showing:
    return Showing(cast.trial.start - between(cast.rng, timedelta(hours=1), timedelta(days=2)), variant)


_STORIES: tuple[tuple[Callable[[_Cast], Story], float], ...] = (
    (_faithful, 0.946),
    (_switched, 0.012),
    (_there_and_back, 0.004),
    (_unknown, 0.003),
    (_forced, 0.005),
    (_pilot_only, 0.010),
    (_pilot_before, 0.010),
    (_straggler, 0.010),
)
_TELLERS = [teller for teller, _ in _STORIES]
_SHARES = [share for _, share in _STORIES]
