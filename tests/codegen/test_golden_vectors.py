"""Golden vectors: kept for every version, and made and read alike by the SDK, the API, Java, fastavro and Spark."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastavro
import pytest

from tallystick.api.ingestion.intake import intake_of
from tallystick.cli._events import class_of
from tallystick.cli._golden import FOLDER, Vectors, place_of, vectors_of
from tallystick.contracts import Catalog, load_catalog, parse
from tallystick.contracts.types import Map, Union, walk
from tallystick.sdk.errors import DecodeError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from tests.codegen.conftest import JavaAvro

    from tallystick.sdk.record import Record

SCHEMAS = Path(__file__).parents[2] / "schemas"
GOLDEN = [Vectors.read(path) for path in sorted((SCHEMAS / FOLDER).glob("*/*.json"))]
EACH = pytest.mark.parametrize("golden", GOLDEN, ids=lambda each: f"{each.event} {each.contract_hash[:8]}")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(SCHEMAS)


def test_every_message_of_today_has_vectors(catalog: Catalog) -> None:
    known = {(each.event, each.contract_hash) for each in GOLDEN}
    missing = {each.name for each in catalog.messages if (each.name, each.contract_hash) not in known}
    assert missing == set(), "run: tallystick golden"


@EACH
def test_the_sdk_makes_and_reads_them(golden: Vectors, catalog: Catalog) -> None:
    own = class_of(golden.schema, golden.event)
    present = class_of(catalog[golden.event].text, golden.event)
    for _, plain, body in golden.vectors:
        record = own.from_plain(plain)
        assert record.to_avro() == body
        assert own.from_avro(body) == record
        assert own.from_avro(body).to_plain() == plain
        refusal = _refusal(present, body, golden)
        # What an older version let through may break a rule that has come since; nothing else may keep it out.
        assert refusal == "" or ("rule:" in refusal and golden.contract_hash != present.CONTRACT_HASH)


def _refusal(cls: type[Record], body: bytes, golden: Vectors) -> str:
    try:
        cls.from_avro(body, writer=golden.schema)
    except DecodeError as error:
        return str(error)
    return ""


@EACH
def test_the_api_makes_them_of_what_is_sent(golden: Vectors) -> None:
    (contract,) = Catalog.of_texts({"registry": golden.schema})
    intake = intake_of(contract, class_of(golden.schema, golden.event), version=1, schema_id=1)
    for _, plain, body in golden.vectors:
        event = intake.event.from_json(json.dumps(plain).encode())
        assert event.to_avro() == body
        assert str(intake.values(event)["event_id"]) in json.dumps(plain)


@EACH
def test_fastavro_reads_them_and_writes_the_same(golden: Vectors) -> None:
    schema = fastavro.parse_schema(json.loads(golden.schema))
    for _, _, body in golden.vectors:
        out = io.BytesIO()
        fastavro.schemaless_writer(out, schema, fastavro.schemaless_reader(io.BytesIO(body), schema, None))
        assert out.getvalue() == body


@EACH
@pytest.mark.java
def test_java_reads_them_and_writes_the_same(golden: Vectors, java_avro: JavaAvro) -> None:
    own = class_of(golden.schema, golden.event)
    # Java forgets a map's order, and which of two alike branches it was.
    is_unmistakable = not any(isinstance(each, (Map, Union)) for each in walk(parse(golden.schema).root))
    for _, _, body in golden.vectors:
        again = java_avro.convert(body, writer=golden.schema, reader=golden.schema, decimals=True)
        assert again is not None
        assert len(again) == len(body)
        assert own.from_avro(again) == own.from_avro(body)
        assert again == body or not is_unmistakable


@pytest.mark.spark
def test_spark_reads_them(spark: SparkSession) -> None:
    from pyspark.sql import functions as sf
    from pyspark.sql.avro.functions import from_avro

    for golden in GOLDEN:
        rows = [(name, body) for name, _, body in golden.vectors]
        decoded = spark.createDataFrame(rows, "name string, body binary").select(
            "name", sf.to_json(from_avro("body", golden.schema, {"mode": "FAILFAST"})).alias("text")
        )
        texts = {row["name"]: json.loads(row["text"]) for row in decoded.collect()}
        for name, plain, _ in golden.vectors:
            assert _texts_in(texts[name]) == _texts_in(plain), (golden.event, name)


def _texts_in(value: Any) -> list[str]:  # noqa: ANN401 -- JSON
    """The texts of an event, but for times, whose form is each engine's own; Spark leaves out what is null."""
    if isinstance(value, dict):
        return [text for key in sorted(value) for text in _texts_in(value[key])]
    if isinstance(value, list):
        return [text for each in value for text in _texts_in(each)]
    return [value] if isinstance(value, str) and value[4:5] != "-" and not _is_number(value) else []


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()


