"""Held against Confluent's published API description (8.x): every endpoint, every parameter, every field of a body."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient
from tests.registry.conftest import Api, record

from tallystick.api.registry.http.app import create_app, openapi_document
from tallystick.api.registry.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Method, path and query parameters, as the description has them; what it names of associations is not ours.
PUBLISHED = """
GET    /
POST   /
POST   /compatibility/subjects/{subject}/versions              normalize verbose
POST   /compatibility/subjects/{subject}/versions/{version}    normalize verbose
GET    /config                                                 defaultToGlobal
PUT    /config
DELETE /config
GET    /config/{subject}                                       defaultToGlobal
PUT    /config/{subject}
DELETE /config/{subject}
GET    /contexts                                               offset limit contextPrefix
DELETE /contexts/{context}
GET    /mode                                                   defaultToGlobal
PUT    /mode                                                   force
DELETE /mode                                                   recursive
GET    /mode/{subject}                                         defaultToGlobal
PUT    /mode/{subject}                                         force
DELETE /mode/{subject}                                         recursive
GET    /schemas                         subjectPrefix aliases deleted latestOnly ruleType offset limit
GET    /schemas/guids/{guid}                                   format
GET    /schemas/guids/{guid}/ids
GET    /schemas/ids/{schema_id}                                subject format referenceFormat findTags fetchMaxId
GET    /schemas/ids/{schema_id}/schema                         subject format
GET    /schemas/ids/{schema_id}/subjects                       subject deleted offset limit
GET    /schemas/ids/{schema_id}/versions                       subject deleted offset limit
GET    /schemas/types
GET    /subjects                                               subjectPrefix offset limit deleted deletedOnly
POST   /subjects/{subject}                                     normalize format deleted
DELETE /subjects/{subject}                                     permanent
GET    /subjects/{subject}/metadata                            key value format deleted
GET    /subjects/{subject}/versions                            deleted deletedOnly offset limit
POST   /subjects/{subject}/versions                            normalize format
GET    /subjects/{subject}/versions/{version}                  format referenceFormat deleted findTags
DELETE /subjects/{subject}/versions/{version}                  permanent
GET    /subjects/{subject}/versions/{version}/referencedby     deleted offset limit
GET    /subjects/{subject}/versions/{version}/schema           format deleted
POST   /subjects/{subject}/versions/{version}/tags
GET    /v1/metadata/deployment
GET    /v1/metadata/id
GET    /v1/metadata/version
""".strip().splitlines()
BODIES = {
    "SchemaBody": "id metadata propagateSchemaTags references ruleSet schema schemaTagsToAdd schemaTagsToRemove "
    "schemaType version",
    "ConfigBody": "alias aliasForDeks compatibility compatibilityGroup compatibilityPolicy defaultMetadata "
    "defaultRuleSet normalize overrideMetadata overrideRuleSet validateFields validateNewSchemas validateRules",
    "ModeBody": "mode",
    "TagsBody": "metadata newVersion ruleSet rulesToMerge rulesToRemove tagsToAdd tagsToRemove",
    "Metadata": "properties sensitive tags",
    "Rule": "disabled doc expr kind mode name onFailure onSuccess params tags type",
    "RuleSet": "domainRules enableAt encodingRules migrationRules",
    "ReferenceBody": "name subject version",
}
TAGGED = json.dumps(
    {
        "type": "record",
        "name": "T",
        "namespace": "n",
        "confluent:tags": ["WHOLE"],
        "fields": [
            {"name": "mail", "type": "string", "confluent:tags": ["PII", "MAIL"]},
            {
                "name": "home",
                "type": {
                    "type": "record",
                    "name": "Home",
                    "fields": [{"name": "street", "type": "string", "confluent:tags": ["PII"]}],
                },
            },
        ],
    }
)
REFERRING = '{"type":"record","name":"R","fields":[{"name":"t","type":"Target"}]}'
A, B = record(x="int"), '{"type":"record","name":"A","fields":[{"name":"x","type":"int"}],"p":1}'


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi_document()


@pytest.fixture(scope="module")
def shelf(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A registry for questions that change nothing."""
    path = tmp_path_factory.mktemp("shelf") / "registry.db"
    path.write_bytes(migrated.read_bytes())
    with TestClient(create_app(Store(f"sqlite:///{path}"))) as client:
        api = Api(client)
        fill(api)
        yield api


