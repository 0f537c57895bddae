"""Silver in plain Python, written from the rules R1 to R15 alone: slow, short, and without Spark.

It takes decoded records and gives every table's rows as dictionaries. Only the roles in the contracts tell it which
field means what. It holds everything in memory and knows no micro-batch, so it is what a stream must agree with.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Record", "Silver", "silver"]

Row = dict[str, Any]

_CLOCK_TOLERANCE = timedelta(minutes=5)
_FLAGS = {"bot": "excluded_bot", "internal": "excluded_internal", "override": "excluded_override"}


@dataclass(frozen=True)
class Record:
    """One Bronze row, decoded: `schema` is the contract's text, `payload` what fastavro made of the bytes."""

    topic: str
    partition: int
    offset: int
    schema: str
    payload: Row


@dataclass(frozen=True)
class Silver:
    """Every table, keyed as the tables are."""

    events: list[Row]
    event_id_conflicts: list[Row]
    experiment_definitions: list[Row]
    exposures: list[Row]
    experiment_units: list[Row]
    outcomes: list[Row]
    attributed_outcomes: list[Row]
    outcome_coverage: list[Row]


@dataclass(frozen=True)
class _Contract:
    """What the roles of a contract say."""

    name: str
    role: str
    unit_type: str
    metrics: tuple[Row, ...]
    paths: Mapping[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True)
class _Event:
    """A record read through its roles, with its time corrected (R1)."""

    contract: _Contract
    record: Record
    source: str
    event_id: str
    event_time: datetime
    received_at: datetime
    is_clamped: bool
    flags: Mapping[str, bool]

    @property
    def order(self) -> tuple[datetime, str]:
        """R2."""
        return self.event_time, self.event_id

    @property
    def seniority(self) -> tuple[datetime, str, int, int]:
        return self.received_at, self.record.topic, self.record.partition, self.record.offset

    def role(self, name: str) -> Any:  # noqa: ANN401 - whatever the contract holds there
        paths = self.contract.paths.get(name, ())
        return _at(self.record.payload, paths[0]) if paths else None


@dataclass(frozen=True)
class _Unit:
    """A unit of one experiment and its exposures within the period, in order."""

    definition: Row
    unit_id: str
    exposures: list[_Event] = field(default_factory=list)

    @property
    def first(self) -> _Event:
        """R3."""
        return self.exposures[0]

    @property
    def variants(self) -> list[str]:
        return [exposure.role("experiment.variant_key") for exposure in self.exposures]

    @property
    def status(self) -> str:
        """Precedence: bot, internal, override, unknown, contaminated (R6, R7, R9, R10)."""
        for flag, status in _FLAGS.items():
            if any(exposure.flags.get(flag) for exposure in self.exposures):
                return status
        known = {variant["variant_key"] for variant in self.definition["variants"]}
        if not set(self.variants) <= known:
            return "unknown_variant"
        is_mixed = len(set(self.variants)) > 1
        return "contaminated" if is_mixed and self.definition["multiple_exposure"] == "EXCLUDE" else "assigned"


def silver(records: Iterable[Record]) -> Silver:
    """Compute every table from all records at once."""
    contracts: dict[str, _Contract] = {}
    events = [_event(record, _contract(record.schema, contracts)) for record in records]
    canonical, conflicts = _deduplicate(events)
    definitions = _first_said(event for event in canonical if event.contract.role == "definition")
    latest = _latest(definitions)
    exposures = [event for event in canonical if event.contract.role == "exposure"]
    outcomes = [(event, metric) for event in canonical for metric in _metrics(event)]
    units = [unit for definition in latest for unit in _units(definition, exposures)]
    return Silver(
        events=[_event_row(event) for event in canonical],
        event_id_conflicts=conflicts,
        experiment_definitions=[_pick(row, "experiment_key", "phase", "version") for row in definitions],
        exposures=[_exposure_row(event, latest) for event in exposures],
        experiment_units=[_unit_row(unit) for unit in units],
        outcomes=[_outcome_row(event, metric) for event, metric in outcomes],
        attributed_outcomes=list(_attributed(units, outcomes)),
        outcome_coverage=_coverage(units, outcomes),
    )


def _contract(text: str, known: dict[str, _Contract]) -> _Contract:
    if text not in known:
        schema = json.loads(text)
        experiment = schema.get("tallystick:experiment", {})
        paths: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for role, path in _roles(schema, ()):
            paths[role].append(path)
        known[text] = _Contract(
            name=f"{schema['namespace']}.{schema['name']}",
            role=experiment.get("role", ""),
            unit_type=experiment.get("unit_type", ""),
            metrics=tuple(experiment.get("metrics", ())),
            paths={role: tuple(found) for role, found in paths.items()},
        )
    return known[text]


