"""A change is carried out: what Python and Spark read is what they really read."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tests.breaking.states import enum, money

from tallystick.cli import _execution
from tallystick.cli._execution import execute
from tallystick.codegen import load
from tallystick.contracts import Catalog
from tallystick.contracts.breaking import Execution, Trial

if TYPE_CHECKING:
    from pyspark.sql import Column, SparkSession

MICROS: Any = {"type": "long", "logicalType": "timestamp-micros"}
MILLIS: Any = {"type": "long", "logicalType": "timestamp-millis"}
UUID: Any = {"type": "string", "logicalType": "uuid"}
TEA = "green tea"


def sample(kind: object, **more: object) -> str:
    return json.dumps({"type": "record", "name": "Sample", "fields": [{"name": "value", "type": kind, **more}]})


def trial(old: object, new: object) -> Trial:
    return Trial(sample(old), sample(new), "value", "value")


# Old type, new type, and what becomes of a value of the old one.
CASES: list[tuple[object, object, Execution]] = [
    (money(18, 2), money(18, 4), Execution("12.34", "12.3400", "0.1234")),
    (money(18, 4), money(18, 2), Execution("0.1234", "an error", "12.34")),
    (money(18, 2), money(10, 2), Execution("9999999999999999.99", "an error", "an error")),
    (["null", money(18, 2)], ["null", money(18, 4)], Execution("12.34", "12.3400", "0.1234")),
    (MICROS, MILLIS, Execution("2026-01-05T09:30:00Z", "2026-01-05T09:30:00Z", "57983-03-09T20:00:00Z")),
    (MILLIS, MICROS, Execution("2026-01-05T09:30:00Z", "2026-01-05T09:30:00Z", "1970-01-21T11:00:05.400000Z")),
    (MICROS, "long", Execution("2026-01-05T09:30:00Z", "1767605400000000", "1767605400000000")),
    ("long", "double", Execution("9007199254740993", "9007199254740992.0", "9007199254740992.0")),
    ("int", "float", Execution("16777217", "16777216.0", "16777216.0")),
    ("string", UUID, Execution(TEA, "an error", TEA)),
    (UUID, "string", Execution(*["0190b2f4-7a1e-7c3d-9b5a-2f6f4e1d8c70"] * 3)),
    ("bytes", "string", Execution("/w==", "an error", "\N{REPLACEMENT CHARACTER}")),
    (enum("PAID", "SENT", "UNKNOWN"), enum("PAID", "UNKNOWN"), Execution("SENT", "UNKNOWN", "UNKNOWN")),
]
IDS = [str(index) for index in range(len(CASES))]


@pytest.mark.parametrize(("old", "new", "expected"), CASES, ids=IDS)
def test_both_values_are_shown(old: object, new: object, expected: Execution) -> None:
    assert execute(trial(old, new)) == expected


def test_a_field_that_is_renamed_without_alias_turns_into_its_default() -> None:
    reader = json.dumps(
        {
            "type": "record",
            "name": "Sample",
            "fields": [{"name": "after", "type": ["null", "string"], "default": None}],
        }
    )
    writer = sample("string").replace('"value"', '"before"')

    assert execute(Trial(writer, reader, "before", "after")) == Execution(TEA, "null", "null")


def test_an_event_without_the_field_reads_as_the_default() -> None:
    writer = json.dumps({"type": "record", "name": "Sample", "fields": []})

    found = execute(Trial(writer, sample("int", default=7), "", "value"))

    assert found == Execution("an event without it", "7", "7")


def test_what_no_value_can_be_made_for_is_not_carried_out() -> None:
    assert execute(trial(["int", "string"], ["string", "int"])) is None


@pytest.mark.parametrize("year", [1, 1600, 1900, 1970, 2000, 2024, 2026, 9999])
def test_a_moment_of_any_year_is_told_as_python_tells_its_own(year: int) -> None:
    for month, day in ((1, 1), (2, 28), (3, 1), (12, 31)):
        moment = dt.datetime(year, month, day, 23, 59, 58, 1, tzinfo=dt.UTC)
        micros = (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)

        assert _execution._moment(micros) == moment.isoformat().removesuffix("+00:00")


@pytest.mark.spark
def test_spark_really_reads_what_is_said_of_it(spark: SparkSession) -> None:
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException
    from pyspark.sql import functions as sf

    readable = [case for case in CASES if case[2].spark != "an error"]
    columns = [_read_by_spark(case).alias(f"case{index}") for index, case in enumerate(readable)]
    (row,) = spark.range(1).select(*columns).collect()  # one job for all of them
    for index, (_, new, expected) in enumerate(readable):
        assert _as_told(row[f"case{index}"], new) == expected.spark, CASES[index]

    for case in CASES:
        if case not in readable:
            read = spark.range(1).select(sf.to_json(sf.struct(_read_by_spark(case))))
            with pytest.raises((PySparkException, Py4JJavaError)):
                read.collect()


def _read_by_spark(case: tuple[object, object, Execution]) -> Column:
    """The value that Spark's own reader finds in what our class has written."""
    from pyspark.sql import functions as sf
    from pyspark.sql.avro.functions import from_avro

    old, new, expected = case
    value = int(expected.written) if expected.written.isdigit() else expected.written
    cls = load(Catalog.of_texts({"sample": sample(old)}))["Sample"]
    body = sf.lit(bytearray(cls.from_json(json.dumps({"value": value})).to_avro()))
    # Told by the row, so that the planner does not read it before the query runs.
    body = sf.when(sf.col("id") == 0, body)
    read = from_avro(body, sample(old), {"avroSchema": sample(new)})["value"]
    return sf.unix_micros(read) if new in (MICROS, MILLIS) else read


def _as_told(value: object, kind: object) -> str:
    if kind in (MICROS, MILLIS):
        return _execution._moment(int(str(value))) + "Z"
    return str(value) if isinstance(value, Decimal | str) else json.dumps(value)
