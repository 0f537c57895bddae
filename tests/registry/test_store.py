"""The database: what an operator can meet when opening it, and moving everything out and in."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import httpx
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from starlette.testclient import TestClient
from tests.registry.conftest import Api, record

from tallystick.api.registry import tables
from tallystick.api.registry.faults import (
    DatabaseTooNewError,
    DatabaseUnknownError,
    DatabaseUnusableError,
    TransferError,
)
from tallystick.api.registry.http.app import create_app
from tallystick.api.registry.store import Store
from tallystick.api.registry.transfer import export_lines, import_lines
from tallystick.cli.registry import command

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.registry.conftest import Process


def fill(api: Api) -> None:
    api.register("address", record("Address", street="string"))
    text = '{"type":"record","name":"Person","fields":[{"name":"home","type":"Address"}]}'
    api.register("person", text, references=[{"name": "Address", "subject": "address", "version": 1}])
    api.register("s", record(x="int"), metadata={"properties": {"k": "v"}})
    api.register("gone", record("Gone"))
    api.delete("/subjects/gone")
    api.register("lost", record("Lost"))
    api.delete("/subjects/lost")
    api.delete("/subjects/lost", permanent="true")
    api.register(":.c:s", record("C"))
    api.put("/config/s", {"compatibility": "FULL", "normalize": True})
    api.put("/mode/:.c:", {"mode": "READONLY"})


def everything(api: Api) -> object:
    listed = api.get("/schemas", subjectPrefix=":*:", deleted="true")[1]
    settings = [api.get(path)[1] for path in ("/config/s", "/mode/:.c:", "/contexts")]
    return listed, settings


def test_statements_name_the_tables_and_columns_that_the_migrations_make(database: Path) -> None:
    found = sa.inspect(sa.create_engine(f"sqlite:///{database}"))
    made = {name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()}
    del made["alembic_version"]
    named = [getattr(tables, name) for name in tables.__all__]
    assert {table.name: set(table.c.keys()) for table in named} == made


def test_a_newer_database_is_left_alone(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = database.read_bytes()
    with pytest.raises(DatabaseTooNewError, match="newer Tallystick"):
        Store(f"sqlite:///{database}")
    assert database.read_bytes() == before


@pytest.mark.parametrize("url", ["nonsense", "mysql://x", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_is_no_database_of_ours_is_told(url: str) -> None:
    with pytest.raises(DatabaseUnknownError):
        Store(url)


def test_a_folder_that_is_not_there_and_a_file_that_is_no_database_are_told(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is not a database, whatever its name says" * 100)
    for path in (tmp_path / "none" / "x.db", tmp_path / "text.db"):
        with pytest.raises(DatabaseUnusableError, match="cannot be used"):
            Store(f"sqlite:///{path}")


def test_a_read_only_file_is_told_and_nothing_is_damaged(store: Store, api: Api, database: Path) -> None:
    api.register("s", record())
    store.close()
    with pytest.raises(DatabaseUnusableError, match="readonly"):
        Store(f"sqlite:///file:{database}?mode=ro&uri=true")
    with TestClient(create_app(Store(f"sqlite:///{database}"))) as client:
        assert client.get("/subjects").json() == ["s"]


def test_a_locked_database_is_a_503_that_says_so_and_then_all_is_well(api: Api, database: Path) -> None:
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert api.error("POST", "/subjects/s/versions", {"schema": record()})[:2] == (503, 50302)
    assert api.get("/subjects") == (200, [])
    other.execute("ROLLBACK")
    assert api.register("s", record()) == 1


def test_a_full_disk_refuses_the_write_and_keeps_what_is_there(
    store: Store, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    api.register("s", record())
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    big = json.dumps({"type": "enum", "name": "E", "symbols": ["A"], "doc": "x" * 500_000})

    def limit(pages: int) -> None:
        pool = [store._engine.connect() for _ in range(16)]
        for connection in pool:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            connection.close()

    limit(pages + 1)
    status, code, message = api.error("POST", "/subjects/big/versions", {"schema": big})
    assert (status, code) == (507, 50701)
    assert "full" in message
    # Whoever is on call finds the driver's own words in the log, and nothing of what was to be written.
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == 1
    assert "'reason': 'database or disk is full'" in told[0]
    assert "xxx" not in told[0]
    limit(10_000_000)
    assert api.get("/subjects") == (200, ["s"])
    assert api.register("big", big) == 2


def test_everything_goes_out_and_in_again_and_ids_go_on_where_they_were(api: Api, store: Store, tmp_path: Path) -> None:
    fill(api)
    lines = list(export_lines(store))
    copy = Store(f"sqlite:///{tmp_path / 'copy.db'}")
    assert import_lines(copy, lines)["version"] == 5
    assert import_lines(copy, lines)["version"] == 0
    with TestClient(create_app(copy)) as client:
        other = Api(client)
        assert everything(other) == everything(api)
        assert other.register("next", record("Next")) == api.register("next", record("Next")) == 6
    assert [json.loads(line)["kind"] for line in lines].count("schema") == 5


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            '{"kind": "schema", "context": ".", "id": 1, "schema": "\\"int\\""}',
            "line 1 of the import: id 1 .* stands for another schema",
        ),
        (
            '{"kind": "version", "subject": "address", "version": 1, "id": 9, "deleted": false, "ts": 1}',
            "has id 1 here",
        ),
        ("{", "line 1 of the import is broken"),
        ('{"kind": "what"}', "line 1 of the import is broken"),
        ("[]", "line 1 of the import is broken"),
    ],
)
def test_an_import_that_contradicts_what_is_there_changes_nothing(
    api: Api, store: Store, line: str, message: str
) -> None:
    fill(api)
    before = everything(api)
    with pytest.raises(TransferError, match=message):
        import_lines(store, [line])
    assert everything(api) == before


def test_the_commands_export_a_file_and_import_another_registry(
    tmp_path: Path, serve: Callable[..., AbstractContextManager[Process]]
) -> None:
    source = f"sqlite:///{tmp_path / 'source.db'}"
    with serve("--database", source) as process:
        api = Api(httpx.Client(base_url=process.url))
        fill(api)
        held = everything(api)
        taken = f"sqlite:///{tmp_path / 'taken.db'}"
        result = CliRunner().invoke(command, ["import", "--database", taken, "--from", process.url])
        assert result.exit_code == 0, result.output
    exported = tmp_path / "all.jsonl"
    slip = CliRunner().invoke(command, ["export", "--database", f"{source}x", str(exported)])
    assert "there is no database" in str(slip.exception)
    assert not exported.exists()
    assert CliRunner().invoke(command, ["export", "--database", source, str(exported)]).exit_code == 0
    read = f"sqlite:///{tmp_path / 'read.db'}"
    assert CliRunner().invoke(command, ["import", "--database", read, str(exported)]).exit_code == 0
    for url in (taken, read):
        with TestClient(create_app(Store(url))) as client:
            assert everything(Api(client)) == held


@pytest.mark.slow
def test_several_processes_on_one_postgresql_see_each_others_writes_at_once(
    postgres_database: str, serve: Callable[..., AbstractContextManager[Process]]
) -> None:
    url = ("--database", postgres_database)
    with serve(*url) as first, serve(*url) as second:
        one, two = (Api(httpx.Client(base_url=process.url)) for process in (first, second))
        one.put("/config", {"compatibility": "NONE"})
        for number in range(1, 30):
            writer, reader = (one, two) if number % 2 else (two, one)
            text = record(**{f"f{number}": "int"})
            assert writer.register("s", text) == number
            for api in (reader, writer):
                assert api.get("/subjects/s/versions/latest")[1]["schema"] == text
                assert api.get(f"/schemas/ids/{number}")[1]["schema"] == text
        one.delete("/subjects/s")
        assert two.get("/subjects/s/versions/latest")[0] == 404
        one.delete("/subjects/s", permanent="true")
        assert two.get("/schemas/ids/1")[0] == 404
        fill(two)
        assert everything(one) == everything(two)


def test_several_processes_on_one_file_see_each_others_writes_at_once(
    database: Path, serve: Callable[..., AbstractContextManager[Process]]
) -> None:
    url = ("--database", f"sqlite:///{database}")
    with serve(*url) as first, serve(*url) as second:
        one, two = (Api(httpx.Client(base_url=process.url)) for process in (first, second))
        one.put("/config", {"compatibility": "NONE"})
        for number in range(1, 30):
            writer, reader = (one, two) if number % 2 else (two, one)
            text = record(**{f"f{number}": "int"})
            assert writer.register("s", text) == number
            assert reader.get("/subjects/s/versions/latest")[1]["schema"] == text
        one.delete("/subjects/s")
        assert two.get("/subjects/s/versions/latest")[0] == 404