def _roles(schema: Any, path: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:  # noqa: ANN401 - any JSON
    if isinstance(schema, list):
        for branch in schema:
            yield from _roles(branch, path)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "record":
        for entry in schema["fields"]:
            here = (*path, entry["name"])
            yield from ((role, here) for role in entry.get("tallystick:role", ()))
            yield from _roles(entry["type"], here)


def _at(payload: Any, path: Sequence[str]) -> Any:  # noqa: ANN401 - whatever the contract holds there
    for step in path:
        payload = None if payload is None else payload[step]
    return payload


def _event(record: Record, contract: _Contract) -> _Event:
    def of(role: str) -> Any:  # noqa: ANN401 - whatever the contract holds there
        paths = contract.paths.get(role, ())
        return _at(record.payload, paths[0]) if paths else None

    occurred, sent, received = of("event_time"), of("sent_time"), of("received_time")
    corrected = occurred if sent is None else occurred + (received - sent)
    is_clamped = corrected > received + _CLOCK_TOLERANCE
    flags = {
        (role.removeprefix("experiment.exclude_if_true").removeprefix(".") or "override"): any(
            bool(_at(record.payload, path)) for path in paths
        )
        for role, paths in contract.paths.items()
        if role.startswith("experiment.exclude_if_true")
    }
    return _Event(
        contract=contract,
        record=record,
        source=of("source"),
        event_id=str(of("event_id")),
        event_time=received if is_clamped else corrected,
        received_at=received,
        is_clamped=is_clamped,
        flags=flags,
    )


def _deduplicate(events: Iterable[_Event]) -> tuple[list[_Event], list[Row]]:
    """R12: of all copies the most senior one counts; copies that say something else are conflicts."""
    copies: dict[tuple[str, str], list[_Event]] = defaultdict(list)
    for event in events:
        copies[event.source, event.event_id].append(event)
    canonical, conflicts = [], []
    for key in sorted(copies):
        first, *others = sorted(copies[key], key=lambda event: event.seniority)
        canonical.append(first)
        conflicts += [
            {"source": other.source, "event_id": other.event_id, "received_at": other.received_at}
            for other in others
            if (other.contract.name, _said(other)) != (first.contract.name, _said(first))
        ]
    return canonical, conflicts


def _said(event: _Event) -> Row:
    """What an event says, without what the transport stamps afresh on each attempt."""
    stamped = {path for role in ("sent_time", "received_time") for path in event.contract.paths.get(role, ())}
    said: Row = _without(event.record.payload, stamped, ())
    return said


def _without(value: Any, paths: set[tuple[str, ...]], here: tuple[str, ...]) -> Any:  # noqa: ANN401 - any decoded value
    if not isinstance(value, dict):
        return value
    return {k: _without(v, paths, (*here, k)) for k, v in value.items() if (*here, k) not in paths}


def _first_said(definitions: Iterable[_Event]) -> list[Row]:
    """One row per (experiment, phase, version): if it is told twice, the first one received holds."""
    first: dict[tuple[str, int, int], Row] = {}
    for event in sorted(definitions, key=lambda event: event.seniority):
        row = event.record.payload
        first.setdefault((row["experiment_key"], row["phase"], row["version"]), row)
    return list(first.values())


def _latest(definitions: Iterable[Row]) -> list[Row]:
    """R13: the highest version of each phase holds."""
    latest: dict[tuple[str, int], Row] = {}
    for row in sorted(definitions, key=lambda row: row["version"]):
        latest[row["experiment_key"], row["phase"]] = row
    return list(latest.values())


def _counts_for(definition: Row, event: _Event) -> bool:
    """R14: what comes after the results were made final changes nothing any more."""
    finalized_at = definition["finalized_at"]
    return bool(finalized_at is None or event.received_at <= finalized_at)


def _in_period(definition: Row, event: _Event) -> bool:
    start, end = definition["start_at"], definition["end_at"]
    return bool(start <= event.event_time and (end is None or event.event_time < end))


def _belongs(definition: Row, event: _Event) -> bool:
    mine = (event.role("experiment.experiment_key"), event.contract.name, event.contract.unit_type)
    return mine == (definition["experiment_key"], definition["exposure_event"], definition["unit_type"])


def _units(definition: Row, exposures: Sequence[_Event]) -> Iterator[_Unit]:
    found: dict[str, list[_Event]] = defaultdict(list)
    for event in exposures:
        if _belongs(definition, event) and _in_period(definition, event) and _counts_for(definition, event):
            found[event.role("experiment.unit_id")].append(event)
    for unit_id, events in found.items():
        yield _Unit(definition, unit_id, sorted(events, key=lambda event: event.order))


def _metrics(event: _Event) -> Iterator[Row]:
    if event.contract.role != "outcome":
        return
    for metric in event.contract.metrics:
        if all(event.record.payload[name] == literal for name, literal in metric.get("where", {}).items()):
            yield metric


def _value(event: _Event, metric: Row) -> Decimal:
    value = Decimal(event.record.payload[metric["value"]]) if metric["aggregation"] == "sum" else Decimal(1)
    return value.quantize(Decimal("1e-9"))


def _attributed(units: Iterable[_Unit], outcomes: Sequence[tuple[_Event, Row]]) -> Iterator[Row]:
    by_unit: dict[tuple[str, str], list[tuple[_Event, Row]]] = defaultdict(list)
    for event, metric in outcomes:
        by_unit[event.contract.unit_type, event.role("experiment.unit_id")].append((event, metric))
    for unit in units:
        for event, metric in by_unit[unit.definition["unit_type"], unit.unit_id]:
            if metric["key"] in unit.definition["metrics"] and _counts_for(unit.definition, event):
                yield _attributed_row(unit, event, metric)


def _judge(unit: _Unit, event: _Event, metric: Row) -> str:
    """R4 and R5: the window begins with the exposure itself and ends before its last instant."""
    if unit.status != "assigned":
        return "excluded"
    since = event.event_time - unit.first.event_time
    if since < timedelta(0):
        return "before_exposure"
    window = metric.get("window")
    return "attributed" if window is None or since < _duration(window) else "after_window"


def _duration(text: str) -> timedelta:
    """Read the ISO 8601 durations that contracts use: days, or hours, minutes and seconds."""
    days, _, clock = text.removeprefix("P").partition("T")
    parts = {"D": timedelta(days=1), "W": timedelta(weeks=1)} if days else {}
    total = timedelta(0)
    for piece, units in (
        (days, parts),
        (clock, {"H": timedelta(hours=1), "M": timedelta(minutes=1), "S": timedelta(seconds=1)}),
    ):
        digits = ""
        for character in piece:
            if character.isdigit():
                digits += character
            else:
                total += int(digits) * units[character]
                digits = ""
    return total


def _coverage(units: Iterable[_Unit], outcomes: Sequence[tuple[_Event, Row]]) -> list[Row]:
    covered = {(unit.definition["unit_type"], unit.unit_id) for unit in units}
    rows: dict[str, Row] = {}
    for event, metric in outcomes:
        row = rows.setdefault(metric["key"], {"metric_key": metric["key"], "outcomes": 0, "in_no_experiment": 0})
        row["outcomes"] += 1
        row["in_no_experiment"] += (event.contract.unit_type, event.role("experiment.unit_id")) not in covered
    return list(rows.values())


def _event_row(event: _Event) -> Row:
    return {
        "source": event.source,
        "event_id": event.event_id,
        "event_type": event.contract.name,
        "event_time": event.event_time,
        "received_at": event.received_at,
        "clock_clamped": event.is_clamped,
        "is_bot": event.flags.get("bot", False),
        "is_internal": event.flags.get("internal", False),
    }


def _exposure_row(event: _Event, definitions: Sequence[Row]) -> Row:
    mine = [definition for definition in definitions if _belongs(definition, event)]
    within = [definition for definition in mine if _in_period(definition, event)]
    variant = event.role("experiment.variant_key")
    return {
        "event_id": event.event_id,
        "experiment_key": event.role("experiment.experiment_key"),
        "unit_type": event.contract.unit_type,
        "unit_id": event.role("experiment.unit_id"),
        "variant_key": variant,
        "exposed_at": event.event_time,
        "reason": event.role("experiment.assignment_reason"),
        "phase": max((definition["phase"] for definition in within), default=None),
        "in_period": bool(within),
        "variant_known": any(variant == v["variant_key"] for d in within or mine for v in d["variants"]),
        "lateness_seconds": (event.received_at - event.event_time).total_seconds(),
    }


def _unit_row(unit: _Unit) -> Row:
    first = unit.first
    conflicts = [
        e.event_time for e, variant in zip(unit.exposures, unit.variants, strict=True) if variant != unit.variants[0]
    ]
    dimensions = {
        path[-1]: _at(first.record.payload, path) for path in first.contract.paths.get("experiment.dimension", ())
    }
    return {
        **_pick(unit.definition, "experiment_key", "phase", "unit_type"),
        "unit_id": unit.unit_id,
        "variant_key": unit.variants[0],
        "first_exposed_at": first.event_time,
        "first_exposure_event_id": first.event_id,
        "last_exposed_at": unit.exposures[-1].event_time,
        "exposure_count": len(unit.exposures),
        "variants_seen": sorted(set(unit.variants)),
        "first_conflict_at": min(conflicts, default=None),
        "dimensions": dimensions,
        "status": unit.status,
    }


def _outcome_row(event: _Event, metric: Row) -> Row:
    return {
        "event_id": event.event_id,
        "metric_key": metric["key"],
        "unit_type": event.contract.unit_type,
        "unit_id": event.role("experiment.unit_id"),
        "occurred_at": event.event_time,
        "value": _value(event, metric),
    }


def _attributed_row(unit: _Unit, event: _Event, metric: Row) -> Row:
    return {
        **_pick(unit.definition, "experiment_key", "phase"),
        "metric_key": metric["key"],
        "event_id": event.event_id,
        "unit_id": unit.unit_id,
        "variant_key": unit.variants[0],
        "first_exposed_at": unit.first.event_time,
        "occurred_at": event.event_time,
        "seconds_since_exposure": (event.event_time - unit.first.event_time).total_seconds(),
        "value": _value(event, metric),
        "status": _judge(unit, event, metric),
    }


def _pick(row: Row, *names: str) -> Row:
    return {name: row[name] for name in names}
