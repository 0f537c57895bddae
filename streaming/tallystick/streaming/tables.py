"""Every table of the lake that does not come from one contract: columns, key and statistics.

Columns that start with `_` tell about processing; they take no part in comparing two builds of a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyspark.sql.types import StructType

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMMITS", "COORDINATES", "EVENT_KEY", "GOLD", "SILVER", "UNIT", "Table", "columns_of"]

COORDINATES: Final = ("topic", "partition", "offset")
EVENT_KEY: Final = ("source", "event_id")
UNIT: Final = ("unit_type", "unit_id")

_PLACE: Final = "topic STRING NOT NULL, partition INT NOT NULL, offset BIGINT NOT NULL"
_EVENT: Final = "source STRING NOT NULL, event_id STRING NOT NULL"
_SECONDS: Final = "DOUBLE"


def columns_of(ddl: str) -> StructType:
    """The columns that a DDL text names."""
    shape = StructType.fromDDL(ddl)
    if not isinstance(shape, StructType):
        raise TypeError(ddl)
    return shape


@dataclass(frozen=True, slots=True)
class Table:
    """A Delta table.

    Attributes:
        name: Folder below its layer.
        columns: Spark DDL.
        key: Columns that identify a row; empty for logs.
        stats: Columns whose least and greatest value each file tells, for readers who look for a time.
        compared: Whether a rebuild must give the same rows; a log of what happened when cannot.
    """

    name: str
    columns: str
    key: tuple[str, ...] = ()
    stats: tuple[str, ...] = ()
    compared: bool = True


_TABLES: Final = (
    Table(
        "events",
        f"""{_EVENT}, event_type STRING NOT NULL, schema_id INT NOT NULL, schema_version INT, contract_hash STRING,
        event_time TIMESTAMP NOT NULL, occurred_at TIMESTAMP NOT NULL, sent_at TIMESTAMP,
        received_at TIMESTAMP NOT NULL, clock_clamped BOOLEAN NOT NULL, user_id STRING, anonymous_id STRING,
        session_id STRING, trace_id STRING, unit_type STRING, unit_id STRING, is_bot BOOLEAN NOT NULL,
        is_internal BOOLEAN NOT NULL, {_PLACE}, _payload_hash STRING""",
        key=EVENT_KEY,
        stats=("event_time", "received_at"),
    ),
    Table(
        "event_id_conflicts",
        f"""{_EVENT}, payload_hash STRING NOT NULL, event_type STRING NOT NULL, unit_type STRING, unit_id STRING,
        received_at TIMESTAMP NOT NULL, {_PLACE}""",
        key=(*EVENT_KEY, "payload_hash"),
    ),
    Table(
        "rejects",
        f"""{_PLACE}, stage STRING NOT NULL, reason STRING NOT NULL, schema_id INT, event_type STRING,
        schema_version INT, detail STRING, timestamp TIMESTAMP""",
        key=(*COORDINATES, "reason"),
    ),
    Table(
        "exposures",
        f"""{_EVENT}, experiment_key STRING NOT NULL, phase INT, unit_type STRING NOT NULL, unit_id STRING NOT NULL,
        variant_key STRING NOT NULL, exposed_at TIMESTAMP NOT NULL, reason STRING, in_period BOOLEAN NOT NULL,
        variant_known BOOLEAN NOT NULL, after_finalized BOOLEAN NOT NULL, lateness_seconds {_SECONDS} NOT NULL,
        is_bot BOOLEAN NOT NULL, is_internal BOOLEAN NOT NULL, is_override BOOLEAN NOT NULL,
        dimensions MAP<STRING, STRING>, event_type STRING NOT NULL, received_at TIMESTAMP NOT NULL, {_PLACE}""",
        key=EVENT_KEY,
        stats=("exposed_at",),
    ),
    Table(
        "outcomes",
        f"""{_EVENT}, metric_key STRING NOT NULL, value DECIMAL(38,9) NOT NULL, unit_type STRING NOT NULL,
        unit_id STRING NOT NULL, occurred_at TIMESTAMP NOT NULL, event_type STRING NOT NULL,
        received_at TIMESTAMP NOT NULL, {_PLACE}""",
        key=(*EVENT_KEY, "metric_key"),
        stats=("occurred_at",),
    ),
    Table(
        "experiment_units",
        """experiment_key STRING NOT NULL, phase INT NOT NULL, unit_type STRING NOT NULL, unit_id STRING NOT NULL,
        variant_key STRING NOT NULL, first_exposed_at TIMESTAMP NOT NULL, first_exposure_event_id STRING NOT NULL,
        last_exposed_at TIMESTAMP NOT NULL, exposure_count BIGINT NOT NULL, variants_seen ARRAY<STRING> NOT NULL,
        first_conflict_at TIMESTAMP, dimensions MAP<STRING, STRING>, status STRING NOT NULL""",
        key=("experiment_key", "phase", *UNIT),
    ),
    Table(
        "attributed_outcomes",
        f"""experiment_key STRING NOT NULL, phase INT NOT NULL, metric_key STRING NOT NULL, {_EVENT},
        unit_type STRING NOT NULL, unit_id STRING NOT NULL, variant_key STRING NOT NULL,
        first_exposed_at TIMESTAMP NOT NULL, occurred_at TIMESTAMP NOT NULL,
        seconds_since_exposure {_SECONDS} NOT NULL, value DECIMAL(38,9) NOT NULL, status STRING NOT NULL""",
        key=("experiment_key", "phase", "metric_key", *EVENT_KEY),
    ),
    Table(
        "outcome_coverage",
        "metric_key STRING NOT NULL, outcomes BIGINT NOT NULL, in_no_experiment BIGINT NOT NULL",
        key=("metric_key",),
    ),
    Table(
        "metrics",
        """metric_key STRING NOT NULL, event_type STRING NOT NULL, unit_type STRING NOT NULL, type STRING NOT NULL,
        aggregation STRING NOT NULL, window_seconds DOUBLE, refused STRING""",
        key=("metric_key", "event_type"),
    ),
    Table(
        "unit_changes",
        f"""experiment_key STRING NOT NULL, phase INT NOT NULL, unit_type STRING NOT NULL, unit_id STRING NOT NULL,
        change STRING NOT NULL, old_status STRING, new_status STRING, old_variant_key STRING, new_variant_key STRING,
        reason STRING NOT NULL, lateness_seconds {_SECONDS}, known_at TIMESTAMP, _generation STRING NOT NULL,
        _batch_id BIGINT NOT NULL""",
        compared=False,
    ),
)

SILVER: Final[Mapping[str, Table]] = {table.name: table for table in _TABLES}

COMMITS: Final = Table(
    "_commits",
    """generation STRING NOT NULL, batch_id BIGINT NOT NULL, committed_at TIMESTAMP NOT NULL, rows BIGINT NOT NULL,
    events BIGINT NOT NULL, duplicates BIGINT NOT NULL, rejects BIGINT NOT NULL,
    versions MAP<STRING, BIGINT> NOT NULL""",
    compared=False,
)

_RESULT: Final = """experiment_key STRING NOT NULL, phase INT NOT NULL"""
_AS_OF: Final = "as_of TIMESTAMP NOT NULL, versions MAP<STRING, BIGINT> NOT NULL"
_COUNTS: Final = "MAP<STRING, BIGINT> NOT NULL"

GOLD: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        Table(
            "experiment_variant_metrics",
            f"""{_RESULT}, metric_key STRING NOT NULL, variant_key STRING NOT NULL, metric_type STRING NOT NULL,
            is_control BOOLEAN NOT NULL, units BIGINT NOT NULL, converters BIGINT NOT NULL, sum DECIMAL(38,9),
            sum_squares DECIMAL(38,11), mean DOUBLE, variance DOUBLE, units_in_progress BIGINT,
            note STRING, {_AS_OF}""",
            key=("experiment_key", "phase", "metric_key", "variant_key", "as_of"),
        ),
        Table(
            "experiment_results",
            f"""{_RESULT}, metric_key STRING NOT NULL, variant_key STRING NOT NULL, control_key STRING NOT NULL,
            metric_type STRING NOT NULL, trustworthy BOOLEAN NOT NULL, test STRING, diff DOUBLE,
            standard_error DOUBLE, confidence DOUBLE NOT NULL, ci_low DOUBLE, ci_high DOUBLE, statistic DOUBLE,
            df DOUBLE, p_value DOUBLE, p_value_adjusted DOUBLE, adjustment STRING NOT NULL, welch_p_value DOUBLE,
            relative_lift DOUBLE, relative_low DOUBLE, relative_high DOUBLE, relative_method STRING, note STRING,
            {_AS_OF}""",
            key=("experiment_key", "phase", "metric_key", "variant_key", "as_of"),
        ),
        Table(
            "experiment_health",
            f"""{_RESULT}, trustworthy BOOLEAN NOT NULL, units_by_variant {_COUNTS}, srm_status STRING NOT NULL,
            srm_chi2 DOUBLE, srm_p DOUBLE, srm_alpha DOUBLE NOT NULL, contaminated_by_first_variant {_COUNTS},
            excluded_by_status {_COUNTS}, unknown_variant_units BIGINT NOT NULL, exposures BIGINT NOT NULL,
            late_share DOUBLE, duplicate_share DOUBLE, exposures_out_of_period BIGINT NOT NULL,
            exposures_after_finalized BIGINT NOT NULL, changed_units_24h BIGINT NOT NULL, is_finalized BOOLEAN NOT NULL,
            {_AS_OF}""",
            key=("experiment_key", "phase", "as_of"),
        ),
    )
}