def fill(api: Api) -> None:
    api.put("/config", {"compatibility": "NONE"})
    for number in range(3):
        api.register(f"s{number}", A)
        api.register(f":.c{number}:s", A)
        api.register("s0", record("A", **{f"f{number}": "int"}))
    api.register("target", record("Target"))
    for number in range(3):
        text = REFERRING.replace("R", f"R{number}")
        api.register(f"r{number}", text, references=[{"name": "Target", "subject": "target", "version": 1}])
    api.register("t", TAGGED)
    api.delete("/config")


@pytest.mark.parametrize("line", PUBLISHED, ids=lambda line: " ".join(line.split()[:2]))
def test_every_endpoint_is_there_with_every_parameter(document: dict[str, Any], line: str) -> None:
    method, path, *parameters = line.split()
    operation = document["paths"][path][method.lower()]
    ours = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    assert set(parameters) <= ours


@pytest.mark.parametrize("body", BODIES)
def test_every_field_of_a_body_is_known(document: dict[str, Any], body: str) -> None:
    assert set(BODIES[body].split()) <= set(document["components"]["schemas"][body]["properties"])


PAGED: dict[str, Callable[[Any], Any]] = {
    "/subjects": lambda each: each,
    "/subjects/s0/versions": lambda each: each,
    "/subjects/target/versions/1/referencedby": lambda each: each,
    "/schemas": lambda each: (each["subject"], each["version"]),
    "/schemas/ids/1/subjects": lambda each: each,
    "/schemas/ids/1/versions": lambda each: (each["subject"], each["version"]),
    "/contexts": lambda each: each,
}


@pytest.mark.parametrize("path", PAGED)
def test_every_list_is_paged(shelf: Api, path: str) -> None:
    api = shelf
    whole = [PAGED[path](each) for each in api.get(path)[1]]
    assert len(whole) >= 3
    pages = [api.get(path, offset=start, limit=2)[1] for start in range(0, len(whole) + 2, 2)]
    assert [PAGED[path](each) for page in pages for each in page] == whole
    assert all(len(page) <= 2 for page in pages)
    assert api.get(path, offset=len(whole))[1] == []


