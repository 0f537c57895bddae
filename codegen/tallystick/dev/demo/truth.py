"""What must come out, derived from the world and not from the events: no clock, copy or delay enters here."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tallystick.dev.demo.arithmetic import Comparison, Sample, sample_ratio_p, two_proportions, welch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tallystick.dev.demo.published import Published
    from tallystick.dev.demo.setting import Measure, Trial
    from tallystick.dev.demo.world import Membership, Person, Purchase

__all__ = ["LATENESS_BUCKETS", "MetricTruth", "TrialTruth", "Truth", "bucket", "compare", "trial_truth"]

# Upper bound (exclusive) -> name, in ascending order.
LATENESS_BUCKETS: tuple[tuple[timedelta, str], ...] = (
    (timedelta(minutes=1), "under 1 min"),
    (timedelta(hours=1), "1 min to 1 h"),
    (timedelta(hours=6), "1 to 6 h"),
    (timedelta(hours=24), "6 to 24 h"),
    (timedelta(days=2), "1 to 2 days"),
    (timedelta(days=5), "2 to 5 days"),
    (timedelta.max, "5 days and more"),
)


@dataclass(frozen=True, slots=True)
class MetricTruth:
    """One metric of one experiment."""

    samples: Mapping[str, Sample]
    comparisons: Mapping[str, Comparison]
    outcomes: Mapping[str, int]
    """Outcomes of units in the experiment, by status."""


@dataclass(frozen=True, slots=True)
class TrialTruth:
    """One experiment."""

    units: Mapping[str, Mapping[str, int]]
    """Status -> first variant -> units."""
    srm_p: float | None
    metrics: Mapping[str, MetricTruth]


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything that is known beforehand."""

    accepted: int
    copies: int
    rejected: Mapping[str, int]
    events: Mapping[str, int]
    """Event type -> events, each counted once."""
    lateness: Mapping[str, int]
    outcomes: Mapping[str, int]
    """Metric -> outcomes, of whomever."""
    uncovered: Mapping[str, int]
    """Metric -> outcomes of units that are in no experiment."""
    trials: Mapping[str, TrialTruth]
    published: tuple[Published, ...] = ()
    """Figures that others printed about the same data."""


def bucket(lateness: timedelta) -> str:
    """Name the bucket of the lateness histogram."""
    return next(name for bound, name in LATENESS_BUCKETS if lateness < bound)


def trial_truth(trial: Trial, people: Iterable[Person]) -> TrialTruth:
    """Count an experiment's units and outcomes from its people's own lives."""
    units: dict[str, Counter[str]] = defaultdict(Counter)
    outcomes: dict[str, Counter[str]] = {measure.key: Counter() for measure in trial.measures}
    values: dict[str, dict[str, list[Decimal]]] = {measure.key: defaultdict(list) for measure in trial.measures}
    for person in people:
        member = person.memberships.get(trial.key)
        if member is None:
            continue
        units[member.status][member.variant] += 1
        for measure in trial.measures:
            counted = [p for p in person.purchases if _judge(p, member, measure) == "attributed"]
            outcomes[measure.key].update(_judge(p, member, measure) for p in person.purchases)
            if counted:
                values[measure.key][member.variant].append(_value(counted, measure))
    arms = [arm.key for arm in trial.arms]
    counts = {arm: units["assigned"][arm] for arm in arms}
    metrics = {
        measure.key: compare(
            trial,
            measure,
            {arm: Sample.of(values[measure.key][arm], n=counts[arm]) for arm in arms},
            outcomes[measure.key],
        )
        for measure in trial.measures
    }
    return TrialTruth(units, sample_ratio_p(counts, {arm.key: arm.weight for arm in trial.arms}), metrics)


def compare(trial: Trial, measure: Measure, samples: Mapping[str, Sample], outcomes: Mapping[str, int]) -> MetricTruth:
    """Compare every challenger with the control by the test that fits the metric."""
    test = two_proportions if measure.is_proportion else welch
    control = samples[trial.control.key]
    return MetricTruth(samples, {arm.key: test(control, samples[arm.key]) for arm in trial.challengers}, outcomes)


def _judge(purchase: Purchase, member: Membership, measure: Measure) -> str:
    if member.status != "assigned":
        return "excluded"
    since = purchase.happened_at - member.first_exposed_at
    if since < timedelta(0):
        return "before_exposure"
    return "attributed" if since < measure.window else "after_window"


def _value(purchases: Sequence[Purchase], measure: Measure) -> Decimal:
    if measure.is_proportion:
        return Decimal(1)
    if measure.adds_value:
        return sum((purchase.total for purchase in purchases), Decimal(0))
    return Decimal(len(purchases))