# --- the command -----------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    return tmp_path


def tallystick(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tallystick.cli", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)


def test_a_new_version_gets_vectors_and_the_old_ones_stay(project: Path) -> None:
    path = project / "schemas" / "shop" / "PageViewed.avsc"
    schema = json.loads(path.read_text())
    schema["fields"].append({"name": "scroll_depth", "type": ["null", "int"], "doc": "How far.", "default": None})
    path.write_text(json.dumps(schema))
    old = {each: each.read_bytes() for each in (project / "schemas" / FOLDER / "shop.PageViewed").iterdir()}
    checked = tallystick("golden", "--check", cwd=project)
    assert checked.returncode == 1
    assert "missing, though shop.PageViewed is of this version: run tallystick golden" in checked.stdout
    assert tallystick("golden", cwd=project).returncode == 0
    present = {each: each.read_bytes() for each in (project / "schemas" / FOLDER / "shop.PageViewed").iterdir()}
    assert len(present) == len(old) + 1
    assert old.items() <= present.items()
    assert tallystick("golden", "--check", cwd=project).returncode == 0


def test_vectors_that_no_longer_hold_are_told_by_name(project: Path) -> None:
    catalog = load_catalog(project / "schemas")
    page = place_of(project / "schemas", catalog["shop.PageViewed"])
    stated = json.loads(page.read_text())
    stated["vectors"][0]["hex"] += "00"
    stated["vectors"][1]["json"]["page_path"] = "/other"
    page.write_text(json.dumps(stated))
    order = place_of(project / "schemas", catalog["shop.OrderCompleted"])
    order.write_text(order.read_text().replace('"PSEUDONYM', '"PII'))
    broken = project / "schemas" / FOLDER / "shop.PageViewed" / "0.json"
    broken.write_text("{")
    told = tallystick("golden", "--check", cwd=project)
    assert told.returncode == 1
    assert "`typical` is written in other bytes now" in told.stdout
    assert "`least` is written in other bytes now" in told.stdout
    assert f"{order.name} holds another schema than its contract_hash says" in told.stdout
    assert f"{broken.name} holds no golden vectors" in told.stdout
    assert "Traceback" not in told.stderr


def test_vectors_are_a_function_of_the_version_alone(catalog: Catalog) -> None:
    contract = catalog["shop.OrderCompleted"]
    assert vectors_of(contract).text == vectors_of(contract).text


# --- mock --------------------------------------------------------------------------------------------


def test_mock_makes_events_of_contracts_that_nobody_has_generated(project: Path, catalog: Catalog) -> None:
    cls = class_of(catalog["shop.OrderCompleted"].text, "shop.OrderCompleted")
    made = tallystick("mock", "OrderCompleted", "--count", "3", "--seed", "7", cwd=project)
    events = [json.loads(line) for line in made.stdout.splitlines()]
    assert [each.pop("type") for each in events] == ["shop.OrderCompleted"] * 3
    records = [cls.from_plain(each) for each in events]
    bytes_ = tallystick("mock", "shop.OrderCompleted", "--count", "3", "--seed", "7", "--format", "avro", cwd=project)
    assert [cls.from_avro(bytes.fromhex(line)) for line in bytes_.stdout.splitlines()] == records


def test_mock_says_of_each_wrong_event_what_is_wrong(project: Path, catalog: Catalog) -> None:
    cls = class_of(catalog["shop.PageViewed"].text, "shop.PageViewed")
    made = tallystick("mock", "PageViewed", "--invalid", "--count", "5", cwd=project)
    for line in made.stdout.splitlines():
        told = json.loads(line)
        assert told["mistake"]
        assert any(error["path"].startswith(told["path"]) for error in told["errors"])
        del told["event"]["type"]
        with pytest.raises(ValueError, match="validation error"):
            cls.from_plain(told["event"])
    assert len(made.stdout.splitlines()) == 5


def test_mock_tells_a_slip_in_one_line(project: Path) -> None:
    done = tallystick("mock", "OrderCompletd", cwd=project)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        "tallystick: there is no contract OrderCompletd: did you mean `OrderCompleted`?"
    )
