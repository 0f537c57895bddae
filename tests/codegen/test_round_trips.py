"""Values of random contracts: to Avro and back, to JSON and back, and past fastavro."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from enum import Enum

import fastavro
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.codegen.strategies import MANY, Json, contracts, values

from tallystick.contracts import parse
from tallystick.contracts.types import Fixed, walk
from tallystick.sdk._codec.binding import attributes
from tallystick.sdk.record import Record


def as_fastavro_reads(value: Json) -> Json:
    """The same value in the classes that fastavro gives."""
    if isinstance(value, Record):
        return {wire: as_fastavro_reads(getattr(value, name)) for wire, (name, _) in attributes(type(value)).items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [as_fastavro_reads(each) for each in value]
    if isinstance(value, dict):
        return {key: as_fastavro_reads(each) for key, each in value.items()}
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC)
    return value


@MANY
@given(st.data())
def test_avro_bytes_come_back_as_the_same_record(data: st.DataObject) -> None:
    cls = data.draw(contracts())
    record = data.draw(values(cls))
    assert cls.from_avro(record.to_avro()) == record
    assert cls.from_avro(record.to_avro(), writer=cls.SCHEMA + " ") == record


def has_fixed_uuid(cls: type[Record]) -> bool:
    nodes = walk(parse(cls.SCHEMA).root)
    return any(isinstance(each, Fixed) and each.logical is not None and each.logical.name == "uuid" for each in nodes)


@MANY
@given(st.data())
def test_fastavro_reads_our_bytes_as_the_same_values(data: st.DataObject) -> None:
    cls = data.draw(contracts())
    assume(not has_fixed_uuid(cls))  # fastavro does not know it, Java does
    record = data.draw(values(cls))
    body = io.BytesIO(record.to_avro())
    read = fastavro.schemaless_reader(body, fastavro.parse_schema(json.loads(cls.SCHEMA)))
    assert read == as_fastavro_reads(record)
    assert not body.read()


@MANY
@given(st.data())
def test_json_comes_back_as_the_same_record(data: st.DataObject) -> None:
    cls = data.draw(contracts())
    record = data.draw(values(cls))
    text = record.to_json()
    assert cls.from_json(text) == record
    assert cls.from_json(text.encode()) == record
    assert cls.from_plain(json.loads(text)) == record
    assert cls.from_json(text).to_avro() == record.to_avro()
