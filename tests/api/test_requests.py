"""What the API does with requests as a whole: hostile, broken, unauthorised, or at a bad time."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import socket
import time
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from tests.api.serving import running, viewed

from tallystick.api.ingestion.keys import load_keys, new_key
from tallystick.api.ingestion.limits import Limits
from tallystick.contracts import unframe
from tallystick.contracts.errors import TallystickError
from tallystick.events.shop import PageViewed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx
    from tests.api.serving import Api

MIB = 1024 * 1024


def expect_problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """An RFC 9457 document, small, and without anything of the payload."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem: dict[str, Any] = answer.json()
    assert (problem["status"], problem["type"]) == (status, f"urn:tallystick:problem:{slug}")
    assert len(problem.get("detail", "")) <= 256
    assert problem["request_id"] == answer.headers["x-request-id"]
    return problem


# --- bodies that are no events ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"batch": [{}',
        b'{"batch": [{}]} x',
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        '{"batch": [{}]}'.encode("utf-16"),
        b'{"batch": [{"a": NaN}]}',
        b'{"batch": [{"a": Infinity}]}',
        b'{"batch": [{"a": "\\ud800"}]}',
        b'{"batch": [{"\\udfff": 1}]}',
        b'{"batch": [{"a": "\xff"}]}',
        b'{"batch": [{"a": "\x01"}]}',
        b'{"batch": [{"a": 01}]}',
        b'{"batch": []}',
        b'{"batch": {}}',
        b'{"batch": null}',
        b'{"batch": [{}], "more": 1}',
        b"{}",
        b"[]",
        b"null",
        b'"batch"',
        b"1",
    ],
)
def test_what_is_no_batch_is_malformed(api: Api, body: bytes) -> None:
    expect_problem(api.post("/v1/batch", body), 400, "malformed-json")
    assert api.tray.records == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a": "\\ud800"}', b"{} {}", b"NaN"])
def test_what_is_no_event_is_malformed(api: Api, body: bytes) -> None:
    expect_problem(api.post("/v1/events", body), 400, "malformed-json")


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_json_a_hundred_thousand_levels_deep_is_too_deep(api: Api, opening: bytes) -> None:
    body = b'{"batch": [' + opening * 100_000
    expect_problem(api.post("/v1/batch", body), 400, "too-deep")
    expect_problem(api.post("/v1/events", opening * 100_000), 400, "too-deep")


def test_json_some_hundred_levels_deep_is_one_events_fault(api: Api) -> None:
    deep = json.loads("[" * 400 + "]" * 400)
    results = api.results(viewed(extra=deep), viewed())
    assert [(result["status"], result.get("reason")) for result in results] == [
        ("invalid", "TOO_DEEP"),
        ("accepted", None),
    ]


def test_a_batch_holds_five_hundred_events_and_no_more(api: Api) -> None:
    assert api.batch(*(viewed() for _ in range(500))).status_code == 200
    expect_problem(api.batch(*(viewed() for _ in range(501))), 413, "too-many-events")
    lines = b"\n".join(json.dumps(viewed()).encode() for _ in range(501))
    expect_problem(api.post("/v1/batch", lines, content_type="application/x-ndjson"), 413, "too-many-events")


# --- sizes, encodings, types --------------------------------------------------------------------------


def test_a_packed_batch_is_unpacked(api: Api) -> None:
    body = gzip.compress(json.dumps({"batch": [viewed() for _ in range(100)]}).encode())
    assert api.post("/v1/batch", body, content_encoding="gzip").status_code == 200
    assert len(api.stored()) == 100


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"garbage",
        lambda _: b"",
        lambda packed: packed[:-5],
        lambda packed: packed + b"more",
        lambda packed: packed + packed,
        lambda packed: packed[:20] + os.urandom(20) + packed[40:],
        lambda _: zlib.compress(b"{}"),
    ],
    ids=["garbage", "empty", "cut", "trailing", "twice", "overwritten", "deflate"],
)
def test_what_is_not_packed_as_it_says_is_malformed(api: Api, spoil: Callable[[bytes], bytes]) -> None:
    packed = gzip.compress(json.dumps({"batch": [viewed()]}).encode())
    expect_problem(api.post("/v1/batch", spoil(packed), content_encoding="gzip"), 400, "malformed-body")


