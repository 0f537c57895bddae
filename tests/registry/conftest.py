"""A registry for each test: in process for speed, or the real process where that is the point."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from starlette.testclient import TestClient

from tallystick.api._logs import configure_logs
from tallystick.api.registry.http.app import create_app
from tallystick.api.registry.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

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
def running(log: Path, *arguments: str, code: str = LAUNCHER, port: str = "0", **env: str) -> Iterator[Process]:
    """Run a registry on a free port until the block ends."""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", code, "--port", port, *arguments], stderr=stream, env={**os.environ, **env}
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
    deadline = time.monotonic() + 300  # two seconds, but for a machine where others have all the time
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


def _postgres_programs() -> Path | None:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if installed:
        return installed[-1].parent
    found = shutil.which("postgres")
    return Path(found).parent if found else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL on a free port, in a folder of its own; as root it runs as the user postgres."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs here (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="tallystick-pg-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data, port = folder / "data", free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "user": user, "cwd": folder}
    subprocess.run([programs / "initdb", "-D", data, "-U", "tally", "-A", "trust", "-N"], check=True, **quiet)  # type: ignore[call-overload]
    options = [
        "-D",
        data,
        "-p",
        str(port),
        "-k",
        folder,
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "max_connections=200",
    ]
    server = subprocess.Popen([programs / "postgres", *options], **quiet)  # type: ignore[call-overload]
    try:
        ready = [str(programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
        deadline = time.monotonic() + 60
        while subprocess.run(ready, check=False).returncode and time.monotonic() < deadline:
            time.sleep(0.05)
        yield f"postgresql+psycopg://tally@127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_database(postgres: str) -> str:
    """The address of an empty database of its own."""
    name = f"t{time.time_ns()}"
    with psycopg.connect(f"{postgres.replace('+psycopg', '')}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return f"{postgres}/{name}"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
