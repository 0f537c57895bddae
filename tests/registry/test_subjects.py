"""Subjects and versions: registering, reading, deleting, as Confluent's API has it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from tests.registry.conftest import Api

from tallystick.api.registry.http.app import create_app
from tallystick.api.registry.store import Store

if TYPE_CHECKING:
    from pathlib import Path

A = '{"type":"record","name":"A","fields":[{"name":"x","type":"int"}]}'
B = '{"type":"record","name":"A","fields":[{"name":"x","type":"int"},{"name":"y","type":"int","default":0}]}'
BAD = '{"type":"record","name":"A","fields":[{"name":"x","type":"string"}]}'


def test_an_answer_to_register_carries_everything_but_the_subject(api: Api) -> None:
    status, answer = api.post("/subjects/s/versions", {"schema": f" {A} "})
    assert status == 200
    assert answer.pop("ts") > 1_600_000_000_000
    assert answer == {
        "version": 1,
        "id": 1,
        "guid": "ae0b2e64-33d5-3689-0cdb-9814614e3463",
        "schemaType": "AVRO",
        "schema": A,
    }


def test_registering_again_changes_nothing(api: Api) -> None:
    assert [api.register("s", A) for _ in range(3)] == [1, 1, 1]
    assert api.get("/subjects/s/versions") == (200, [1])


def test_one_content_has_one_id_whatever_the_subject(api: Api) -> None:
    assert (api.register("s", A), api.register("t", A), api.register("t", B)) == (1, 1, 2)


def test_a_version_is_read_by_number_and_by_name_in_any_case(api: Api) -> None:
    api.register("s", A)
    api.register("s", B)
    found = {v: api.get(f"/subjects/s/versions/{v}")[1]["version"] for v in ("1", "2", "latest", "LATEST", "-1")}
    assert found == {"1": 1, "2": 2, "latest": 2, "LATEST": 2, "-1": 2}
    assert api.client.get("/subjects/s/versions/2/schema").text == B
    status, body = api.get("/subjects/s/versions/2")
    assert (status, body["subject"], body["id"], body["schema"]) == (200, "s", 2, B)


@pytest.mark.parametrize("subject", ["a%2Fb", "a%20b", "%C3%A4", "a%252Fb", "a+b", "a:b", "100%25", "a%3Fb"])
def test_a_subject_may_hold_any_character(api: Api, subject: str) -> None:
    api.register(subject, A)
    listed = api.get("/subjects")[1]
    assert len(listed) == 1
    assert api.get(f"/subjects/{subject}/versions/latest")[1]["subject"] == listed[0]


ERRORS = [
    ("GET", "/subjects/none/versions", None, (404, 40401, "Subject 'none' not found.")),
    ("GET", "/subjects/none/versions/1", None, (404, 40401, "Subject 'none' not found.")),
    ("GET", "/subjects/s/versions/7", None, (404, 40402, "Version 7 not found.")),
    ("DELETE", "/subjects/s/versions/7", None, (404, 40402, "Version 7 not found.")),
    ("DELETE", "/subjects/none", None, (404, 40401, "Subject 'none' not found.")),
    ("POST", "/subjects/none", {"schema": A}, (404, 40401, "Subject 'none' not found.")),
    ("POST", "/subjects/s", {"schema": B}, (404, 40403, "Schema not found")),
    ("GET", "/schemas/ids/9", None, (404, 40403, "Schema 9 not found")),
    ("GET", "/schemas/ids/9/schema", None, (404, 40403, "Schema 9 not found")),
    ("GET", "/schemas/ids/9/subjects", None, (404, 40403, "Schema not found")),
    ("GET", "/schemas/guids/nope", None, (404, 40403, "Schema nope not found")),
    ("GET", "/schemas/ids/x", None, (404, 404, "HTTP 404 Not Found")),
    ("GET", "/schemas/ids/99999999999", None, (404, 404, "HTTP 404 Not Found")),
    ("GET", "/nothing", None, (404, 404, "HTTP 404 Not Found")),
    ("PUT", "/subjects", {}, (405, 405, "HTTP 405 Method Not Allowed")),
    (
        "DELETE",
        "/subjects/s?permanent=true",
        None,
        (404, 40405, "Subject 's' was not deleted first before being permanently deleted"),
    ),
    (
        "DELETE",
        "/subjects/s/versions/1?permanent=true",
        None,
        (404, 40407, "Subject 's' Version 1 was not deleted first before being permanently deleted"),
    ),
    (
        "POST",
        "/subjects/s/versions",
        {"schema": A, "id": 5},
        (422, 42205, "Subject s in context  is not in import mode"),
    ),
    (
        "POST",
        "/subjects/s/versions",
        {"schema": B, "version": 9},
        (422, 42201, "Version is not one more than previous version"),
    ),
    ("POST", "/subjects/s2/versions", {}, (422, 42201, "Empty schema")),
    ("GET", "/config/s", None, (404, 40408, "Subject 's' does not have subject-level compatibility configured")),
    ("GET", "/mode/s", None, (404, 40409, "Subject 's' does not have subject-level mode configured")),
    ("DELETE", "/config/s", None, (404, 40401, "Subject 's' not found.")),
    ("DELETE", "/mode/s", None, (404, 40401, "Subject 's' not found.")),
    ("PUT", "/mode/s", {"mode": "FORWARD"}, (422, 42204, "Forward mode only supported on global level")),
    (
        "PUT",
        "/mode/s",
        {"mode": "WRITE"},
        (422, 42204, "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD."),
    ),
    ("PUT", "/mode/s", {"mode": "IMPORT"}, (422, 42205, "Cannot import since found existing subjects")),
    (
        "PUT",
        "/config/s",
        {"compatibility": "MAYBE"},
        (
            422,
            42203,
            (
                "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, "
                "forward_transitive, and full_transitive"
            ),
        ),
    ),
    *(
        (
            "GET",
            f"/subjects/s/versions/{bad}",
            None,
            (
                422,
                42202,
                (
                    f"The specified version '{bad}' is not a valid version id. Allowed values are between [1, 2^31-1] "
                    'and the string "latest"'
                ),
            ),
        )
        for bad in ("0", "-2", "x", "2147483648")
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "expected"), ERRORS)
def test_a_refusal_has_confluents_status_code_and_message(
    api: Api, method: str, path: str, body: object, expected: tuple[int, int, str]
) -> None:
    api.register("s", A)
    assert api.error(method, path, body) == expected


def test_a_soft_deleted_subject_is_gone_and_yet_readable_by_id(api: Api) -> None:
    api.register("s", A)
    api.register("s", B)
    assert api.delete("/subjects/s") == (200, [1, 2])
    assert api.get("/subjects") == (200, [])
    assert api.get("/subjects", deleted="True") == (200, ["s"])
    assert api.get("/subjects", deletedOnly="true") == (200, ["s"])
    assert api.get("/subjects/s/versions", deleted="true") == (200, [1, 2])
    assert api.get("/subjects/s/versions", deletedAsNegative="true", deleted="true") == (200, [-1, -2])
    assert api.get("/schemas/ids/2")[1]["schema"] == B
    assert api.get("/schemas/ids/2/subjects") == (200, [])
    assert api.get("/schemas/ids/2/subjects", deleted="true") == (200, ["s"])
    assert api.post("/subjects/s", {"schema": A}, deleted="true")[1]["deleted"] is True
    assert api.error("DELETE", "/subjects/s") == (
        404,
        40404,
        "Subject 's' was soft deleted.Set permanent=true to delete permanently",
    )
    assert api.error("DELETE", "/subjects/s/versions/1") == (
        404,
        40406,
        "Subject 's' Version 1 was soft deleted.Set permanent=true to delete permanently",
    )


def test_registering_a_soft_deleted_schema_makes_a_new_version_with_the_old_id(api: Api) -> None:
    api.register("s", A)
    api.register("s", B)
    api.delete("/subjects/s")
    status, answer = api.post("/subjects/s/versions", {"schema": A})
    assert (status, answer["id"], answer["version"]) == (200, 1, 3)


def test_after_permanent_deletion_versions_start_at_one_and_ids_go_on(api: Api) -> None:
    api.register("s", A)
    api.register("s", B)
    api.delete("/subjects/s")
    assert api.delete("/subjects/s", permanent="true") == (200, [1, 2])
    assert api.get("/schemas/ids/1")[0] == 404
    status, answer = api.post("/subjects/s/versions", {"schema": A})
    assert (status, answer["id"], answer["version"]) == (200, 3, 1)


def test_ids_are_not_reused_after_a_restart(api: Api, database: Path) -> None:
    api.register("s", A)
    api.delete("/subjects/s")
    api.delete("/subjects/s", permanent="true")
    with TestClient(create_app(Store(f"sqlite:///{database}"))) as again:
        assert again.post("/subjects/s/versions", json={"schema": B}).json()["id"] == 2


def test_an_incompatible_schema_is_refused_with_the_reasons(api: Api) -> None:
    api.register("s", A)
    status, code, message = api.error("POST", "/subjects/s/versions", {"schema": BAD})
    assert (status, code) == (409, 409)
    assert message == (
        'Schema being registered is incompatible with an earlier schema for subject "s", details: '
        "[{errorType:'TYPE_MISMATCH', description:'The type (path '/fields/0/type') of a field in the new schema does "
        "not match with the old schema', additionalInfo:'reader type: STRING not compatible with writer type: INT'}, "
        f"{{oldSchemaVersion: 1}}, {{oldSchema: '{A}'}}, {{validateFields: 'false', compatibility: 'BACKWARD'}}]"
    )
    assert api.post("/subjects/s/versions", {"schema": BAD}, force="true")[1]["version"] == 2


def test_the_code_of_an_incompatible_schema_is_a_switch(store: Store) -> None:
    with TestClient(create_app(store, incompatible_code=40901)) as client:
        api = Api(client)
        api.register("s", A)
        assert api.error("POST", "/subjects/s/versions", {"schema": BAD})[:2] == (409, 40901)


def test_lists_are_sorted_paged_and_found_by_prefix(api: Api) -> None:
    for subject in ("b", "a", "ab", ":.c:a", "B"):
        api.register(subject, A)
    assert api.get("/subjects")[1] == [":.c:a", "B", "a", "ab", "b"]
    assert api.get("/subjects", offset=1, limit=2)[1] == ["B", "a"]
    assert api.get("/subjects", subjectPrefix="a")[1] == ["a", "ab"]
    assert api.get("/subjects", subjectPrefix=":*:a")[1] == [":.c:a", "a", "ab"]
    assert api.get("/subjects", subjectPrefix=":.c:")[1] == [":.c:a"]
    assert [s["subject"] for s in api.get("/schemas", subjectPrefix=":*:")[1]] == [":.c:a", "B", "a", "ab", "b"]
    assert [s["subject"] for s in api.get("/schemas")[1]] == ["B", "a", "ab", "b"]


def test_json_schema_and_protobuf_are_refused_clearly(api: Api) -> None:
    for kind in ("JSON", "PROTOBUF"):
        status, code, message = api.error("POST", "/subjects/s/versions", {"schema": "{}", "schemaType": kind})
        assert (status, code) == (422, 42201)
        assert kind in message
        assert "not supported" in message
    assert api.get("/schemas/types") == (200, ["AVRO"])


@pytest.mark.parametrize("subject", ["__GLOBAL", "__EMPTY", ":.__GLOBAL:s", ":.c:", "a%00b", "a%0Ab"])
def test_reserved_and_broken_subjects_are_refused(api: Api, subject: str) -> None:
    assert api.error("POST", f"/subjects/{subject}/versions", {"schema": A})[:2] == (422, 42208)


def test_stored_text_is_javas_and_unknown_request_fields_are_ignored(api: Api) -> None:
    loose = json.dumps(
        {"namespace": "n", "type": "record", "name": "n.A", "fields": [{"type": {"type": "int"}, "name": "x"}]}
    )
    api.register("s", loose, whatever=[1])
    stored = '{"type":"record","name":"A","namespace":"n","fields":[{"name":"x","type":"int"}]}'
    assert api.get("/subjects/s/versions/1")[1]["schema"] == stored
