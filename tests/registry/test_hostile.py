"""Requests that no well-meaning client sends: no 5xx, no hang, bounded memory."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from tests.registry.conftest import record, running

from tallystick.api.registry.http.app import openapi_document
from tallystick.api.registry.transfer import import_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.registry.conftest import Api, Process

    from tallystick.api.registry.store import Store

VERSIONS = "/subjects/s/versions"
JSON = {"content-type": "application/json"}
DEEP = "[" * 100_000


@pytest.fixture(scope="module")
def hostile(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "registry.db").write_bytes(migrated.read_bytes())
    with running(folder / "log", "--database", f"sqlite:///{folder / 'registry.db'}") as process:
        yield process


BODIES: list[tuple[str, bytes, set[int]]] = [
    ("empty", b"", {400}),
    ("truncated", b'{"schema": "', {400}),
    ("not an object", b"[]", {400}),
    ("null", b"null", {400}),
    ("deep JSON", DEEP.encode(), {400}),
    ("deep schema", json.dumps({"schema": DEEP}).encode(), {422}),
    (
        "deep closed schema",
        json.dumps({"schema": '{"type":"array","items":' * 5000 + '"int"' + "}" * 5000}).encode(),
        {200, 422},
    ),
    ("wrong type", b'{"schema": {"type": "int"}}', {400}),
    ("a number", b'{"schema": 5}', {400}),
    ("a surrogate", b'{"schema": "\\"\\ud800\\""}', {400, 422}),
    ("a null character", b'{"schema": "\\u0000"}', {422}),
    ("bad UTF-8", b'{"schema": "\xff"}', {400}),
    ("huge version", b'{"schema": "\\"int\\"", "version": 99999999999}', {400}),
    ("negative id", b'{"schema": "\\"int\\"", "id": -9}', {200, 422}),
    ("too long a text", json.dumps({"schema": "x" * 1_100_000}).encode(), {422}),
    ("too large a body", json.dumps({"schema": "x" * 5_000_000}).encode(), {413}),
    (
        "many references",
        json.dumps({"schema": '"int"', "references": [{"name": "a", "subject": "b"}] * 9999}).encode(),
        {422},
    ),
    ("metadata of a wrong type", b'{"schema": "\\"int\\"", "metadata": {"properties": {"a": {}}}}', {400}),
    ("a million union branches", json.dumps({"schema": json.dumps(["int"] * 100_000)}).encode(), {422}),
    (
        "a number of many digits",
        b'{"schema": "{\\"type\\":\\"fixed\\",\\"name\\":\\"F\\",\\"size\\":' + b"9" * 5000 + b'}"}',
        {422},
    ),
]


@pytest.mark.parametrize(("name", "body", "statuses"), BODIES, ids=[name for name, _, _ in BODIES])
def test_a_hostile_body_is_refused(hostile: Process, name: str, body: bytes, statuses: set[int]) -> None:
    answer = httpx.post(f"{hostile.url}/subjects/body/versions", content=body, headers=JSON, timeout=60)
    assert answer.status_code in statuses, (name, answer.text[:300])
    assert {"error_code", "message"} <= answer.json().keys() or answer.status_code == 200


PATHS = [
    "/subjects/%00/versions",
    "/subjects/%ff%fe/versions",
    "/subjects/%/versions",
    "/subjects/%zz/versions",
    "/subjects//versions",
    "/subjects/..%2f..%2f/versions",
    "/subjects/" + "a" * 60_000 + "/versions",
    "/subjects/%F0%9F%98%80%E2%80%AE/versions",
    "/contexts/%3A%3A%3A/subjects",
    "/contexts//subjects",
    "/contexts/%ff/subjects",
    "/schemas/ids/-1",
    "/schemas/ids/1e9",
    "/schemas/ids/%31",
    "/schemas/ids/99999999999999999999",
    "/schemas/ids/1?subject=%00&subject=%ff",
    "/schemas/guids/%00",
    "/subjects?limit=-5&offset=-5",
    "/subjects?limit=99999999999",
    "/subjects?subjectPrefix=%00%ff",
    "/schemas?limit=x",
    "/schemas?ruleType=%00&aliases=TRUE&latestOnly=maybe",
    "/config/%00",
    "/mode/:.:.:",
    "/schemas/ids/1?subject=%00",
    "/schemas/ids/2147483647",
    "/subjects/%00/versions/latest",
    "/subjects/%ED%A0%80/versions/1",
    "/subjects/s/versions/2147483647",
]


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_hostile_path_is_no_server_error(hostile: Process, method: str, path: str) -> None:
    headers = "host: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close"
    answer = raw(hostile, f"{method} {path} HTTP/1.1\r\n{headers}\r\n\r\n{{}}".encode())
    assert answer[:9] == b"HTTP/1.1 "
    assert int(answer[9:12]) < 500, answer[:300]


def test_a_nul_is_no_server_error_on_postgresql_either(
    postgres_database: str, serve: Callable[..., AbstractContextManager[Process]]
) -> None:
    headers = "host: x\r\ncontent-type: application/json\r\ncontent-length: 18\r\nconnection: close"
    with serve("--database", postgres_database) as process:
        for path in (path for path in PATHS if "%00" in path):
            for method in ("GET", "POST"):
                head = f"{method} {path} HTTP/1.1\r\n{headers}\r\n\r\n"
                answer = raw(process, head.encode() + b'{"schema":"\\"int\\""}')
                assert 200 <= int(answer[9:12]) < 500, (method, path[:99], answer[:300])


def test_ten_thousand_subjects_are_listed_whole_in_part_and_by_prefix(api: Api, store: Store) -> None:
    text = json.dumps(record())
    names = sorted(f"s{number}" for number in range(10_000))
    import_lines(store, [f'{{"kind":"schema","context":".","id":1,"schema":{text}}}'])
    version = '{"kind":"version","subject":"%s","version":1,"id":1,"deleted":false,"ts":1}'
    import_lines(store, [version % name for name in names])
    assert api.get("/subjects") == (200, names)
    assert api.get("/subjects", offset=9_990, limit=100) == (200, names[9_990:])
    assert api.get("/subjects", subjectPrefix="s99", deleted="true")[1] == [n for n in names if n.startswith("s99")]
    assert api.get("/schemas/ids/1/subjects")[1] == names
    assert [each["subject"] for each in api.get("/schemas")[1]] == names[:1_000]


def test_every_example_of_the_openapi_document_can_be_run(api: Api) -> None:
    document = api.get("/openapi.json")[1]
    order = {"put": 0, "post": 1, "get": 2, "delete": 3}
    calls = [(method, path, call) for path, calls in document["paths"].items() for method, call in calls.items()]
    api.register(":.staging:Order", record())
    for query in ({}, {"permanent": "true"}):
        api.delete("/subjects/:.staging:Order", **query)
    for method, path, call in sorted(calls, key=lambda each: (order[each[0]], each[1].endswith("/tags"), len(each[1]))):
        for parameter in call.get("parameters", ()):
            path = path.replace("{" + parameter["name"] + "}", str(parameter.get("example", "")))  # noqa: PLW2901
        content = call["requestBody"]["content"] if "requestBody" in call else {}
        body: Any = next((media["example"] for media in content.values()), None)
        if method == "post" and path == "/subjects/Order":
            api.register("Order", body["schema"])
        if method == "delete" and path.startswith("/subjects/Order"):
            api.post("/subjects/Order/versions", {"schema": record("Order", id="long", other="int")}, force="true")
        answer = api.client.request(method, path, json=body)
        assert answer.status_code < 300, (method, path, answer.text)


def raw(process: Process, data: bytes) -> bytes:
    place = urlsplit(process.url)
    with socket.create_connection((place.hostname, place.port or 80), timeout=60) as connection:
        connection.sendall(data)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


AnyCase: TypeAlias = "schemathesis.Case[Any]"
POST = b"POST /subjects/s/versions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
FRAMES = [
    POST + b"transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
    POST + b"transfer-encoding: chunked\r\n\r\nzz\r\nnonsense\r\n\r\n",
    POST + b"content-length: -1\r\n\r\n",
    POST + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}x",
    POST + b"transfer-encoding: chunked\r\n\r\nffffffffffffffff0\r\n{}\r\n0\r\n\r\n",
    POST + b"transfer-encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    POST + b"transfer-encoding: xchunked\r\ncontent-length: 2\r\n\r\n{}",
    POST + b"transfer-encoding:\r\n chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    POST + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nx: y\r\n\r\n",
    b"nonsense\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /subjects HTTP/1.1\r\nhost: x\r\n" + b"x: y\r\n" * 5000 + b"connection: close\r\n\r\n",
]


@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
def test_broken_framing_ends_the_connection_and_nothing_else(hostile: Process, frame: bytes) -> None:
    try:
        answer = raw(hostile, frame)
    except ConnectionError:
        answer = b""
    assert not answer.startswith(b"HTTP/1.1 5")
    assert httpx.get(f"{hostile.url}/livez", timeout=60).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/xml; charset=latin-1"}, 415),
        ({"accept": "text/html", **JSON}, 406),
        ({"accept": "*/*", **JSON}, 200),
        ({"accept": "application/*;q=0.5, text/html", **JSON}, 200),
        ({"content-type": "application/octet-stream"}, 200),
        ({"content-type": "application/vnd.schemaregistry+json; q=1"}, 200),
    ],
)
def test_media_types_are_agreed_or_refused(hostile: Process, headers: dict[str, str], status: int) -> None:
    body = json.dumps({"schema": record()})
    answer = httpx.post(f"{hostile.url}{VERSIONS}", content=body, headers=headers, timeout=60)
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["error_code"] == status
    assert answer.headers["content-type"] == "application/vnd.schemaregistry.v1+json"


@pytest.mark.parametrize("path", ["/subjects", "/schemas/ids/1", "/subjects/head/versions/latest", "/ui"])
def test_head_is_answered_as_get_is_but_for_the_body(hostile: Process, path: str) -> None:
    httpx.post(f"{hostile.url}/subjects/head/versions", json={"schema": record("Head")}, timeout=60)
    whole, head = (httpx.request(method, hostile.url + path, timeout=60) for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
    assert head.headers["content-type"] == whole.headers["content-type"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/subjects/s/versions", "GET, HEAD, POST"),
        ("/contexts/.c/subjects/s", "DELETE, POST"),
        ("/config", "DELETE, GET, HEAD, PUT"),
        ("/openapi.json", "GET, HEAD"),
    ],
)
def test_another_method_is_refused_with_those_that_a_path_knows(api: Api, path: str, allowed: str) -> None:
    answer = api.client.request("PATCH", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json() == {"error_code": 405, "message": "HTTP 405 Method Not Allowed"}


def test_accept_decides_between_our_media_types(api: Api) -> None:
    for kind in ("application/json", "application/vnd.schemaregistry+json", "application/vnd.schemaregistry.v1+json"):
        assert api.client.get("/subjects", headers={"accept": kind}).headers["content-type"] == kind


def test_memory_stays_bounded_and_a_slow_client_blocks_nobody(hostile: Process) -> None:
    def memory() -> int:
        status = Path(f"/proc/{hostile.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) // 1024

    if not Path("/proc/self/status").exists():
        pytest.skip("memory is read from /proc")
    place = urlsplit(hostile.url)
    slow = [socket.create_connection((place.hostname, place.port or 80)) for _ in range(20)]
    for connection in slow:
        connection.sendall(b"POST /subjects/s/versions HTTP/1.1\r\nhost: x\r\ncontent-length: 3000000\r\n\r\n{")
    before = memory()
    body = json.dumps({"schema": "x" * 4_000_000})
    with httpx.Client(base_url=hostile.url, timeout=60) as client:
        for _ in range(40):
            client.post(VERSIONS, content=body, headers=JSON)
        began = time.monotonic()
        assert client.get("/subjects").status_code == 200
        assert time.monotonic() - began < 20
    for connection in slow:
        connection.close()
    assert memory() - before < 200


# TALLYSTICK_EXAMPLES sets the number for each operation; CI makes do with few.
EXAMPLES = int(os.environ.get("TALLYSTICK_EXAMPLES", "5"))
document = schemathesis.openapi.from_dict(openapi_document())


@pytest.mark.slow
@document.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_openapi_document_allows_is_no_server_error(hostile: Process, case: AnyCase) -> None:
    case.call_and_validate(base_url=hostile.url, checks=[not_a_server_error], timeout=60)
