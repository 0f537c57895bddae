"""Experiment definitions: events like all others, and few enough to be known on the driver.

Of one (experiment, phase, version) the first one received holds; of a phase's versions the highest holds (R13).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as sf

from tallystick.contracts import unframe
from tallystick.events.tallystick import ExperimentDefined, MultipleExposure
from tallystick.streaming import delta
from tallystick.streaming.tables import COORDINATES, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyspark.sql import DataFrame, SparkSession

    from tallystick.streaming.lake import Lake
    from tallystick.streaming.silver.metrics import MetricRow
    from tallystick.streaming.silver.plan import SchemaSource

__all__ = ["Frames", "Held", "current", "frames", "held", "store", "stored", "winners"]

TABLE: Final = "experiment_definitions"
_DEFINITION: Final = "_topic STRING, _partition INT, _offset BIGINT, _definition STRING"
_PHASE: Final = """phase INT, variants ARRAY<STRING>, start_at TIMESTAMP, end_at TIMESTAMP, finalized_at TIMESTAMP,
    keeps_first BOOLEAN"""
_EXPERIMENT: Final = "experiment_key STRING, unit_type STRING, event_type STRING"
_APPLIED: Final = """experiment_key STRING, phase INT, unit_type STRING, metric_key STRING, event_type STRING,
    window_seconds DOUBLE, finalized_at TIMESTAMP"""


@dataclass(frozen=True, slots=True)
class Held:
    """A definition and where it stands in Bronze; `order` is the seniority of its row."""

    definition: ExperimentDefined
    order: tuple[int, str, int, int]

    @property
    def place(self) -> tuple[str, int, int]:
        """Its Bronze coordinates."""
        return self.order[1:]

    @property
    def phase(self) -> tuple[str, int]:
        """What it defines."""
        return self.definition.experiment_key, self.definition.phase


@dataclass(frozen=True, slots=True)
class Frames:
    """The definitions that hold, as small tables to join with.

    Attributes:
        phases: A row per phase.
        experiments: A row per experiment, its phases in an array.
        applied: A row per phase and metric that it compares, with the metric's window.
    """

    phases: DataFrame
    experiments: DataFrame
    applied: DataFrame


def held(rows: DataFrame, registry: SchemaSource) -> list[Held]:
    """Read the definitions in some facts, of which `raw` is the untouched Kafka value."""
    columns = (sf.unix_micros("received_at"), *COORDINATES, "raw")
    result = []
    for received, topic, partition, offset, value in rows.select(*columns).collect():
        frame = unframe(bytes(value))
        writer = registry.schema_by_id(frame.schema_id).text
        definition = ExperimentDefined.from_avro(frame.body, writer=writer)
        result.append(Held(definition, (received, topic, partition, offset)))
    return result


def stored(spark: SparkSession, lake: Lake, *, version: int | None = None) -> list[Held]:
    """The definitions that Silver holds."""
    path = lake.silver(TABLE)
    if not delta.exists(spark, path):
        return []
    place = (f"_{name}" for name in COORDINATES)
    table = delta.read(spark, path, version=version)
    rows = table.select(sf.unix_micros("_received_at"), *place, "_definition").collect()
    return [Held(ExperimentDefined.from_json(text), (received, *place)) for received, *place, text in rows]


def store(spark: SparkSession, lake: Lake, there: Sequence[Held], new: Sequence[Held], rows: DataFrame) -> None:
    """Put new definitions into their table, where each version stands once.

    Args:
        spark: The session.
        lake: Where Silver stands.
        there: The definitions in the table.
        new: The new definitions.
        rows: The same as rows of the table.
    """
    path = lake.silver(TABLE)
    known = {each.place for each in there}
    standing = winners([*there, *new])
    table = _at(rows, [each for each in standing if each.place not in known])
    if there:
        old = delta.read(spark, path).drop("_definition")
        table = _at(old, [each for each in standing if each.place in known]).unionByName(
            table, allowMissingColumns=True
        )
    delta.overwrite(table, path)


def _at(rows: DataFrame, definitions: Sequence[Held]) -> DataFrame:
    """The rows of some definitions, with what they define as JSON, which is read without any registry."""
    places = [(*each.place, each.definition.to_json()) for each in definitions]
    wanted = rows.sparkSession.createDataFrame(places, _DEFINITION)
    return rows.join(sf.broadcast(wanted), [f"_{name}" for name in COORDINATES])


def winners(candidates: Iterable[Held]) -> tuple[Held, ...]:
    """Of each (experiment, phase, version) the one that was received first."""
    first: dict[tuple[str, int, int], Held] = {}
    for each in sorted(candidates, key=lambda each: each.order):
        first.setdefault((*each.phase, each.definition.version), each)
    return tuple(first.values())


def current(candidates: Iterable[Held]) -> tuple[ExperimentDefined, ...]:
    """Of each phase the highest version, in the order of their keys."""
    highest: dict[tuple[str, int], ExperimentDefined] = {}
    for each in sorted(winners(candidates), key=lambda each: each.definition.version):
        highest[each.phase] = each.definition
    return tuple(highest[phase] for phase in sorted(highest))


def frames(
    spark: SparkSession, definitions: Sequence[ExperimentDefined], metrics: Mapping[tuple[str, str], MetricRow]
) -> Frames:
    """Make the tables to join with.

    Args:
        spark: The session.
        definitions: Those that hold.
        metrics: (metric, event type) -> how it is counted.
    """
    phases = [(_experiment(each), _phase(each)) for each in definitions]
    grouped: dict[tuple[str, ...], list[tuple[object, ...]]] = {}
    for experiment, phase in phases:
        grouped.setdefault(experiment, []).append(phase)
    applied = [
        (*_compared(each, metric), each.finalized_at)
        for each in definitions
        for metric in metrics.values()
        if metric.metric_key in each.metrics and metric.unit_type == each.unit_type
    ]
    nested = f"{_EXPERIMENT}, phases ARRAY<{columns_of(_PHASE).simpleString()}>"
    return Frames(
        phases=spark.createDataFrame([(*a, *b) for a, b in phases], f"{_EXPERIMENT}, {_PHASE}"),
        experiments=spark.createDataFrame([(*a, b) for a, b in grouped.items()], nested),
        applied=spark.createDataFrame(applied, _APPLIED),
    )


def _experiment(definition: ExperimentDefined) -> tuple[str, str, str]:
    return definition.experiment_key, definition.unit_type, definition.exposure_event


def _phase(definition: ExperimentDefined) -> tuple[object, ...]:
    return (
        *(definition.phase, [variant.variant_key for variant in definition.variants]),
        *(definition.start_at, definition.end_at, definition.finalized_at),
        definition.multiple_exposure is MultipleExposure.FIRST_SEEN,
    )


def _compared(definition: ExperimentDefined, metric: MetricRow) -> tuple[object, ...]:
    return (
        *(definition.experiment_key, definition.phase, definition.unit_type),
        *(metric.metric_key, metric.event_type, metric.window_seconds),
    )
