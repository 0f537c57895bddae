"""People who sit exactly on the rules' edges: the first and the last instant of a period and of a window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from tallystick.dev.demo.shoppers import order
from tallystick.dev.demo.world import Act, Device, Membership, Person
from tallystick.events.shop import AssignmentReason, ExperimentExposed, PageKind, PageViewed, Platform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.dev.demo.setting import Trial

__all__ = ["edge_people"]

_TICK = timedelta(microseconds=1)
_DEVICE = Device("shop-web", "5.1.0", Platform.WEB, "DE", is_instant=True)
_AHEAD = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class _Edge:
    """Exposed at `exposed_at`, ordered at each of `ordered_at`."""

    name: str
    exposed_at: datetime
    ordered_at: tuple[datetime, ...] = ()
    counts: bool = True
    clock_jump: timedelta = timedelta(0)


def edge_people(trials: Sequence[Trial]) -> list[Person]:
    """List the hand-written people of every experiment."""
    return [_person(trial, edge) for trial in trials for edge in _edges(trial)]


def _edges(trial: Trial) -> list[_Edge]:
    noon = trial.start + timedelta(days=2, hours=12)
    windows = {measure.window for measure in trial.measures}
    return [
        _Edge("first-instant", trial.start),
        _Edge("just-before-start", trial.start - _TICK, counts=False),
        _Edge("last-instant", trial.end - _TICK, (trial.end + timedelta(days=1),)),
        _Edge("at-the-end", trial.end, counts=False),
        _Edge("same-instant", noon, (noon,)),
        _Edge("one-tick-early", noon, (noon - _TICK,)),
        _Edge("window-closing", noon, tuple(noon + window - _TICK for window in windows)),
        _Edge("window-closed", noon, tuple(noon + window for window in windows)),
        _Edge("clock-ahead", noon, (noon + timedelta(hours=1),), clock_jump=_AHEAD),
    ]


def _person(trial: Trial, edge: _Edge) -> Person:
    user_id = f"u-{trial.key}-{edge.name}"
    rng = Random(user_id)  # noqa: S311 - reproducible on purpose
    exposed = ExperimentExposed(
        experiment_key=trial.key,
        variant_key=trial.control.key,
        unit_id=user_id,
        assignment_reason=AssignmentReason.STICKY,
        platform=_DEVICE.platform,
        country=_DEVICE.country,
    )
    viewed = PageViewed(page_path="/", page_kind=PageKind.HOME)
    bought = [order(rng, user_id, at) for at in edge.ordered_at]
    acts = [
        Act(edge.exposed_at, exposed, 0),
        Act(edge.exposed_at, viewed, 0, clock_jump=edge.clock_jump),
        *(Act(purchase.happened_at, payload, 0, clock_jump=edge.clock_jump) for payload, purchase in bought),
    ]
    part = {trial.key: Membership(trial.control.key, edge.exposed_at, "assigned")} if edge.counts else {}
    return Person(user_id, _DEVICE, tuple(acts), part, tuple(purchase for _, purchase in bought), user_id)
