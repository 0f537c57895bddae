"""The simulated shop: two weeks of a tea shop with two experiments, from one seed.

Pure: the same arguments give the same traffic, byte for byte.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tallystick.dev.demo.delivery import deliver
from tallystick.dev.demo.edges import edge_people
from tallystick.dev.demo.mistakes import bad_lines
from tallystick.dev.demo.shoppers import shopper, window_shopper
from tallystick.dev.demo.traffic import Traffic
from tallystick.dev.demo.truth import Truth, bucket, trial_truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tallystick.dev.demo.setting import Trial
    from tallystick.dev.demo.world import Person
    from tallystick.sdk.record import Event

__all__ = ["simulate"]

_MALFORMED = 0.01
_NEVER_SIGN_IN = 0.08


def _as_is(event: Event) -> Event:
    return event


def simulate(
    *, seed: int, users: int = 20_000, trials: Sequence[Trial], downgrade: Callable[[Event], Event] = _as_is
) -> Traffic:
    """Live through the shop's two weeks.

    Args:
        seed: Decides everything that is left to chance.
        users: How many people have an account; some more never sign in.
        trials: The experiments that run meanwhile.
        downgrade: Turns an event into the one that an old release of the app sends.

    Returns:
        The events in the order in which they arrive, the bad input among them, and the truth.
    """
    people = _people(seed, users, trials)
    sends = [send for person in people for send in deliver(person, seed=seed, downgrade=downgrade)]
    sends.sort(key=lambda send: (send.arrives_at, send.event_id))
    originals = [send for send in sends if not send.is_copy]
    mistakes = bad_lines(originals, seed=seed, number=round(len(originals) * _MALFORMED))
    mistakes.sort(key=lambda line: (line.arrives_at, line.line))
    orders = sum(len(person.purchases) for person in people)
    nobodys = sum(len(person.purchases) for person in people if not person.memberships)
    truth = Truth(
        accepted=len(sends),
        copies=len(sends) - len(originals),
        rejected=Counter(str(line.reason) for line in mistakes),
        events=Counter(act.payload.SUBJECT for person in people for act in person.acts),
        lateness=Counter(bucket(send.lateness) for send in originals),
        outcomes={measure.key: orders for trial in trials for measure in trial.measures},
        uncovered={measure.key: nobodys for trial in trials for measure in trial.measures},
        trials={trial.key: trial_truth(trial, people) for trial in trials},
    )
    return Traffic(f"a simulated shop of {users:,} users, seed {seed}", tuple(sends), tuple(mistakes), truth)


def _people(seed: int, users: int, trials: Sequence[Trial]) -> list[Person]:
    shoppers = (shopper(seed=seed, index=index, trials=trials) for index in range(users))
    visitors = (window_shopper(seed=seed, index=index, trials=trials) for index in range(round(users * _NEVER_SIGN_IN)))
    return [*shoppers, *visitors, *edge_people(trials)]
