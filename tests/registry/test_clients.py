"""Confluent's stock Python clients, sync and async, against the real process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from confluent_kafka.schema_registry import (
    AsyncSchemaRegistryClient,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    header_schema_id_serializer,
    record_subject_name_strategy,
)
from confluent_kafka.schema_registry._async.avro import AsyncAvroDeserializer, AsyncAvroSerializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.common.schema_registry_client import (
    Metadata,
    MetadataProperties,
    Rule,
    RuleKind,
    RuleMode,
    RuleParams,
    RuleSet,
    ServerConfig,
)
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext
from tests.registry.conftest import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.registry.conftest import Process

# Their annotations promise None where there is none.
Client: TypeAlias = Any
ORDER = record("Order", id="long", note="string")
VALUE = {"id": 7, "note": "hällo"}
ADDRESS = '{"type":"record","name":"Address","namespace":"n","fields":[{"name":"street","type":"string"}]}'
PERSON = '{"type":"record","name":"Person","namespace":"n","fields":[{"name":"home","type":"n.Address"}]}'


@pytest.fixture
def client(server: Process) -> Client:
    return SchemaRegistryClient({"url": server.url})


def context(headers: list[Any] | None = None) -> SerializationContext:
    return SerializationContext("orders", MessageField.VALUE, headers)


def test_every_call_of_the_sync_client(client: Client) -> None:
    schema = Schema(ORDER, "AVRO")
    schema_id = client.register_schema("a/b", schema)
    assert client.register_schema_full_response("a/b", schema).schema_id == schema_id
    assert client.get_schema(schema_id).schema_str == ORDER
    guid = client.lookup_schema("a/b", schema).guid
    assert client.get_schema_by_guid(guid).schema_str == ORDER
    assert client.get_schema_types() == ["AVRO"]
    assert client.get_subjects_by_schema_id(schema_id) == ["a/b"]
    assert [v.subject for v in client.get_schema_versions(schema_id)] == ["a/b"]
    assert client.get_subjects(subject_prefix="a", deleted=True, deleted_only=False, offset=0, limit=5) == ["a/b"]
    assert client.get_versions("a/b") == [1]
    assert client.get_latest_version("a/b").schema_id == schema_id
    assert client.get_version("a/b", 1).guid == guid
    assert client.get_referenced_by("a/b", 1) == []
    assert client.get_contexts() == ["."]
    assert client.set_compatibility("a/b", "FULL")["compatibility"] == "FULL"
    assert client.get_compatibility("a/b") == "FULL"
    assert client.set_config("a/b", ServerConfig(compatibility_group="g"))["compatibilityGroup"] == "g"
    assert client.get_config("a/b").compatibility_group == "g"
    assert client.delete_config("a/b") is not None
    assert client.test_compatibility("a/b", schema) is True
    assert client.test_compatibility_all_versions("a/b", Schema(record("Order", id="string"), "AVRO")) is False
    assert client.update_mode("a/b", "READONLY") == "READONLY"
    assert client.get_mode("a/b") == "READONLY"
    assert client.delete_mode("a/b") == "READONLY"
    assert client.update_global_mode("READWRITE") == client.get_global_mode() == "READWRITE"
    assert client.delete_version("a/b", 1) == 1
    assert client.delete_subject("a/b", permanent=True) == [] or client.get_subjects() == []


def test_errors_reach_the_client_with_their_codes(client: Client) -> None:
    client.register_schema("s", Schema(ORDER, "AVRO"))
    calls: list[tuple[Callable[[], object], int, int]] = [
        (lambda: client.get_schema(99), 404, 40403),
        (lambda: client.get_version("s", 9), 404, 40402),
        (lambda: client.get_latest_version("none"), 404, 40401),
        (lambda: client.register_schema("s", Schema(record("Order", id="string"), "AVRO")), 409, 409),
        (lambda: client.register_schema("s", Schema("{", "AVRO")), 422, 42201),
    ]
    for call, status, code in calls:
        with pytest.raises(SchemaRegistryError) as caught:
            call()
        assert (caught.value.http_status_code, caught.value.error_code) == (status, code)


def test_serialisers_carry_the_id_in_the_payload(client: Client) -> None:
    serialise, read = AvroSerializer(client, ORDER), AvroDeserializer(client)
    data = serialise(VALUE, context())
    assert data[:5] == b"\x00\x00\x00\x00\x01"
    assert read(data, context()) == VALUE
    assert client.get_subjects() == ["orders-value"]


def test_serialisers_carry_the_guid_in_a_header(client: Client) -> None:
    conf = {"schema.id.serializer": header_schema_id_serializer, "subject.name.strategy": record_subject_name_strategy}
    headers: list[Any] = []
    data = AvroSerializer(client, ORDER, conf=conf)(VALUE, context(headers))
    assert len(headers) == 1
    read = AvroDeserializer(client)
    assert read(data, context(headers)) == VALUE
    assert client.get_subjects() == ["Order"]


def test_serialisers_can_use_a_given_id_and_the_latest_version(client: Client) -> None:
    schema_id = client.register_schema("orders-value", Schema(ORDER, "AVRO"))
    for conf in (
        {"auto.register.schemas": False, "use.schema.id": schema_id},
        {"auto.register.schemas": False, "use.latest.version": True},
        {"auto.register.schemas": False},
        {"normalize.schemas": True},
    ):
        data = AvroSerializer(client, ORDER, conf=conf)(VALUE, context())
        assert AvroDeserializer(client)(data, context()) == VALUE


def test_references_are_followed(client: Client) -> None:
    client.register_schema("address", Schema(ADDRESS, "AVRO"))
    schema = Schema(PERSON, "AVRO", [SchemaReference("n.Address", "address", 1)])
    data = AvroSerializer(client, schema)({"home": {"street": "s"}}, context())
    assert AvroDeserializer(client)(data, context()) == {"home": {"street": "s"}}


def test_metadata_and_rules_come_back_as_they_went(client: Client) -> None:
    rule = Rule(
        "r", "doc", RuleKind.CONDITION, RuleMode.WRITE, "CEL", None, RuleParams({"a": "b"}), "true", None, None, False
    )
    schema = Schema(
        ORDER, "AVRO", [], Metadata(None, MetadataProperties({"owner": "shop"}), None), RuleSet(None, [rule])
    )
    client.register_schema("s", schema)
    found = client.get_latest_version("s").schema
    assert found.metadata.properties.properties == {"owner": "shop"}
    assert found.rule_set.domain_rules[0].to_dict()["params"] == {"a": "b"}
    assert client.get_latest_with_metadata("s", {"owner": "shop"}).version == 1


def test_the_async_client_and_its_serialisers(server: Process) -> None:
    async def work() -> None:
        client = AsyncSchemaRegistryClient({"url": server.url})
        serialise, read = await AsyncAvroSerializer(client, ORDER), await AsyncAvroDeserializer(client)
        data = await serialise(VALUE, context())
        assert await read(data, context()) == VALUE
        assert await client.get_subjects() == ["orders-value"]
        assert (await client.get_latest_version("orders-value")).version == 1
        assert await client.test_compatibility("orders-value", Schema(ORDER, "AVRO")) is True

    asyncio.run(work())


def test_the_async_client_carries_guids_references_metadata_and_rules(server: Process) -> None:
    async def work() -> None:
        client: Client = AsyncSchemaRegistryClient({"url": server.url})
        conf = {"schema.id.serializer": header_schema_id_serializer}
        await client.register_schema("address", Schema(ADDRESS, "AVRO"))
        person = Schema(PERSON, "AVRO", [SchemaReference("n.Address", "address", 1)])
        serialise, read = await AsyncAvroSerializer(client, person, conf=conf), await AsyncAvroDeserializer(client)
        headers: list[Any] = []
        data = await serialise({"home": {"street": "Baker Street"}}, context(headers))
        assert len(headers) == 1
        assert await read(data, context(headers)) == {"home": {"street": "Baker Street"}}
        rule = Rule("r", None, RuleKind.CONDITION, RuleMode.WRITE, "CEL", None, None, "true", None, None, False)
        owned = Metadata(None, MetadataProperties({"owner": "shop"}), None)
        await client.register_schema("s", Schema(ORDER, "AVRO", [], owned, RuleSet(None, [rule])))
        found = await client.get_latest_with_metadata("s", {"owner": "shop"})
        assert found.version == 1
        assert [each.name for each in found.schema.rule_set.domain_rules] == ["r"]

    asyncio.run(work())
