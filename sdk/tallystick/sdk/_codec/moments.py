"""Days, times of day and moments: whole microseconds throughout, never a float."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Final

from pydantic_core import core_schema

from tallystick.sdk._codec.leaf import DATE, LOCAL_TIMESTAMP, TIME, TIMESTAMP, Convert, Leaf, Value, text_schema

__all__ = ["MOMENTS"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - a local timestamp has no zone
_EPOCH_DAY: Final = _EPOCH.toordinal()
_MICROS_PER_SECOND: Final = 1_000_000
_SECONDS_PER_DAY: Final = 86_400
_MICROS_PER_DAY: Final = _SECONDS_PER_DAY * _MICROS_PER_SECOND


def _micros(delta: timedelta) -> int:
    return (delta.days * _SECONDS_PER_DAY + delta.seconds) * _MICROS_PER_SECOND + delta.microseconds


def _dump_timestamp(epoch: datetime, unit: int, value: datetime) -> int:
    return _micros(value - epoch) // unit


def _load_timestamp(epoch: datetime, unit: int, raw: int) -> datetime:
    return epoch + timedelta(microseconds=raw * unit)


def _plain_timestamp(value: datetime) -> str:
    in_utc = _EPOCH + (value - _EPOCH)  # as `astimezone`, and many times quicker
    return in_utc.isoformat()[: -len("+00:00")] + "Z"


def _dump_time(unit: int, value: time) -> int:
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return (seconds * _MICROS_PER_SECOND + value.microsecond) // unit


def _load_time(unit: int, raw: int) -> time:
    if not 0 <= raw * unit < _MICROS_PER_DAY:
        raise ValueError("a time of day is outside its day")
    return (_LOCAL_EPOCH + timedelta(microseconds=raw * unit)).time()


def _floor(unit: int) -> Convert:
    def floor(value: Value) -> Value:
        return value.replace(microsecond=value.microsecond // unit * unit)

    return floor


def _moment(pattern: str, parse: core_schema.CoreSchema, unit: int) -> core_schema.CoreSchema:
    """Read a text as a moment; digits finer than the unit are cut off."""
    chain = core_schema.chain_schema([text_schema(pattern), parse])
    return chain if unit == 1 else core_schema.no_info_after_validator_function(_floor(unit), chain)


def _timestamp(unit: int) -> Leaf:
    return Leaf(
        python=datetime,
        json="string",
        raw="long",
        schema=_moment(TIMESTAMP, core_schema.datetime_schema(tz_constraint="aware"), unit),
        dump=partial(_dump_timestamp, _EPOCH, unit),
        load=partial(_load_timestamp, _EPOCH, unit),
        plain=_plain_timestamp,
        family="timestamp",
    )


def _local_timestamp(unit: int) -> Leaf:
    return Leaf(
        python=datetime,
        json="string",
        raw="long",
        schema=_moment(LOCAL_TIMESTAMP, core_schema.datetime_schema(tz_constraint="naive"), unit),
        dump=partial(_dump_timestamp, _LOCAL_EPOCH, unit),
        load=partial(_load_timestamp, _LOCAL_EPOCH, unit),
        plain=datetime.isoformat,
        family="local-timestamp",
    )


def _time(raw: str, unit: int) -> Leaf:
    return Leaf(
        python=time,
        json="string",
        raw=raw,
        schema=_moment(TIME, core_schema.time_schema(), unit),
        dump=partial(_dump_time, unit),
        load=partial(_load_time, unit),
        plain=time.isoformat,
        family="time",
    )


MOMENTS: Final[dict[tuple[str, str], Leaf]] = {
    ("int", "date"): Leaf(
        python=date,
        json="string",
        raw="int",
        schema=core_schema.chain_schema([text_schema(DATE), core_schema.date_schema()]),
        dump=lambda value: value.toordinal() - _EPOCH_DAY,
        load=lambda raw: date.fromordinal(raw + _EPOCH_DAY),
        plain=date.isoformat,
        family="date",
    ),
    ("int", "time-millis"): _time("int", 1000),
    ("long", "time-micros"): _time("long", 1),
    ("long", "timestamp-millis"): _timestamp(1000),
    ("long", "timestamp-micros"): _timestamp(1),
    ("long", "local-timestamp-millis"): _local_timestamp(1000),
    ("long", "local-timestamp-micros"): _local_timestamp(1),
}