def test_a_bomb_is_defused(api: Api) -> None:
    bomb = gzip.compress(b" " * (200 * MIB), 9)
    assert len(bomb) < MIB
    started = time.monotonic()
    expect_problem(api.post("/v1/batch", bomb, content_encoding="gzip"), 413, "too-large")
    assert time.monotonic() - started < 5


def test_thirty_megabytes_are_refused_by_their_header_and_while_they_stream(api: Api) -> None:
    body = b"x" * (30 * MIB)
    expect_problem(api.post("/v1/batch", body), 413, "too-large")
    headers = {"authorization": f"Bearer {api.secrets['all']}", "content-type": "application/json"}

    def chunks() -> Iterator[bytes]:
        for _ in range(30):
            yield b"x" * MIB

    expect_problem(api.http.post("/v1/batch", content=chunks(), headers=headers), 413, "too-large")


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "nonsense"])
def test_another_encoding_is_not_taken(api: Api, encoding: str) -> None:
    expect_problem(api.post("/v1/batch", b"x", content_encoding=encoding), 415, "unsupported-media")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", "text/html"]
)
def test_another_type_is_not_taken(api: Api, kind: str) -> None:
    for path in ("/v1/batch", "/v1/events", "/v1/validate"):
        expect_problem(api.post(path, b"{}", content_type=kind), 415, "unsupported-media")


def test_a_type_with_parameters_is_taken(api: Api) -> None:
    answer = api.post("/v1/batch", {"batch": [viewed()]}, content_type="Application/JSON; charset=UTF-8")
    assert answer.status_code == 200


@pytest.mark.parametrize("sent_at", ["yesterday", "2026-01-01T00:00:00", "", "1767694530"])
def test_a_time_of_sending_that_cannot_be_read_is_a_bad_header(api: Api, sent_at: str) -> None:
    expect_problem(api.batch(viewed(), X_Sent_At=sent_at), 400, "bad-header")


# --- on the wire --------------------------------------------------------------------------------------


def talk(api: Api, *pieces: bytes, seconds: float = 5.0) -> bytes:
    """Send bytes as they are and read what comes back."""
    address = urlsplit(api.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=seconds) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return connection.recv(65_536)


def head(api: Api, *headers: str) -> bytes:
    lines = ["POST /v1/batch HTTP/1.1", "Host: x", f"Authorization: Bearer {api.secrets['all']}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_a_request_without_a_body_lacks_a_length(api: Api) -> None:
    assert talk(api, head(api)).startswith(b"HTTP/1.1 411 ")


@pytest.mark.parametrize("length", ["-1", "1e3", "99999999999999999999999", "x"])
def test_a_length_that_is_none_is_refused(api: Api, length: str) -> None:
    assert re.match(rb"HTTP/1.1 4\d\d ", talk(api, head(api, f"Content-Length: {length}"), b"{}"))


def test_a_stalled_body_is_given_up(tmp_path: Path) -> None:
    with running(tmp_path, limits=Limits(body_seconds=0.3)) as api:
        answer = talk(api, head(api, "Content-Type: application/json", "Content-Length: 100"), b'{"batch"')
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"urn:tallystick:problem:body-timeout" in answer


def test_a_client_that_leaves_harms_nobody(api: Api) -> None:
    address = urlsplit(api.url)
    for _ in range(20):
        with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
            connection.sendall(head(api, "Content-Type: application/json", "Content-Length: 100") + b'{"batch"')
    assert api.batch(viewed()).status_code == 200


# --- who may send what --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer wrong",
        "Bearer tsk_" + "x" * 43,
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Basic " + base64.b64encode(b"wrong:").decode(),
        "Digest x",
        "Bearer " + "x" * 10_000,
    ],
)
def test_without_a_valid_key_nothing_is_taken(api: Api, authorization: str) -> None:
    answer = api.batch(viewed(), authorization=authorization)
    expect_problem(answer, 401, "not-authenticated")
    assert "Bearer" in answer.headers["www-authenticate"]
    assert api.tray.records == []


