"""The registry client against a real HTTP server that behaves as different registries do."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from typing_extensions import override

from tallystick.sdk.registry import (
    IncompatibleSchema,
    NotAvroError,
    RegisteredSchema,
    RegistryClient,
    RegistryError,
    RegistryUnavailable,
    UnknownSchema,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Answers = dict[str, list[tuple[int, Any]]]

INNER = '{"type":"record","name":"shop.Money","fields":[{"name":"unit","type":"Unit"}]}'
UNIT = '{"type":"enum","name":"Unit","namespace":"shop","symbols":["EUR"]}'
OUTER = (
    '{"type":"record","name":"Paid","namespace":"shop","fields":['
    '{"name":"sum","type":["null","shop.Money"]},{"name":"tip","type":"Money"},{"name":"note","type":"string","doc":"Unit"}]}'
)


class Asked(NamedTuple):
    body: bytes
    authorization: str | None


@contextmanager
def served(answers: Answers) -> Iterator[tuple[str, list[Asked]]]:
    """Serve `METHOD /path` -> answers in order, the last one for ever; yields the address and what was asked."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            route = f"{self.command} {self.path.partition('?')[0]}"
            asked.append(
                Asked(self.rfile.read(int(self.headers["Content-Length"] or 0)), self.headers["Authorization"])
            )
            queue = answers.get(route, [(404, {"error_code": 40401, "message": "Subject not found."})])
            status, body = queue.pop(0) if len(queue) > 1 else queue[0]
            content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the base class's names

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_id_is_asked_once_and_its_place_comes_from_the_versions_endpoint_where_the_schema_lacks_it() -> None:
    answers: Answers = {
        "GET /schemas/ids/7": [(200, {"schema": '"string"'})],
        "GET /schemas/ids/7/versions": [(200, [{"subject": "b", "version": 1}, {"subject": "a", "version": 3}])],
    }
    with served(answers) as (url, asked), RegistryClient(url) as client:
        expected = RegisteredSchema(7, "a", 3, '"string"')
        assert [client.schema_by_id(7), client.schema_by_id(7)] == [expected, expected]
        assert len(asked) == 2


def test_references_are_resolved_into_one_text_that_stands_alone() -> None:
    answers: Answers = {
        "GET /subjects/shop.Paid/versions/latest": [
            (
                200,
                {
                    "id": 3,
                    "subject": "shop.Paid",
                    "version": 1,
                    "schema": OUTER,
                    "references": [{"name": "shop.Money", "subject": "money", "version": 2}],
                },
            )
        ],
        "GET /subjects/money/versions/2": [
            (200, {"schema": INNER, "references": [{"name": "shop.Unit", "subject": "unit", "version": 1}]})
        ],
        "GET /subjects/unit/versions/1": [(200, {"schema": UNIT})],
    }
    with served(answers) as (url, _), RegistryClient(url) as client:
        schema = json.loads(client.latest("shop.Paid").text)
    money = schema["fields"][0]["type"][1]
    assert (money["name"], money["namespace"]) == ("Money", "shop")
    assert money["fields"][0]["type"]["symbols"] == ["EUR"]
    assert schema["fields"][1]["type"] == "Money"
    assert schema["fields"][2]["doc"] == "Unit"


def test_a_server_error_is_tried_again() -> None:
    answers: Answers = {"GET /subjects": [(500, "oops"), (503, ""), (200, ["b", "a"])]}
    with served(answers) as (url, asked), RegistryClient(url) as client:
        assert client.subjects() == ("a", "b")
        assert len(asked) == 3


def test_a_registry_that_stays_down_is_unavailable() -> None:
    with served({}) as (url, _):
        pass
    with RegistryClient(url) as client, pytest.raises(RegistryUnavailable, match="does not answer"):
        client.subjects()


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "127.0.0.1:1", "http://[", ""])
def test_an_address_that_is_none_is_unavailable(url: str) -> None:
    with RegistryClient(url) as client, pytest.raises(RegistryUnavailable):
        client.subjects()


def test_registering_with_a_registry_that_answers_the_id_only_looks_the_version_up() -> None:
    answers: Answers = {
        "POST /subjects/s/versions": [(200, {"id": 9})],
        "POST /subjects/s": [(200, {"id": 9, "version": 4, "subject": "s", "schema": '"int"'})],
    }
    with served(answers) as (url, asked), RegistryClient(url) as client:
        assert client.register("s", '"int"') == RegisteredSchema(9, "s", 4, '"int"')
        assert json.loads(asked[0].body) == {"schema": '"int"'}


