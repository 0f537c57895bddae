"""Who reads a field: experiments, metrics, and whom the sidecar names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt

    from tallystick.contracts.breaking.rule import Context
    from tallystick.contracts.contract import Contract
    from tallystick.contracts.experiments import ExperimentDefinition
    from tallystick.contracts.metrics import Metric
    from tallystick.contracts.roles import FieldPath

__all__ = ["consumers", "is_live", "live_readers", "readers_of"]

_LIVE: Final = " (live)"


def is_live(definition: ExperimentDefinition, now: dt.datetime | None) -> bool:
    """Whether an experiment is running: begun, not over, not final."""
    if now is None or definition.finalized_at is not None or definition.start_at > now:
        return False
    return definition.end_at is None or now < definition.end_at


def readers_of(contract: Contract, definitions: Iterable[ExperimentDefinition]) -> Iterator[ExperimentDefinition]:
    """The experiments that read a contract's events: as their exposure, or through a metric."""
    keys = {metric.key for metric in _metrics(contract)}
    for each in definitions:
        if each.exposure_event == contract.name or keys.intersection(each.metrics):
            yield each


def live_readers(context: Context, metric: str = "") -> list[str]:
    """The keys of the live experiments that read the contract, or one metric of it."""
    readers = (each for each in context.readers if not metric or metric in each.metrics)
    return sorted({each.experiment_key for each in readers if is_live(each, context.now)})


def consumers(context: Context, path: FieldPath) -> list[str]:
    """Whom a change at a path concerns; at the contract itself, whom it concerns as a whole."""
    metrics = {metric.key for side in (context.old, context.new) for metric in _reading(side, path)}
    has_role = any(path in paths for side in (context.old, context.new) for paths in side.roles.values())
    found = [f"metric {key}" for key in sorted(metrics)]
    experiments: dict[str, bool] = {}
    for each in context.readers:
        if not path or has_role or metrics.intersection(each.metrics):
            experiments[each.experiment_key] = experiments.get(each.experiment_key, False) or is_live(each, context.now)
    found += [f"experiment {key}{_LIVE if live else ''}" for key, live in sorted(experiments.items())]
    return [*found, *dict.fromkeys(_named(context, path))]


def _metrics(contract: Contract) -> tuple[Metric, ...]:
    return contract.experiment.metrics if contract.experiment else ()


def _reading(contract: Contract, path: FieldPath) -> Iterator[Metric]:
    has_role = any(path in paths for role, paths in contract.roles.items() if role.startswith("experiment."))
    for metric in _metrics(contract):
        if not path or has_role or metric.value == path or path in metric.where:
            yield metric


def _named(context: Context, path: FieldPath) -> Iterator[str]:
    """Whom the sidecar itself names: the topic's key, and `consumers` below a field."""
    name = ".".join(path)
    for side in (context.old, context.new):
        if name and side.sidecar.kafka.key == name:
            yield f"the key of topic {side.sidecar.kafka.topic}"
        told = side.sidecar.fields.get(name) if name else None
        listed = told.get("consumers") if isinstance(told, Mapping) else None
        yield from (str(each) for each in listed or () if isinstance(listed, list))
