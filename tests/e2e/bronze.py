"""Reads Bronze for the reference: with delta-rs and fastavro, so that neither Spark nor our own codec takes part."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import fastavro
from tests.reference.silver import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tallystick.sdk.registry import RegistryClient

__all__ = ["Decoded", "decode"]


@dataclass
class Decoded:
    """Bronze's rows: the events among them, and how many cannot be read."""

    events: list[Record] = field(default_factory=list)
    unreadable: int = 0


def decode(rows: Iterable[dict[str, Any]], registry: RegistryClient) -> Decoded:
    """Decode rows into the newest version of their contract, as the registry has it."""

    @cache
    def schemas(schema_id: int) -> tuple[Any, Any, str]:
        registered = registry.schema_by_id(schema_id)
        newest = registry.latest(registered.subject).text
        return fastavro.parse_schema(json.loads(registered.text)), fastavro.parse_schema(json.loads(newest)), newest

    decoded = Decoded()
    for row in rows:
        try:
            writer, reader, text = schemas(_schema_id(row["value"]))
            body = io.BytesIO(row["value"][5:])
            payload: Any = fastavro.schemaless_reader(body, writer, reader)
        except Exception:  # noqa: BLE001 - fastavro has no error of its own for bytes that are no record
            decoded.unreadable += 1
            continue
        if body.read():
            decoded.unreadable += 1
        elif "meta" in payload:
            decoded.events.append(Record(row["topic"], row["partition"], row["offset"], text, payload))
    return decoded


def _schema_id(value: bytes) -> int:
    if len(value) < 5 or value[0]:
        raise ValueError("no frame")
    return int.from_bytes(value[1:5])
