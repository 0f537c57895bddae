"""Config, modes and contexts: what is set where, what holds, and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.registry.conftest import record

if TYPE_CHECKING:
    from tests.registry.conftest import Api

A = record(x="int")
B = record(x="string")


def test_the_default_level_is_backward(api: Api) -> None:
    assert api.get("/config") == (200, {"compatibilityLevel": "BACKWARD"})
    assert api.get("/config/s", defaultToGlobal="true") == (200, {"compatibilityLevel": "BACKWARD"})


def test_put_answers_the_resulting_config_and_unsent_fields_stay(api: Api) -> None:
    assert api.put("/config/s", {}) == (200, {"compatibility": "BACKWARD"})
    assert api.put("/config/s", {"compatibility": "full", "normalize": True}) == (
        200,
        {"compatibility": "FULL", "normalize": True},
    )
    assert api.put("/config/s", {"compatibilityGroup": "g"})[1] == {
        "compatibility": "FULL",
        "normalize": True,
        "compatibilityGroup": "g",
    }
    assert api.put("/config/s", {"normalize": None})[1] == {"compatibility": "FULL", "compatibilityGroup": "g"}
    assert api.get("/config/s")[1] == {"compatibilityLevel": "FULL", "compatibilityGroup": "g"}
    assert api.delete("/config/s")[1] == {"compatibilityLevel": "FULL", "compatibilityGroup": "g"}
    assert api.get("/config/s")[0] == 404


@pytest.mark.parametrize("place", ["/config", "/config/:.c:", "/config/:.__GLOBAL:", "/contexts/c/config"])
def test_a_level_holds_for_all_below_it(api: Api, place: str) -> None:
    assert api.put(place, {"compatibility": "NONE"})[0] == 200
    subject = "s" if place == "/config" else ":.c:s"
    assert api.get(f"/config/{subject}", defaultToGlobal="true")[1]["compatibilityLevel"] == "NONE"
    api.register(subject, A)
    assert api.register(subject, B) == 2


@pytest.mark.parametrize("mode", ["READONLY", "READONLY_OVERRIDE", "readonly"])
def test_read_only_covers_register_delete_and_config_but_not_what_is_there(api: Api, mode: str) -> None:
    api.register("s", A)
    assert api.put("/mode/s", {"mode": mode}) == (200, {"mode": mode.upper()})
    refusal = (422, 42205, "Subject s in context  is in read-only mode")
    assert api.error("POST", "/subjects/s/versions", {"schema": record(y="int")}) == refusal
    assert api.error("DELETE", "/subjects/s") == refusal
    assert api.error("DELETE", "/subjects/s/versions/1") == refusal
    assert api.error("PUT", "/config/s", {"compatibility": "NONE"}) == refusal
    assert api.register("s", A) == 1
    assert api.delete("/mode/s") == (200, {"mode": mode.upper()})
    assert api.delete("/subjects/s")[0] == 200


def test_import_mode_takes_ids_and_versions_unchecked(api: Api) -> None:
    assert api.put("/mode/s", {"mode": "IMPORT"})[0] == 200
    assert api.error("POST", "/subjects/s/versions", {"schema": A})[:2] == (422, 42205)
    for version, schema_id, text in ((3, 30, A), (7, 20, B)):
        status, answer = api.post("/subjects/s/versions", {"schema": text, "id": schema_id, "version": version})
        assert (status, answer["id"], answer["version"]) == (200, schema_id, version)
    assert api.error("POST", "/subjects/s/versions", {"schema": record(z="int"), "id": 30})[:2] == (422, 42205)
    api.put("/mode/s", {"mode": "READWRITE"})
    assert api.register("t", record(z="int")) == 31
    assert api.register("t2", A) == 30


def test_in_import_mode_one_text_may_have_two_ids_and_only_there(api: Api) -> None:
    api.put("/mode/s", {"mode": "IMPORT"})
    for version, schema_id in ((1, 5), (2, 9)):
        status, answer = api.post("/subjects/s/versions", {"schema": A, "id": schema_id, "version": version})
        assert (status, answer["id"]) == (200, schema_id)
    assert api.register("t", A) == 5
    assert [api.get(f"/schemas/ids/{i}")[1]["schema"] for i in (5, 9)] == [A, A]


def test_import_needs_an_empty_place_unless_forced(api: Api) -> None:
    api.register("s", A)
    assert api.error("PUT", "/mode/s", {"mode": "IMPORT"}) == (
        422,
        42205,
        "Cannot import since found existing subjects",
    )
    assert api.put("/mode/s", {"mode": "IMPORT"}, force="true")[0] == 200


def test_modes_of_a_context_are_cleared_recursively(api: Api) -> None:
    api.put("/mode/:.c:", {"mode": "READONLY"})
    api.put("/mode/:.c:s", {"mode": "READWRITE"})
    assert api.get("/mode/:.c:t", defaultToGlobal="true")[1] == {"mode": "READONLY"}
    assert api.delete("/mode/:.c:", recursive="true") == (200, {"mode": "READONLY"})
    assert api.get("/mode/:.c:s")[0] == 404


def test_forward_is_for_everything_at_once(api: Api) -> None:
    assert api.put("/mode/:.__GLOBAL:", {"mode": "FORWARD"}) == (200, {"mode": "FORWARD"})
    assert api.get("/mode/s", defaultToGlobal="true")[1] == {"mode": "FORWARD"}


def test_each_context_has_its_own_ids(api: Api) -> None:
    api.register("s", A)
    assert api.register(":.c:s", B) == 1
    assert api.get("/contexts")[1] == [".", ".c"]
    assert api.get("/schemas/ids/1")[1]["schema"] == A
    assert api.get("/schemas/ids/1", subject=":.c:")[1]["schema"] == B
    assert api.get("/contexts/c/schemas/ids/1")[1]["schema"] == B
    assert api.get("/contexts/.c/subjects")[1] == [":.c:s"]
    assert api.get("/contexts/:.c:/subjects/s/versions")[1] == [1]
    assert api.register(":.:s", A) == 1


def test_a_plain_subject_is_found_in_other_contexts(api: Api) -> None:
    api.register(":.c:s", A)
    assert api.get("/subjects/s/versions/1")[1]["subject"] == ":.c:s"
    assert api.post("/subjects/s", {"schema": A})[1]["subject"] == ":.c:s"
    assert api.get("/subjects/s/versions")[0] == 404


def test_a_context_is_deleted_when_it_is_empty_and_keeps_its_counter(api: Api) -> None:
    api.register(":.c:s", A)
    assert api.error("DELETE", "/contexts/c")[:2] == (422, 42211)
    api.delete("/subjects/:.c:s")
    api.delete("/subjects/:.c:s", permanent="true")
    assert api.delete("/contexts/c") == (204, None)
    assert api.get("/contexts")[1] == ["."]
    assert api.register(":.c:s", A) == 2


def test_permanent_deletion_drops_config_and_mode(api: Api) -> None:
    api.register("s", A)
    api.put("/config/s", {"compatibility": "NONE"})
    api.put("/mode/s", {"mode": "READWRITE"})
    api.delete("/subjects/s")
    assert api.get("/config/s")[0] == 200
    api.delete("/subjects/s", permanent="true")
    assert (api.get("/config/s")[0], api.get("/mode/s")[0]) == (404, 404)


def test_an_alias_answers_with_the_real_subject(api: Api) -> None:
    api.register("real", A)
    api.put("/config/alias", {"alias": "real"})
    assert api.get("/subjects/alias/versions/latest")[1]["subject"] == "real"
    assert api.get("/subjects/alias/versions")[1] == [1]
    listed = api.get("/schemas", aliases="true")[1]
    assert [(s["subject"], s.get("aliases")) for s in listed] == [("real", ["alias"])]


def test_a_group_is_compared_only_with_itself(api: Api) -> None:
    api.put("/config/s", {"compatibilityGroup": "major"})
    one = {"properties": {"major": "1"}}
    two = {"properties": {"major": "2"}}
    assert api.register("s", A, metadata=one) == 1
    assert api.error("POST", "/subjects/s/versions", {"schema": B, "metadata": one})[0] == 409
    assert api.register("s", B, metadata=two) == 2


def test_defaults_lie_under_and_overrides_over_what_is_sent(api: Api) -> None:
    api.put(
        "/config/s",
        {
            "defaultMetadata": {"properties": {"a": "default", "b": "default"}},
            "overrideMetadata": {"properties": {"c": "override"}},
        },
    )
    api.register("s", A, metadata={"properties": {"b": "sent", "c": "sent"}})
    assert api.get("/subjects/s/versions/1")[1]["metadata"] == {
        "properties": {"a": "default", "b": "sent", "c": "override"}
    }


def test_fields_that_a_schema_promised_never_to_have(api: Api) -> None:
    api.put("/config/s", {"validateFields": True})
    status, code, message = api.error(
        "POST", "/subjects/s/versions", {"schema": A, "metadata": {"properties": {"confluent:reserved": "x, y"}}}
    )
    assert (status, code) == (409, 409)
    assert "conflicts with the reserved field x" in message
    assert "{validateFields: 'true', compatibility: 'BACKWARD'}" in message
