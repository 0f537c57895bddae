"""What an id stands for: metadata, rules, references, tags, normal forms, guids, and checks with messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.registry.conftest import record

if TYPE_CHECKING:
    from tests.registry.conftest import Api

A = record(x="int")
ADDRESS = '{"type":"record","name":"Address","namespace":"n","fields":[{"name":"street","type":"string"}]}'
PERSON = '{"type":"record","name":"Person","namespace":"n","fields":[{"name":"home","type":"n.Address"}]}'
PERSON_STORED = PERSON.replace('"n.Address"', '"Address"')
RULE = {"name": "r", "kind": "TRANSFORM", "mode": "WRITEREAD", "type": "ENCRYPT"}


def reference(version: int = 1, subject: str = "address") -> list[dict[str, Any]]:
    return [{"name": "n.Address", "subject": subject, "version": version}]


def test_metadata_and_rules_are_part_of_the_content(api: Api) -> None:
    plain = api.register("s", A)
    with_metadata = api.register("s", A, metadata={"properties": {"k": "v"}})
    with_rules = api.register("s", A, metadata={"properties": {"k": "v"}}, ruleSet={"domainRules": [RULE]})
    assert [plain, with_metadata, with_rules] == [1, 2, 3]
    stored = api.get("/subjects/s/versions/3")[1]
    assert stored["metadata"] == {"properties": {"k": "v"}}
    assert stored["ruleSet"] == {"domainRules": [{**RULE, "disabled": False}]}
    assert len({api.get(f"/schemas/ids/{i}")[1]["guid"] for i in (1, 2, 3)}) == 3


def test_absent_metadata_is_inherited_and_lookup_finds_the_version_that_has_it(api: Api) -> None:
    api.put("/config/s", {"compatibility": "NONE"})
    api.register("s", A, metadata={"properties": {"k": "v"}})
    assert api.register("s", A) == 1
    assert api.post("/subjects/s", {"schema": A})[1]["metadata"] == {"properties": {"k": "v"}}
    api.register("s", record(y="int"))
    assert api.get("/subjects/s/versions/2")[1]["metadata"] == {"properties": {"k": "v"}}


def test_an_empty_text_with_metadata_copies_the_previous_text(api: Api) -> None:
    api.register("s", A)
    status, answer = api.post("/subjects/s/versions", {"metadata": {"properties": {"k": "v"}}})
    assert (status, answer["version"], answer["schema"]) == (200, 2, A)


def test_metadata_is_searched_for_the_newest_superset(api: Api) -> None:
    api.put("/config/s", {"compatibility": "NONE"})
    api.register("s", record(f1="int"), metadata={"properties": {"n": "1", "k": "v"}})
    api.register("s", record(f2="int"), metadata={"properties": {"n": "2", "k": "v"}})
    assert api.get("/subjects/s/metadata", key="k", value="v")[1]["version"] == 2
    assert api.client.get("/subjects/s/metadata?key=k&value=v&key=n&value=1").json()["version"] == 1
    assert api.error("GET", "/subjects/s/metadata?key=k&value=w") == (404, 40403, "Schema not found")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"domainRules": [RULE, RULE]}, "Found rule with duplicate name 'r'"),
        ({"domainRules": [{**RULE, "mode": "UPGRADE"}]}, "Domain rules can only be WRITE, READ, WRITEREAD"),
        ({"migrationRules": [RULE]}, "Migration rules can only be UPGRADE, DOWNGRADE, UPDOWN"),
        ({"domainRules": [{**RULE, "name": "1x"}]}, "Illegal initial character in rule name"),
        ({"domainRules": [{**RULE, "name": ""}]}, "Empty rule name"),
        ({"domainRules": [{"name": "r", "mode": "READ"}]}, "Missing rule type"),
    ],
)
def test_a_rule_set_that_contradicts_itself_is_refused(api: Api, rules: object, message: str) -> None:
    assert api.error("POST", "/subjects/s/versions", {"schema": A, "ruleSet": rules}) == (422, 42210, message)
    assert api.error("PUT", "/config/s", {"defaultRuleSet": rules})[:2] == (422, 42210)


def test_references_are_kept_resolved_and_protected(api: Api) -> None:
    api.register("address", ADDRESS)
    assert api.register("person", PERSON, references=reference()) == 2
    stored = api.get("/subjects/person/versions/1")[1]
    assert stored["schema"] == PERSON_STORED
    assert stored["references"] == reference()
    resolved = json.loads(api.get("/subjects/person/versions/1", format="resolved")[1]["schema"])
    assert resolved["fields"][0]["type"]["name"] == "Address"
    assert api.get("/subjects/address/versions/1/referencedby") == (200, [2])
    held = (
        422,
        42206,
        "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=address,version=1}.",
    )
    assert api.error("DELETE", "/subjects/address") == held
    assert api.error("DELETE", "/subjects/address/versions/1") == held
    api.delete("/subjects/person")
    assert api.delete("/subjects/address") == (200, [1])
    assert api.error("DELETE", "/subjects/address?permanent=true") == held


def test_a_reference_to_the_latest_is_stored_as_its_number(api: Api) -> None:
    api.register("address", ADDRESS)
    api.register("person", PERSON, references=reference(-1))
    assert api.get("/subjects/person/versions/1")[1]["references"] == reference(1)
    assert api.register("person", PERSON, references=reference(1)) == 2


def test_references_stay_within_the_context_and_are_qualified_on_request(api: Api) -> None:
    api.register(":.c:address", ADDRESS)
    api.register(":.c:person", PERSON, references=reference())
    path = "/subjects/:.c:person/versions/1"
    assert api.get(path)[1]["references"] == reference()
    assert api.get(path, referenceFormat="qualified")[1]["references"] == reference(subject=":.c:address")


def test_a_missing_reference_and_a_bad_text_are_invalid_schemas(api: Api) -> None:
    assert api.error("POST", "/subjects/p/versions", {"schema": PERSON, "references": reference()})[:2] == (422, 42201)
    for text in ("{", '"nope"', '{"type":"record","name":"A"}', "[1]", PERSON):
        assert api.error("POST", "/subjects/p/versions", {"schema": text})[:2] == (422, 42201)


def test_a_schema_sent_with_everything_inlined_is_found(api: Api) -> None:
    api.register("address", ADDRESS)
    api.register("person", PERSON, references=reference())
    text = api.get("/subjects/person/versions/1", format="resolved")[1]["schema"]
    assert api.post("/subjects/person", {"schema": text})[1]["version"] == 1
    assert api.register("person", text) == 2


def test_normal_forms_make_one_of_many_spellings(api: Api) -> None:
    def spelling(aliases: list[str], **props: int) -> str:
        return json.dumps({"type": "record", "name": "A", "aliases": aliases, "fields": [], **props})

    assert api.register("s", spelling(["b", "a"], z=1, y=2)) == 1
    normal = [
        api.post("/subjects/t/versions", {"schema": text}, normalize="true")[1]
        for text in (spelling(["b", "a"], z=1, y=2), spelling(["a", "b"], y=2, z=1))
    ]
    assert normal[0]["id"] == normal[1]["id"] == 2
    assert normal[0]["schema"] == '{"type":"record","name":"A","fields":[],"y":2,"z":1,"aliases":["a","b"]}'
    api.put("/config/u", {"normalize": True})
    assert api.register("u", spelling(["b", "a"], z=1, y=2)) == 2


def test_a_guid_finds_the_schema_and_its_ids(api: Api) -> None:
    api.register("s", A)
    api.register(":.c:s", A)
    guid = api.get("/schemas/ids/1")[1]["guid"]
    status, answer = api.get(f"/schemas/guids/{guid}")
    assert (status, answer["schema"], answer["id"]) == (200, A, 1)
    assert "subject" not in answer
    assert api.get(f"/schemas/guids/{guid}/ids")[1] == [{"context": ".", "id": 1}, {"context": ".c", "id": 1}]


def test_an_answer_by_id_names_a_place_and_the_id(api: Api) -> None:
    api.register("s", A)
    api.register("t", A)
    assert [api.get("/schemas/ids/1", **q)[1]["subject"] for q in ({}, {"subject": "t"})] == ["s", "t"]
    answer = api.get("/schemas/ids/1", fetchMaxId="true")[1]
    assert (answer["id"], answer["version"], answer["maxId"]) == (1, 1, 1)
    assert api.client.get("/schemas/ids/1/schema").text == A
    assert api.get("/schemas/ids/1/subjects")[1] == ["s", "t"]
    assert api.get("/schemas/ids/1/versions")[1] == [{"subject": "s", "version": 1}, {"subject": "t", "version": 1}]


def test_tags_make_a_new_version_with_the_tags_in_the_text(api: Api) -> None:
    api.register("s", A)
    body = {"tagsToAdd": [{"schemaEntity": {"entityPath": "A.x", "entityType": "SR_FIELD"}, "tags": ["PII"]}]}
    status, answer = api.post("/subjects/s/versions/1/tags", body)
    assert (status, answer["version"], answer["id"]) == (200, 2, 2)
    assert json.loads(answer["schema"])["fields"][0]["confluent:tags"] == ["PII"]
    assert answer["metadata"] == {"properties": {"confluent:version": "2"}}
    status, answer = api.post("/subjects/s/versions/latest/tags", {"tagsToRemove": body["tagsToAdd"]})
    assert (status, answer["version"], json.loads(answer["schema"])) == (200, 3, json.loads(A))
    wrong = {"tagsToAdd": [{"schemaEntity": {"entityPath": "A.nope", "entityType": "SR_FIELD"}, "tags": ["PII"]}]}
    assert api.error("POST", "/subjects/s/versions/1/tags", wrong)[:2] == (422, 42201)


def test_a_version_that_is_asked_for_must_be_the_next(api: Api) -> None:
    assert api.post("/subjects/s/versions", {"schema": A, "version": 1})[1]["version"] == 1
    assert api.post("/subjects/s/versions", {"schema": A, "version": -1})[1]["version"] == 1


MISSING = (
    "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field '%s' at path '%s' in the %s schema has no "
    "default value and is missing in the %s schema', additionalInfo:'%s'}"
)
RENAMED = (
    "{errorType:'NAME_MISMATCH', description:'The name of the schema has changed (path '/name')', "
    "additionalInfo:'expected: A'}"
)
OLD = ["{oldSchemaVersion: 1}", f"{{oldSchema: '{A}'}}"]
VERBOSE = [
    (
        "FULL",
        record(x="int", y="int"),
        [MISSING % ("y", "/fields/1", "new", "old", "y"), *OLD, "{validateFields: 'false', compatibility: 'FULL'}"],
    ),
    (
        "FULL",
        '{"type":"record","name":"A","fields":[]}',
        [MISSING % ("x", "/fields/0", "old", "new", "x"), "{validateFields: 'false', compatibility: 'FULL'}"],
    ),
    ("BACKWARD", record("B", x="int"), [RENAMED, *OLD, "{validateFields: 'false', compatibility: 'BACKWARD'}"]),
    ("NONE", record("B", y="string"), []),
]


@pytest.mark.parametrize(("level", "text", "messages"), VERBOSE)
def test_a_check_says_what_confluents_server_says(api: Api, level: str, text: str, messages: list[str]) -> None:
    api.put("/config/s", {"compatibility": level})
    api.register("s", A)
    for version in ("/1", "/latest", ""):
        path = f"/compatibility/subjects/s/versions{version}"
        assert api.post(path, {"schema": text}, verbose="true")[1] == {
            "is_compatible": not messages,
            "messages": messages,
        }
        assert api.post(path, {"schema": text})[1] == {"is_compatible": not messages}


def test_a_check_of_an_unknown_subject_is_compatible_and_of_an_unknown_version_is_not_found(api: Api) -> None:
    assert api.post("/compatibility/subjects/no/versions/latest", {"schema": A}) == (200, {"is_compatible": True})
    assert api.error("POST", "/compatibility/subjects/no/versions/1", {"schema": A}) == (
        404,
        40402,
        "Version 1 not found.",
    )
    assert api.error("POST", "/compatibility/subjects/no/versions/latest", {"schema": "{"})[:2] == (422, 42201)
    verbose = api.post("/compatibility/subjects/no/versions/latest", {"schema": "{"}, verbose="true")[1]
    assert verbose["is_compatible"] is False
    assert len(verbose["messages"]) == 1


def test_transitive_levels_look_at_every_live_version(api: Api) -> None:
    optional = json.dumps(
        {"type": "record", "name": "A", "fields": [{"name": "y", "type": "int", "default": 0}]}, separators=(",", ":")
    )
    api.register("s", record(y="string"))
    api.register("s", '{"type":"record","name":"A","fields":[]}')
    assert api.post("/compatibility/subjects/s/versions", {"schema": optional})[1]["is_compatible"] is True
    api.put("/config/s", {"compatibility": "BACKWARD_TRANSITIVE"})
    assert api.error("POST", "/subjects/s/versions", {"schema": optional})[0] == 409
    api.delete("/subjects/s/versions/1")
    assert api.register("s", optional) == 3
