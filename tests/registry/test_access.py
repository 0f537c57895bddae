"""Who may do what: users, roles, prefixes, TLS, and what is noted of every write."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
import ssl
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient
from tests.registry.conftest import Api, record

from tallystick.api._server import Listener, require_guard
from tallystick.api.errors import BadCertificateError, UnguardedError
from tallystick.api.registry.access import load_users
from tallystick.api.registry.faults import UsersFileError
from tallystick.api.registry.http.app import create_app
from tallystick.cli.registry import command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.registry.conftest import Process

    from tallystick.api.registry.store import Store

USERS = {
    "reader": ("read", []),
    "shop-reader": ("read", ["shop."]),
    "shop": ("write", ["shop."]),
    "writer": ("write", []),
    "boss": ("admin", []),
}
SCHEMA = {"schema": record()}


@pytest.fixture
def users_file(tmp_path: Path) -> Path:
    path = tmp_path / "users.json"
    listed = [
        {"name": name, "sha256": hashlib.sha256(f"key-{name}".encode()).hexdigest(), "role": role, "subjects": subjects}
        for name, (role, subjects) in USERS.items()
    ]
    path.write_text(json.dumps({"users": listed}))
    return path


@pytest.fixture
def guarded(store: Store, users_file: Path) -> Iterator[TestClient]:
    with TestClient(create_app(store, users=load_users(users_file))) as client:
        yield client


def bearer(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer key-{name}"}


def basic(name: str, key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{key}".encode()).decode()}


ALLOWED = [
    ("GET", "/subjects", None, "reader writer boss", "shop-reader shop"),
    ("GET", "/subjects?subjectPrefix=shop.", None, "reader shop-reader shop", ""),
    ("GET", "/subjects/shop.A/versions", None, "reader shop-reader shop writer boss", ""),
    ("GET", "/subjects/game.A/versions", None, "reader writer boss", "shop-reader shop"),
    ("GET", "/subjects/game%2EA/versions", None, "reader", "shop"),
    ("GET", "/schemas/ids/1", None, "reader shop-reader shop writer boss", ""),
    ("GET", "/schemas", None, "reader", "shop"),
    ("POST", "/subjects/shop.A", SCHEMA, "reader shop-reader", ""),
    ("POST", "/compatibility/subjects/shop.A/versions", SCHEMA, "shop-reader", ""),
    ("POST", "/compatibility/subjects/game.A/versions", SCHEMA, "reader", "shop-reader"),
    ("POST", "/subjects/shop.A/versions", SCHEMA, "shop writer boss", "reader shop-reader"),
    ("POST", "/subjects/game.A/versions", SCHEMA, "writer boss", "shop reader"),
    ("POST", "/contexts/c/subjects/shop.A/versions", SCHEMA, "writer", "shop"),
    ("PUT", "/config/shop.A", {"compatibility": "NONE"}, "shop writer boss", "reader"),
    ("PUT", "/config", {"compatibility": "NONE"}, "boss", "writer shop reader"),
    ("PUT", "/mode/shop.A", {"mode": "READWRITE"}, "boss", "writer shop reader"),
    ("DELETE", "/contexts/none", None, "boss", "writer"),
    ("GET", "/metrics", None, "reader boss", "shop-reader"),
]


@pytest.mark.parametrize(("method", "path", "body", "allowed", "denied"), ALLOWED)
def test_a_role_holds_for_its_subjects_and_includes_the_lower_ones(
    guarded: TestClient, method: str, path: str, body: object, allowed: str, denied: str
) -> None:
    for name in allowed.split():
        assert guarded.request(method, path, json=body, headers=bearer(name)).status_code not in {401, 403}, name
    for name in denied.split():
        answer = guarded.request(method, path, json=body, headers=bearer(name))
        assert (answer.status_code, answer.json()["error_code"]) == (403, 403), name


@pytest.mark.parametrize(
    "headers",
    [{}, bearer("nobody"), basic("boss", "wrong"), basic("reader", "key-boss"), {"authorization": "Basic !"}],
)
def test_strangers_are_asked_who_they_are(guarded: TestClient, headers: dict[str, str]) -> None:
    answer = guarded.get("/subjects", headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error_code": 401, "message": "Unauthorized"})
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert guarded.get("/schemas/ids/1", headers=headers).status_code == 401


def test_basic_credentials_are_as_good_and_health_is_open(guarded: TestClient) -> None:
    assert guarded.get("/subjects", headers=basic("reader", "key-reader")).status_code == 200
    assert guarded.get("/livez").status_code == guarded.get("/readyz").status_code == 200


def test_an_answer_in_the_cache_is_guarded_too(guarded: TestClient) -> None:
    guarded.post("/subjects/game.A/versions", json=SCHEMA, headers=bearer("writer"))
    for _ in range(3):
        path = "/subjects/game.A/versions/latest"
        assert guarded.get(path, headers=bearer("reader")).status_code == 200
        assert guarded.get(path, headers=bearer("shop")).status_code == 403
        assert guarded.get(path).status_code == 401


def test_an_alias_is_no_way_around_a_prefix(guarded: TestClient) -> None:
    alias = {"alias": "game.A"}
    assert guarded.put("/config/shop.alias", json=alias, headers=bearer("shop")).status_code == 200
    answer = guarded.post("/subjects/shop.alias/versions", json=SCHEMA, headers=bearer("shop"))
    assert answer.status_code == 403
    assert guarded.get("/subjects", headers=bearer("boss")).json() == []


def test_every_write_is_noted_with_who_what_and_when(guarded: TestClient, database: Path) -> None:
    guarded.post("/subjects/shop.A/versions", json=SCHEMA, headers={**bearer("shop"), "x-request-id": "r-1"})
    guarded.delete("/subjects/shop.A", headers=bearer("boss"))
    guarded.delete("/subjects/shop.none", headers=bearer("boss"))
    rows = sqlite3.connect(database).execute("SELECT who, action, subject, request_id, detail, at_ms FROM audit")
    found = rows.fetchall()
    assert [row[:3] for row in found] == [("shop", "register", "shop.A"), ("boss", "delete subject", "shop.A")]
    assert (found[0][3], json.loads(found[0][4])) == ("r-1", {"version": 1, "id": 1})
    assert found[0][5] > 1_600_000_000_000


def test_nothing_unguarded_listens_beyond_this_machine() -> None:
    with pytest.raises(UnguardedError, match="reachable from other machines"):
        require_guard(Listener(host="0.0.0.0"), guarded=False, fix="")  # noqa: S104 - that is the point
    for host in ("127.0.0.1", "localhost", "::1", "127.8.8.8"):
        require_guard(Listener(host=host), guarded=False, fix="")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"users": [{"name": "a"}]}',
        '{"users": [{"name": "a", "sha256": "00", "role": "read"}]}',
        '{"users": [{"name": "a", "sha256": "%s", "role": "king"}]}' % ("0" * 64),
    ],
)
def test_a_users_file_that_does_not_hold_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "users.json"
    path.write_text(text)
    with pytest.raises(UsersFileError):
        load_users(path)


def test_a_key_is_shown_once_and_kept_as_a_digest(tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    arguments = ["key", "ci", "--role", "write", "--subject", "shop.", "--users", str(path)]
    key = CliRunner().invoke(command, arguments).output.strip()
    assert key not in path.read_text()
    user = load_users(path).of(f"Bearer {key}".encode())
    assert user is not None
    assert (user.name, user.subjects) == ("ci", ("shop.",))


def test_it_speaks_tls_with_the_files_it_is_given(
    tmp_path: Path, users_file: Path, serve: Callable[..., AbstractContextManager[Process]]
) -> None:
    certificate, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            private,
            "-out",
            certificate,
        ],
        check=True,
        capture_output=True,
    )
    files = ("--tls-certificate", str(certificate), "--tls-key", str(private))
    with serve("--database", f"sqlite:///{tmp_path / 'r.db'}", "--users", str(users_file), *files) as process:
        assert process.url.startswith("https://")
        trusted = ssl.create_default_context(cafile=certificate)
        with httpx.Client(base_url=process.url, verify=trusted, headers=bearer("boss")) as client:
            assert Api(client).register("s", record()) == 1


def test_tls_files_that_do_not_hold_are_told(tmp_path: Path) -> None:
    from tallystick.api._server import _check_certificate

    broken = tmp_path / "cert.pem"
    broken.write_text("no certificate")
    for listener in (
        Listener(certificate=broken),
        Listener(certificate=tmp_path / "none"),
        Listener(private_key=broken),
    ):
        with pytest.raises(BadCertificateError):
            _check_certificate(listener)