@pytest.mark.parametrize("name", ["expired", "reader"])
def test_a_key_that_has_expired_or_lacks_the_scope_is_no_key(api: Api, name: str) -> None:
    expect_problem(api.batch(viewed(), key=name), 401, "not-authenticated")


@pytest.mark.parametrize("template", ["{secret}:", ":{secret}", "anybody:{secret}"])
def test_a_key_may_come_as_user_name_or_password(api: Api, template: str) -> None:
    pair = template.format(secret=api.secrets["all"]).encode()
    assert api.batch(viewed(), authorization="Basic " + base64.b64encode(pair).decode()).status_code == 200
    assert api.batch(viewed(), authorization="bearer  " + api.secrets["all"]).status_code == 200


def test_a_key_sends_its_own_types_in_its_own_name_only(api: Api) -> None:
    results = api.results(
        viewed(),
        viewed({"source": {"app": "other"}}),
        viewed(type="game.RoundsPlayed"),
        viewed(type="shop.No"),
        key="shop",
    )
    assert [(result["status"], result.get("reason")) for result in results] == [
        ("accepted", None),
        ("rejected", "NOT_ALLOWED"),
        ("rejected", "NOT_ALLOWED"),
        ("invalid", "UNKNOWN_TYPE"),
    ]
    assert [letter.reason for letter in api.dead_letters()] == ["NOT_ALLOWED", "NOT_ALLOWED", "UNKNOWN_TYPE"]


def test_a_publishable_key_never_writes_history(api: Api) -> None:
    api.batch(viewed({"received_at": "2020-01-01T00:00:00Z"}), key="page")
    (record,) = api.stored()
    meta = PageViewed.from_avro(unframe(record.value).body).meta
    assert meta is not None
    assert meta.received_at is not None
    assert meta.received_at.year > 2020


def test_a_key_that_sends_too_fast_is_told_when_to_come_back(api: Api) -> None:
    assert api.batch(*(viewed() for _ in range(5)), key="slow").status_code == 200
    answer = api.batch(viewed(), key="slow")
    expect_problem(answer, 429, "too-many-requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 10


def test_keys_are_rotated_without_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as api:
        secret, entry = new_key("next", "*")
        keys = json.loads(api.keys_path.read_text())
        keys["keys"].append(entry)
        api.keys_path.write_text(json.dumps(keys))
        api.parts.keys.renew()
        assert api.batch(viewed(), authorization=f"Bearer {secret}").status_code == 200
        assert api.batch(viewed()).status_code == 200
        api.keys_path.write_text("{broken")
        api.parts.keys.renew()
        assert api.batch(viewed()).status_code == 200
        api.keys_path.write_text(json.dumps({"keys": [entry]}))
        api.parts.keys.renew()
        expect_problem(api.batch(viewed()), 401, "not-authenticated")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"keys": 1}',
        '{"keys": [{"name": "n"}]}',
        '{"keys": [], "more": 1}',
        '{"keys": [{"name":"n","sha256":"00","source":"s","expires_at":"2026-01-01T00:00:00"}]}',
        '{"keys": [{"name":"n","sha256":"00","source":"s","scopes":["everything"]}]}',
    ],
)
def test_a_keys_file_that_is_none_is_told_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(TallystickError, match=re.escape(str(path))):
        load_keys(path)


def test_only_the_hash_of_a_key_is_stored() -> None:
    secret, entry = new_key("n", "shop-web", ["shop.*"])
    assert secret not in json.dumps(entry)
    assert entry == {
        "name": "n",
        "sha256": entry["sha256"],
        "source": "shop-web",
        "types": ["shop.*"],
        "kind": "secret",
        "scopes": ["ingest"],
        "expires_at": None,
        "events_per_second": None,
    }


