"""Who depends on whom: shared types, events, metrics, experiments."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.codegen.plan import Plan
    from tallystick.codegen.site.model import Site
    from tallystick.contracts.contract import Contract
    from tallystick.contracts.experiments import ExperimentDefinition
    from tallystick.contracts.metrics import Metric

__all__ = ["Outcome", "Relations", "relations_of"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A metric, the contract that feeds it, and who reads it."""

    contract: Contract
    metric: Metric
    experiments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relations:
    """Every dependency of the site.

    Attributes:
        experiments: Key -> its definitions, the newest first.
        outcomes: Contract -> the metrics that it feeds.
        sources: Metric's key -> where it comes from; several contracts may feed one.
        exposed: Contract -> experiments that it exposes units to.
        uses: Contract -> other contracts whose types stand in it.
        users: Contract -> other contracts in which its types stand.
    """

    experiments: Mapping[str, tuple[ExperimentDefinition, ...]]
    outcomes: Mapping[str, tuple[Outcome, ...]]
    sources: Mapping[str, tuple[Outcome, ...]]
    exposed: Mapping[str, tuple[str, ...]]
    uses: Mapping[str, tuple[str, ...]]
    users: Mapping[str, tuple[str, ...]]


def relations_of(site: Site, plan: Plan) -> Relations:
    """Find every dependency."""
    definitions: dict[str, list[ExperimentDefinition]] = defaultdict(list)
    for each in sorted(site.experiments, key=lambda one: (one.experiment_key, -one.phase, -one.version)):
        definitions[each.experiment_key].append(each)
    readers: dict[str, list[str]] = defaultdict(list)
    exposed: dict[str, list[str]] = defaultdict(list)
    for key, every in definitions.items():
        for metric in dict.fromkeys(name for each in every for name in each.metrics):
            readers[metric].append(key)
        for event in dict.fromkeys(each.exposure_event for each in every):
            exposed[event].append(key)
    outcomes = {
        each.name: tuple(Outcome(each, metric, tuple(readers[metric.key])) for metric in each.experiment.metrics)
        for each in site.catalog
        if each.experiment is not None and each.experiment.metrics
    }
    sources: dict[str, list[Outcome]] = defaultdict(list)
    for group in outcomes.values():
        for outcome in group:
            sources[outcome.metric.key].append(outcome)
    homes = {module.name: name for name, module in plan.modules.items()}
    uses = {
        name: tuple(sorted({homes[each.module] for each in module.imported.values()}))
        for name, module in plan.modules.items()
    }
    users: dict[str, list[str]] = defaultdict(list)
    for name in sorted(uses):
        for used in uses[name]:
            users[used].append(name)
    return Relations(
        {key: tuple(every) for key, every in definitions.items()},
        outcomes,
        {key: tuple(group) for key, group in sources.items()},
        {key: tuple(names) for key, names in exposed.items()},
        uses,
        {key: tuple(names) for key, names in users.items()},
    )
