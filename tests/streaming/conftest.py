"""What the Spark tests share: lakes in temporary folders, a registry in memory, and Bronze rows written by hand."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import fastavro
import pytest

from tallystick.contracts import frame, parse
from tallystick.contracts.catalog import load_catalog
from tallystick.sdk.registry import RegisteredSchema, RegistryUnavailable, UnknownSchema
from tallystick.streaming import delta, silver
from tallystick.streaming.bronze import COLUMNS
from tallystick.streaming.lake import Lake
from tallystick.streaming.silver import SilverOptions
from tallystick.streaming.tables import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

    from tallystick.streaming.progress import BatchProgress

TOPIC = "tallystick.events"
START = datetime(2026, 1, 5, tzinfo=UTC)


class MemoryRegistry:
    """A registry without HTTP: ids in order, versions by subject; it can be told not to answer."""

    def __init__(self) -> None:
        self._by_id: dict[int, RegisteredSchema] = {}
        self._by_subject: dict[str, list[RegisteredSchema]] = {}
        self.is_down = False

    def register(self, text: str) -> RegisteredSchema:
        name = parse(text).name
        versions = self._by_subject.setdefault(name, [])
        known = next((each for each in versions if each.text == text), None)
        if known is None:
            known = RegisteredSchema(len(self._by_id) + 1, name, len(versions) + 1, text)
            self._by_id[known.id] = known
            versions.append(known)
        return known

    def schema_by_id(self, schema_id: int) -> RegisteredSchema:
        self._answer()
        if schema_id not in self._by_id:
            raise UnknownSchema(404, 40403, "no such id")
        return self._by_id[schema_id]

    def latest(self, subject: str) -> RegisteredSchema:
        self._answer()
        if subject not in self._by_subject:
            raise UnknownSchema(404, 40401, "no such subject")
        return self._by_subject[subject][-1]

    def _answer(self) -> None:
        if self.is_down:
            raise RegistryUnavailable("http://registry", "connection refused")


@dataclass
class World:
    """A lake, a registry, and the ways to put events into the one and Silver into the other."""

    spark: SparkSession
    lake: Lake
    registry: MemoryRegistry
    progress: list[BatchProgress] = field(default_factory=list)
    _offset: int = 0

    def value(self, name: str, record: dict[str, Any]) -> bytes:
        """A record as it stands on Kafka, in the newest version of its contract."""
        return encode(self.registry.latest(name), record)

    def land(self, values: Sequence[bytes | None], *, topic: str = TOPIC) -> list[int]:
        """Write one file of Bronze; returns the offsets."""
        offsets = list(range(self._offset, self._offset + len(values)))
        self._offset += len(values)
        rows = [_bronze_row(topic, offset, value) for offset, value in zip(offsets, values, strict=True)]
        self.land_rows(rows)
        return offsets

    def land_rows(self, rows: Iterable[tuple[Any, ...]]) -> None:
        frame_ = self.spark.createDataFrame(list(rows), columns_of(COLUMNS))
        frame_.coalesce(1).write.format("delta").mode("append").save(self.lake.bronze)

    def silver(self, *, max_files: int = 1, reached: Callable[[str], None] = lambda _: None, **options: Any) -> None:  # noqa: ANN401 - options of SilverOptions
        """Run Silver over what is new, a file of Bronze a batch."""
        chosen = replace(SilverOptions(once=True, max_files=max_files, max_bytes=""), **options)
        silver.run(self.spark, self.lake, self.registry, chosen, on_progress=self.progress.append, reached=reached)

    def table(self, name: str) -> DataFrame:
        return delta.read(self.spark, self.lake.silver(name))

    def rows(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        """A table's rows, sorted; times are microseconds, so that no zone of this machine gets in between."""
        chosen = self.table(name).select(*columns)
        for column, kind in chosen.dtypes:
            if kind == "timestamp":
                chosen = chosen.selectExpr(
                    *(f"unix_micros({each}) AS {each}" if each == column else each for each in chosen.columns)
                )
        return sorted((tuple(row) for row in chosen.collect()), key=repr)


def encode(schema: RegisteredSchema, record: dict[str, Any]) -> bytes:
    body = io.BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(json.loads(schema.text)), record)
    return frame(schema.id, body.getvalue())


def _bronze_row(topic: str, offset: int, value: bytes | None) -> tuple[Any, ...]:
    framed = value is not None and len(value) >= 5 and value[0] == 0
    schema_id = int.from_bytes(value[1:5]) if framed and value is not None else None
    return (topic, 0, offset, START, 0, None, value, [], schema_id, START, date(2026, 1, 5))


def meta(number: int, at: float, *, late: float = 1.0, sent: float | None = None, app: str = "shop") -> dict[str, Any]:
    """The part that every event has: `number` is its identity, times are hours after START, `late` is in seconds."""
    time = START + timedelta(hours=at)
    return {
        "event_id": str(UUID(int=number)),
        "event_time": time,
        "received_at": time + timedelta(seconds=late),
        "sent_at": None if sent is None else time + timedelta(seconds=sent),
        "source": {"app": app},
        "attributes": {},
    }


def exposure(
    number: int, at: float, unit: str, variant: str, *, key: str = "checkout", late: float = 1.0, **more: object
) -> dict[str, Any]:
    return {
        "meta": meta(number, at, late=late),
        "experiment_key": key,
        "variant_key": variant,
        "unit_id": unit,
        "assignment_reason": "RANDOM",
        "platform": "WEB",
        **more,
    }


def order(number: int, at: float, unit: str, total: str, *, late: float = 1.0, **more: object) -> dict[str, Any]:
    return {
        "meta": meta(number, at, late=late),
        "order_id": f"o-{number}",
        "customer_id": unit,
        "total": Decimal(total),
        "currency": "EUR",
        "item_count": 1,
        **more,
    }


def definition(number: int, *, key: str = "checkout", **more: object) -> dict[str, Any]:
    return {
        "meta": meta(number, 0),
        "experiment_key": key,
        "phase": 1,
        "version": 1,
        "unit_type": "user",
        "exposure_event": "shop.ExperimentExposed",
        "variants": [
            {"variant_key": "control", "weight": Decimal("0.5"), "is_control": True},
            {"variant_key": "treatment", "weight": Decimal("0.5"), "is_control": False},
        ],
        "start_at": START,
        "end_at": START + timedelta(days=14),
        "multiple_exposure": "EXCLUDE",
        "metrics": ["order_conversion", "revenue"],
        "srm_alpha": Decimal("0.001"),
        **more,
    }


EXPOSED, ORDERED, DEFINED = "shop.ExperimentExposed", "shop.OrderCompleted", "tallystick.ExperimentDefined"


@pytest.fixture(scope="session")
def contracts(root: Path) -> dict[str, str]:
    """The text of every message's contract in schemas/."""
    return {contract.name: contract.text for contract in load_catalog(root / "schemas").messages}


@pytest.fixture
def world(spark: SparkSession, tmp_path: Path, contracts: dict[str, str]) -> Iterator[World]:
    """An empty lake, and a registry with the contracts in schemas/."""
    yield make_world(spark, tmp_path, contracts.values())
    forget_tables(spark)


def forget_tables(spark: SparkSession) -> None:
    """Let go of what Delta remembers of every table for an hour: the lakes of hundreds of tests fill the heap."""
    cast("Any", spark)._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


def make_world(spark: SparkSession, folder: Path, texts: Iterable[str]) -> World:
    """An empty lake, and a registry with some contracts."""
    registry = MemoryRegistry()
    for text in texts:
        registry.register(text)
    return World(spark, Lake(str(folder / "lake")), registry)
