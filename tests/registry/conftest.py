"""A registry for each test: in process for speed, or the real process where that is the point."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from tallystick.api._logs import configure_logs
from tallystick.api.registry.http.app import create_app
from tallystick.api.registry.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    import httpx

LAUNCHER = "from tallystick.cli.serve_registry import command; command()"


def record(name: str = "A", **fields: str) -> str:
    """The text of a record, in the form in which it is stored."""
    listed = [{"name": field, "type": kind} for field, kind in (fields or {"x": "int"}).items()]
    return json.dumps({"type": "record", "name": name, "fields": listed}, separators=(",", ":"))


class Api:
    """Confluent's API in the words of the tests; every answer is (status, body)."""

    def __init__(self, client: httpx.Client | TestClient) -> None:
        self.client = client

    def get(self, path: str, **params: object) -> tuple[int, Any]:
        return self.send("GET", path, None, **params)

    def post(self, path: str, body: object, **params: object) -> tuple[int, Any]:
        return self.send("POST", path, body, **params)

    def put(self, path: str, body: object, **params: object) -> tuple[int, Any]:
        return self.send("PUT", path, body, **params)

    def delete(self, path: str, **params: object) -> tuple[int, Any]:
        return self.send("DELETE", path, None, **params)

    def send(self, method: str, path: str, body: object, **params: object) -> tuple[int, Any]:
        answer = self.client.request(
            method, path, params={key: str(value) for key, value in params.items()} or None, json=body
        )
        return answer.status_code, answer.json() if answer.content else None

    def register(self, subject: str, text: str, **more: object) -> int:
        status, answer = self.post(f"/subjects/{subject}/versions", {"schema": text, **more})
        assert status == 200, answer
        found: int = answer["id"]
        return found

    def error(self, method: str, path: str, body: object = None, **params: object) -> tuple[int, int, str]:
        """Status, code and message of a refusal."""
        status, answer = self.send(method, path, body, **params)
        return status, answer["error_code"], answer["message"]


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    configure_logs(level="warning")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables, to be copied."""
    path = tmp_path_factory.mktemp("registry") / "empty.db"
    Store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Path:
    path = tmp_path / "registry.db"
    shutil.copy(migrated, path)
    return path


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{database}")
    yield opened
    opened.close()


@pytest.fixture
def api(store: Store) -> Iterator[Api]:
    with TestClient(create_app(store), raise_server_exceptions=True) as client:
        yield Api(client)


@dataclass
class Process:
    """A registry in a process of its own."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def running(log: Path, *arguments: str, code: str = LAUNCHER, **env: str) -> Iterator[Process]:
    """Run a registry on a free port until the block ends."""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", code, "--port", "0", *arguments], stderr=stream, env={**os.environ, **env}
        )
    try:
        yield Process(_url(process, log), process, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = re.search(r'"url": "([^"]+)"', log.read_text())
        if found:
            return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.02)
    pytest.fail(f"the registry did not start: {log.read_text()}")


@pytest.fixture
def server(database: Path, tmp_path: Path) -> Iterator[Process]:
    with running(tmp_path / "registry.log", "--database", f"sqlite:///{database}") as process:
        yield process


@pytest.fixture
def serve(tmp_path: Path) -> Callable[..., AbstractContextManager[Process]]:
    """Run further registries: `with serve("--database", url) as process`."""
    count = 0

    def start(*arguments: str, code: str = LAUNCHER, **env: str) -> AbstractContextManager[Process]:
        nonlocal count
        count += 1
        return running(tmp_path / f"registry-{count}.log", *arguments, code=code, **env)

    return start