def test_a_subject_with_a_slash_stays_one_segment() -> None:
    with served({"GET /subjects/a%2Fb%20c/versions": [(200, [2, 1])]}) as (url, _), RegistryClient(url) as client:
        assert client.versions("a/b c") == (1, 2)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, 40403, UnknownSchema),
        (404, 40402, UnknownSchema),
        (409, 409, IncompatibleSchema),
        (409, 40901, IncompatibleSchema),
        (422, 42201, RegistryError),
    ],
)
def test_an_error_code_becomes_its_error(status: int, code: int, kind: type[RegistryError]) -> None:
    answers: Answers = {"POST /subjects/s/versions": [(status, {"error_code": code, "message": "why"})]}
    with served(answers) as (url, _), RegistryClient(url) as client, pytest.raises(kind) as caught:
        client.register("s", "{}")
    assert (type(caught.value), caught.value.status, caught.value.code, caught.value.reason) == (
        kind,
        status,
        code,
        "why",
    )


@pytest.mark.parametrize("body", ["<html>", "[]", "null", '{"id": {}', '"x"'])
def test_an_answer_that_no_registry_gives_is_an_error_of_its_own(body: str) -> None:
    with (
        served({"GET /subjects/s/versions/latest": [(200, body)]}) as (url, _),
        RegistryClient(url) as client,
        pytest.raises(RegistryError),
    ):
        client.latest("s")


def test_a_schema_of_another_language_is_refused_by_name() -> None:
    answers: Answers = {"GET /schemas/ids/1": [(200, {"schema": "syntax", "schemaType": "PROTOBUF"})]}
    with served(answers) as (url, _), RegistryClient(url) as client, pytest.raises(NotAvroError, match="PROTOBUF"):
        client.schema_by_id(1)


def test_compatibility_falls_back_to_the_latest_version_where_all_cannot_be_asked() -> None:
    answers: Answers = {
        "POST /compatibility/subjects/s/versions": [(404, {"error_code": 404, "message": "HTTP 404 Not Found"})],
        "POST /compatibility/subjects/s/versions/latest": [(200, {"is_compatible": False, "messages": ["m"]})],
    }
    with served(answers) as (url, _), RegistryClient(url) as client:
        verdict = client.compatible("s", "{}")
        assert (bool(verdict), verdict.messages) == (False, ("m",))
        assert client.compatible("new", "{}")


@pytest.mark.parametrize(
    ("auth", "header"), [(("ann", "pw"), "Basic YW5uOnB3"), ("token", "Bearer token"), (None, None)]
)
def test_credentials_are_sent_as_basic_or_bearer(auth: tuple[str, str] | str | None, header: str | None) -> None:
    with served({"GET /subjects": [(200, [])]}) as (url, asked), RegistryClient(url, auth=auth) as client:
        client.subjects()
    assert [request.authorization for request in asked] == [header]


def test_credentials_in_the_address_are_used_and_never_shown() -> None:
    with served({"GET /subjects": [(200, [])]}) as (url, asked):
        client = RegistryClient(url.replace("http://", "http://ann:p%40w@"))
        client.subjects()
        assert client.url == url
        client.close()
    assert [request.authorization for request in asked] == ["Basic YW5uOnBAdw=="]
    with RegistryClient("http://ann:secret@127.0.0.1:1") as client, pytest.raises(RegistryUnavailable) as caught:
        client.subjects()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("status", "told"), [(401, "TALLYSTICK_REGISTRY_AUTH"), (403, "ask for a key")])
def test_a_refused_user_is_told_what_to_give(status: int, told: str) -> None:
    refusal = {"GET /subjects": [(status, {"error_code": status, "message": "No"})]}
    with served(refusal) as (url, _), RegistryClient(url) as client, pytest.raises(RegistryError) as caught:
        client.subjects()
    assert told in caught.value.fix


def test_an_address_without_scheme_is_told() -> None:
    with RegistryClient("localhost:8081") as client, pytest.raises(RegistryUnavailable) as caught:
        client.subjects()
    assert "http://" in caught.value.fix
