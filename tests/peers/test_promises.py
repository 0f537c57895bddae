"""What Tallystick asks of a registry, asked of every one of them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from starlette.testclient import TestClient

from tallystick.api.ingestion.feed import RegistryLoader
from tallystick.api.registry.http.app import create_app
from tallystick.api.registry.store import Store
from tallystick.contracts import Catalog, contract_hash, frame, load_catalog, parse
from tallystick.dev.registration import Outcome, register_all
from tallystick.events.shop import OrderCompleted
from tallystick.sdk.registry import IncompatibleSchema, RegistryClient, RegistryError, UnknownSchema
from tallystick.streaming.silver.plan import plan

if TYPE_CHECKING:
    from pathlib import Path

    from tests.peers.conftest import Peer

NONSENSE: Final = 2_000_000_000
OPTIONAL: Final = {"type": ["null", "string"], "default": None}


def fresh() -> str:
    """A subject that no test has used: the registries live as long as the run."""
    return f"t{uuid4().hex}.Thing"


def record(name: str, **fields: object) -> str:
    """A record whose fields have types, or types and defaults."""
    listed = [{"name": field, **(kind if isinstance(kind, dict) else {"type": kind})} for field, kind in fields.items()]
    return json.dumps({"type": "record", "name": name, "doc": "Ünïcode “doc”.", "role": ["kept"], "fields": listed})


def test_an_id_leads_back_to_the_schema_its_subject_and_its_version(client: RegistryClient) -> None:
    name = fresh()
    there = client.register(name, record(name, x="int"))
    found = client.schema_by_id(there.id)
    assert (found.id, found.subject, found.version) == (there.id, name, 1)
    assert contract_hash(parse(found.text)) == contract_hash(parse(record(name, x="int")))
    assert json.loads(found.text)["role"] == ["kept"]


def test_registering_again_changes_nothing(client: RegistryClient) -> None:
    name = fresh()
    text = record(name, x="int")
    there = client.register(name, text)
    again = client.register(name, text)
    assert (again.id, again.version, client.versions(name)) == (there.id, 1, (1,))
    assert client.lookup(name, text).id == there.id
    assert name in client.subjects()


def test_versions_are_counted_and_each_keeps_its_text(client: RegistryClient) -> None:
    name = fresh()
    client.set_compatibility(name, "BACKWARD_TRANSITIVE")
    texts = [record(name, x=kind) for kind in ("int", "long", "double")]
    ids = [client.register(name, text).id for text in texts]
    assert len(set(ids)) == len(texts)
    assert client.versions(name) == (1, 2, 3)
    assert [parse(client.version(name, n).text).canonical for n in (1, 2, 3)] == [parse(t).canonical for t in texts]
    newest = client.latest(name)
    assert (newest.version, newest.id) == (3, ids[-1])


def test_what_is_not_there_is_unknown(client: RegistryClient) -> None:
    name = fresh()
    client.register(name, record(name, x="int"))
    for ask in (
        lambda: client.schema_by_id(NONSENSE),
        lambda: client.latest(fresh()),
        lambda: client.versions(fresh()),
        lambda: client.version(name, 9),
        lambda: client.lookup(name, record(name, y="int")),
        lambda: client.lookup(fresh(), record(name, x="int")),
    ):
        with pytest.raises(UnknownSchema):
            ask()


def test_what_breaks_readers_is_refused(client: RegistryClient, peer: Peer) -> None:
    name = fresh()
    client.register(name, record(name, x="int"))
    client.set_compatibility(name, "FULL_TRANSITIVE")
    broken = record(name, x="int", y="string")
    with pytest.raises(IncompatibleSchema) as refused:
        client.register(name, broken)
    assert (refused.value.status, refused.value.code) == (409, peer.incompatible_code)
    verdict = client.compatible(name, broken)
    assert not verdict
    assert bool(verdict.messages) is peer.explains
    assert client.compatible(name, record(name, x="int", y={"type": "string", "default": ""}))
    assert client.compatible(fresh(), broken)
    assert client.versions(name) == (1,)


def test_what_is_no_schema_is_refused(client: RegistryClient) -> None:
    with pytest.raises(RegistryError) as refused:
        client.register(fresh(), '{"type":"record"}')
    assert refused.value.status == 422


def test_every_contract_goes_in_and_its_successor_is_judged(client: RegistryClient, root: Path) -> None:
    catalog = load_catalog(root / "schemas")
    assert Outcome.REFUSED not in {each.outcome for each in register_all(catalog.messages, client)}
    again = list(register_all(catalog.messages, client))
    assert {each.outcome for each in again} == {Outcome.UNCHANGED}
    assert len({each.id for each in again}) == len(again)
    grown = json.loads(OrderCompleted.SCHEMA)
    grown["fields"].append({"name": "shelf", "type": "string"})
    changed = Catalog.of_texts({OrderCompleted.SUBJECT: json.dumps(grown)})
    (refused,) = register_all(changed.contracts, client)
    assert refused.outcome is Outcome.REFUSED
    assert "shelf" in " ".join(refused.reasons)


def test_the_command_tells_what_became_of_every_contract(peer: Peer, root: Path) -> None:
    command = [sys.executable, "-m", "tallystick.cli", "register", "--registry", peer.url, "--format", "json"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = {each["subject"]: each for each in json.loads(done.stdout)["subjects"]}
    assert set(found) == {each.subject for each in load_catalog(root / "schemas").messages}
    assert all(each["id"] and each["version"] for each in found.values())


def test_the_api_knows_events_by_their_contracts_hash(client: RegistryClient, root: Path) -> None:
    ids = {each.subject: each.id for each in register_all(load_catalog(root / "schemas").messages, client)}
    loader = RegistryLoader(client)
    catalogue = loader.load()
    key = (OrderCompleted.SUBJECT, OrderCompleted.CONTRACT_HASH)
    assert catalogue.ids[key] == ids[OrderCompleted.SUBJECT]
    assert OrderCompleted.SUBJECT in catalogue.events


def test_spark_finds_how_to_read_every_id(client: RegistryClient, root: Path) -> None:
    there = list(register_all(load_catalog(root / "schemas").messages, client))
    found = plan([*(each.id for each in there), NONSENSE], client)
    assert {reading.contract.name for reading in found.readings} == {each.subject for each in there}
    assert {schema_id: fault.reason for schema_id, fault in found.faults.items()} == {NONSENSE: "UNKNOWN_SCHEMA"}


def test_ours_takes_over_another_registry_with_its_ids(client: RegistryClient, peer: Peer, tmp_path: Path) -> None:
    name = fresh()
    client.set_compatibility(name, "FULL")
    ids = [client.register(name, record(name, x="int", **more)).id for more in ({}, {"y": OPTIONAL})]
    database = f"sqlite:///{tmp_path / 'ours.db'}"
    command = [sys.executable, "-m", "tallystick.cli", "registry", "import", "--database", database, "--from", peer.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    store = Store(database)
    with TestClient(create_app(store)) as ours:
        there = [ours.get(f"/subjects/{name}/versions/{number}").json() for number in (1, 2)]
        level = ours.get(f"/config/{name}").json()["compatibilityLevel"]
    assert [each["id"] for each in there] == ids
    assert [parse(each["schema"]).canonical for each in there] == [
        parse(client.schema_by_id(i).text).canonical for i in ids
    ]
    assert level == "FULL"


def test_a_stock_deserialiser_reads_what_we_frame(client: RegistryClient, peer: Peer) -> None:
    name = fresh()
    there = client.register(name, record(name, x="int"))
    context = SerializationContext("things", MessageField.VALUE)
    read: Any = AvroDeserializer(SchemaRegistryClient({"url": peer.url}))
    assert read(frame(there.id, b"\x54"), context) == {"x": 42}