def test_a_list_of_schemas_is_the_latest_of_each_or_those_with_a_kind_of_rule(api: Api) -> None:
    rule = {"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}
    api.register("s", A)
    api.register("s", B)
    api.register("t", A, ruleSet={"domainRules": [rule]})
    every = [("s", 1), ("s", 2), ("t", 1)]
    assert [(each["subject"], each["version"]) for each in api.get("/schemas")[1]] == every
    latest = api.get("/schemas", latestOnly="true")[1]
    assert [(each["subject"], each["version"]) for each in latest] == [("s", 2), ("t", 1)]
    ruled = api.get("/schemas", ruleType="CEL")[1]
    assert [each["subject"] for each in ruled] == ["t"]
    assert api.get("/schemas", ruleType="ENCRYPT")[1] == []


WHOLE = {"schemaEntity": {"entityPath": "n.T", "entityType": "SR_RECORD"}, "tags": ["WHOLE"]}
MAIL = {"schemaEntity": {"entityPath": "n.T.mail", "entityType": "SR_FIELD"}, "tags": ["PII", "MAIL"]}
STREET = {"schemaEntity": {"entityPath": "n.Home.street", "entityType": "SR_FIELD"}, "tags": ["PII"]}
SOUGHT: list[tuple[str, list[object]]] = [
    ("findTags=*", [WHOLE, MAIL, STREET]),
    ("findTags=PII", [MAIL, STREET]),
    ("findTags=MAIL&findTags=WHOLE", [WHOLE, MAIL]),
    ("findTags=MAIL,WHOLE", [WHOLE, MAIL]),
    ("findTags=NONE", []),
    ("findTags=", []),
    ("", []),
]


@pytest.mark.parametrize(("query", "expected"), SOUGHT)
@pytest.mark.parametrize("path", ["/schemas/ids/{}", "/subjects/t/versions/1", "/subjects/t/versions/latest"])
def test_tagged_records_and_fields_are_found(shelf: Api, path: str, query: str, expected: list[object]) -> None:
    path = path.format(shelf.get("/subjects/t/versions/1")[1]["id"])
    for _ in range(2):  # the second answer may come from memory
        answer = shelf.client.get(f"{path}?{query}").json()
        assert answer.get("schemaTags", []) == expected
        assert ("schemaTags" in answer) is bool(expected)


def test_the_service_says_what_it_is(api: Api) -> None:
    assert api.get("/") == api.post("/", {}) == (200, {})
    assert api.get("/v1/metadata/id")[1]["scope"]["clusters"]
    assert api.get("/v1/metadata/version")[1]["version"]
    assert api.get("/v1/metadata/deployment") == (200, {"attributes": []})


def holder(kind: object) -> str:
    return json.dumps({"type": "record", "name": "A", "fields": [{"name": "f", "type": kind}]}, separators=(",", ":"))


ENUM = {"type": "enum", "name": "E", "symbols": ["x", "y"]}
FIXED = {"type": "fixed", "name": "F", "size": 4}
DESCRIBED = [
    (
        "FIXED_SIZE_MISMATCH",
        (holder(FIXED), holder({**FIXED, "size": 8})),
        "The size of FIXED type field at path '/fields/0/type/size' in the %s schema does not match with the %s schema",
        "expected: 4, found: 8",
    ),
    (
        "TYPE_MISMATCH",
        (holder("int"), holder("string")),
        "The type (path '/fields/0/type') of a field in the %s schema does not match with the %s schema",
        "reader type: STRING not compatible with writer type: INT",
    ),
    (
        "MISSING_ENUM_SYMBOLS",
        (holder(ENUM), holder({**ENUM, "symbols": ["x"]})),
        "The %s schema is missing enum symbols '[y]' at path '/fields/0/type/symbols' in the %s schema",
        "[y]",
    ),
    (
        "MISSING_UNION_BRANCH",
        (holder(["null", "int"]), holder(["null"])),
        "The %s schema is missing a type inside a union field at path '/fields/0/type/1' in the %s schema",
        "reader union lacking writer type: INT",
    ),
]


@pytest.mark.parametrize(("kind", "pair", "description", "info"), DESCRIBED, ids=[each[0] for each in DESCRIBED])
@pytest.mark.parametrize("level", ["BACKWARD", "FORWARD"])
def test_every_kind_of_incompatibility_is_said_in_confluents_words(
    shelf: Api, kind: str, pair: tuple[str, str], description: str, info: str, level: str
) -> None:
    old, new = pair if level == "BACKWARD" else pair[::-1]
    words = ("new", "old") if level == "BACKWARD" else ("old", "new")
    subject = f"{kind}.{level}"
    shelf.put(f"/config/{subject}", {"compatibility": level})
    shelf.register(subject, old)
    messages = shelf.post(f"/compatibility/subjects/{subject}/versions/latest", {"schema": new}, verbose="true")[1][
        "messages"
    ]
    said = f"{{errorType:'{kind}', description:'{description % words}', additionalInfo:'{info}'}}"
    assert messages == [
        said,
        "{oldSchemaVersion: 1}",
        f"{{oldSchema: '{old}'}}",
        f"{{validateFields: 'false', compatibility: '{level}'}}",
    ]


def test_the_names_that_confluents_python_client_sends_mean_the_same(api: Api) -> None:
    api.register(":.c:target", record("Target"))
    api.register(":.c:r", REFERRING, references=[{"name": "Target", "subject": "target", "version": 1}])
    api.register("gone", A)
    api.delete("/subjects/gone")
    for only in ("deletedOnly", "deleted_only"):
        assert api.get("/subjects", **{only: "True"}) == (200, ["gone"])
        assert api.get("/subjects/gone/versions", **{only: "true"}) == (200, [1])
    for qualified in ("referenceFormat", "reference_format"):
        answer = api.get("/subjects/:.c:r/versions/1", **{qualified: "qualified"})[1]
        assert answer["references"][0]["subject"] == ":.c:target"


def test_a_context_in_the_path_is_the_context_of_every_subject(api: Api) -> None:
    assert api.post("/contexts/.c/subjects/s/versions", {"schema": A})[0] == 200
    assert api.get("/contexts/.c/subjects/s/versions/latest")[1]["subject"] == ":.c:s"
    assert api.post("/contexts/.c/subjects/s", {"schema": A})[1]["version"] == 1
    assert api.post("/contexts/.c/compatibility/subjects/s/versions", {"schema": B})[1] == {"is_compatible": True}
    assert api.put("/contexts/.c/config/s", {"compatibility": "NONE"})[0] == 200
    assert api.get("/config/:.c:s")[1] == {"compatibilityLevel": "NONE"}
    assert api.put("/contexts/.c/mode/s", {"mode": "READONLY"})[0] == 200
    assert api.get("/mode/:.c:s")[1] == {"mode": "READONLY"}
    assert api.get("/contexts/.c/schemas")[1][0]["subject"] == ":.c:s"
    assert api.get("/subjects", subjectPrefix="s")[1] == []


def test_an_alias_leads_to_the_real_subject_everywhere(api: Api) -> None:
    api.register("real", A)
    api.put("/config/alias", {"alias": "real"})
    assert api.post("/subjects/alias", {"schema": A})[1]["subject"] == "real"
    assert api.get("/subjects/alias/versions/1/referencedby") == (200, [])
    assert api.client.get("/subjects/alias/versions/1/schema").text == A
    assert api.post("/compatibility/subjects/alias/versions", {"schema": record(x="string")})[1] == {
        "is_compatible": False
    }
    assert api.post("/subjects/alias/versions", {"schema": B})[1]["version"] == 2
    assert api.get("/subjects")[1] == ["real"]
    assert api.get("/schemas/ids/1", subject="alias")[1]["subject"] == "real"
    assert api.delete("/subjects/alias/versions/1") == (200, 1)
    assert api.get("/subjects/real/versions") == (200, [2])


def test_tagging_merges_and_removes_rules_and_takes_a_version(api: Api) -> None:
    rules = [{"name": name, "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"} for name in "ab"]
    api.register("s", A, ruleSet={"domainRules": rules[:1]})
    path = "/subjects/s/versions/latest/tags"
    merged = api.post(path, {"rulesToMerge": {"domainRules": rules[1:]}, "newVersion": 2})[1]
    assert (merged["version"], [rule["name"] for rule in merged["ruleSet"]["domainRules"]]) == (2, ["a", "b"])
    left = api.post(path, {"rulesToRemove": ["a"], "newVersion": 3})[1]
    assert [rule["name"] for rule in left["ruleSet"]["domainRules"]] == ["b"]
    assert api.error("POST", path, {"ruleSet": {}, "rulesToRemove": ["a"]}) == (
        422,
        42210,
        "ruleSet should be omitted if specifying rulesToMerge or rulesToRemove",
    )
    assert api.error("POST", path, {"metadata": {}, "newVersion": 9})[:2] == (422, 42201)


def test_a_new_version_can_keep_the_tags_of_the_one_before(api: Api) -> None:
    api.register("t", TAGGED)
    plain = json.loads(TAGGED)
    del plain["fields"][0]["confluent:tags"]
    plain["fields"].append({"name": "age", "type": "int", "default": 0})
    for propagate, kept in ((True, ["PII", "MAIL"]), (False, None)):
        text = json.dumps({**plain, "doc": str(propagate)})
        answer = api.post("/subjects/t/versions", {"schema": text, "propagateSchemaTags": propagate})[1]
        assert json.loads(answer["schema"])["fields"][0].get("confluent:tags") == kept


def test_answers_leave_out_what_is_null_or_empty(api: Api) -> None:
    api.register("s", A, references=[], metadata=None, ruleSet=None)
    for path in ("/subjects/s/versions/1", "/schemas/ids/1"):
        answer = api.get(path)[1]
        assert not {"references", "metadata", "ruleSet", "deleted", "schemaTags", "maxId"} & answer.keys()


def test_what_the_table_of_proofs_names_is_there(root: Path) -> None:
    folder = root / "tests" / "registry"
    named = set(re.findall(r"`(test_\w+)`", (folder / "README.md").read_text()))
    written = {name for path in folder.glob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())}
    assert named
    assert named <= written