# --- when it cannot be done ---------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["down", "full"])
def test_while_nothing_can_be_stored_a_request_is_not_even_read(api: Api, trouble: str) -> None:
    if trouble == "down":
        api.tray.up = False
    else:
        api.tray.share = 0.81
    for answer in (api.post("/v1/batch", b"no JSON"), api.post("/v1/events", b"x" * (30 * MIB))):
        expect_problem(answer, 503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
    assert api.http.get("/readyz").status_code == 503
    assert api.http.get("/livez").status_code == 200
    assert api.post("/v1/validate", viewed()).status_code == 200


# --- everything else ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/v1/batch", 405, "method-not-allowed"),
        ("DELETE", "/v1/contracts", 405, "method-not-allowed"),
        ("GET", "/v1/contracts", 401, "not-authenticated"),
        ("POST", "/v1/beacon", 400, "bad-parameters"),
    ],
)
def test_every_error_is_a_problem_document(api: Api, method: str, path: str, status: int, slug: str) -> None:
    expect_problem(api.http.request(method, path), status, slug)


def test_a_request_keeps_its_id_or_gets_one(api: Api) -> None:
    assert api.batch(viewed(), X_Request_Id="my-id").headers["x-request-id"] == "my-id"
    assert len(api.batch(viewed()).headers["x-request-id"]) == 32


def test_a_page_that_is_left_sends_under_a_publishable_key(api: Api) -> None:
    key = api.secrets["page"]
    for body in (json.dumps({"batch": [viewed(), viewed()]}), json.dumps(viewed())):
        answer = api.http.post(
            f"/v1/beacon?key={key}", content=body, headers={"content-type": "text/plain;charset=UTF-8"}
        )
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert len(api.stored()) == 3
    answer = api.http.post(
        f"/v1/beacon?key={api.secrets['all']}", content=b"{}", headers={"content-type": "text/plain"}
    )
    expect_problem(answer, 403, "not-allowed")
    expect_problem(api.http.post("/v1/beacon?key=x", content=b"{}"), 401, "not-authenticated")


def test_what_may_be_sent_can_be_asked_and_is_cached(api: Api) -> None:
    headers = {"authorization": f"Bearer {api.secrets['shop']}"}
    answer = api.http.get("/v1/contracts", headers=headers)
    assert {offer["type"] for offer in answer.json()["contracts"]} == {
        "shop.ExperimentExposed",
        "shop.OrderCompleted",
        "shop.PageViewed",
    }
    again = api.http.get("/v1/contracts", headers=headers | {"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for version in ("1", "latest"):
        offer = api.http.get(f"/v1/contracts/shop.PageViewed/versions/{version}", headers=headers).json()
        assert (offer["version"], offer["schema"]["name"]) == (1, "PageViewed")
    for path in (
        "shop.PageViewed/versions/9",
        "shop.PageViewed/versions/-1",
        "shop.No/versions/1",
        "game.GateExposed/versions/1",
    ):
        expect_problem(api.http.get(f"/v1/contracts/{path}", headers=headers), 404, "unknown-contract")


def test_metrics_count_events_dead_letters_and_requests(api: Api) -> None:
    def read(name: str) -> float:
        lines = api.http.get("/metrics").text.splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), 0.0)

    names = [
        'tallystick_events_total{status="accepted"}',
        'tallystick_events_total{status="invalid"}',
        'tallystick_dead_letters_total{reason="INVALID"}',
        'tallystick_requests_total{route="/v1/batch",status="207"}',
        "tallystick_produce_seconds_count",
    ]
    before = [read(name) for name in names]
    api.batch(viewed(), viewed(), viewed(page_kind="NO"))
    assert [read(name) for name in names] == [old + new for old, new in zip(before, [2, 1, 1, 1, 1], strict=True)]
    assert read("tallystick_kafka_up") == 1.0


def test_the_document_describes_every_route(api: Api) -> None:
    document = api.http.get("/openapi.json").json()
    assert set(document["paths"]) == {
        "/v1/events",
        "/v1/batch",
        "/v1/beacon",
        "/v1/validate",
        "/v1/contracts",
        "/v1/contracts/{type}/versions/{version}",
        "/livez",
        "/readyz",
        "/metrics",
    }
    example = document["paths"]["/v1/batch"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert api.post("/v1/batch", example).status_code == 200
    assert api.http.get("/docs").status_code == 200
