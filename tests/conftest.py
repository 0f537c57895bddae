"""What tests share: one broker, one stack, one Spark session and one S3 server per run, each on a free port."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import httpx
import pytest

from tallystick.dev.broker import BROKER, Broker
from tallystick.dev.parts import wait_until_ready
from tallystick.dev.ports import HOST
from tallystick.dev.ports import free_port as any_free_port
from tallystick.dev.processes import Processes
from tallystick.dev.topics import create_topics, is_ready
from tallystick.streaming.jars import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from tallystick.dev.stack import StackStatus

ROOT = Path(__file__).parent.parent
# A few dozen rows at a time: to generate and compile classes for each query costs more than to run it. The tests of
# the whole thread, tests/e2e, run with the settings of every day.
_INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
VERSITYGW = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"


def pytest_configure() -> None:
    # A run that is told to end has to end what it started: SIGTERM goes the way of Ctrl-C, through the fixtures' ends.
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    return any_free_port()


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Kafka, with the platform's topics."""
    folder = tmp_path_factory.mktemp("broker")
    processes = Processes(folder, tethered=True)
    kafka = Broker(folder=folder / "kafka", processes=processes, port=any_free_port())
    try:
        kafka.start()
        wait_until_ready(BROKER, kafka.address, is_ready=is_ready, check=lambda: _require(processes))
        create_topics(kafka.address)
        yield kafka.address
    finally:
        processes.stop(BROKER)


def _require(processes: Processes) -> None:
    assert processes.find(BROKER), f"the broker ended:\n{processes.tail(BROKER, lines=40)}"


@pytest.fixture(scope="session")
def stack(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackStatus]:
    """The run's broker, with a registry that holds the contracts and an API in front of it."""
    from tallystick.dev.stack import Stack, StackOptions

    options = StackOptions(
        folder=tmp_path_factory.mktemp("stack"),
        kafka=broker,
        registry_port=0,
        api_port=0,
        schemas=ROOT / "schemas",
        tethered=True,
    )
    with Stack(options) as status:
        yield status


@dataclass(frozen=True, slots=True, kw_only=True)
class S3:
    """A real S3 s3_account.

    Attributes:
        endpoint: Its URL.
        access_key: The one account's name.
        secret_key: The account's secret.
        bucket: An empty bucket.
        region: What requests are signed for.
    """

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str
    region: str = "us-east-1"


@pytest.fixture(scope="session")
def s3_account() -> S3:
    """Where the S3 server is once something asks for `s3`; Spark has to know it before."""
    endpoint = f"http://{HOST}:{any_free_port()}"
    return S3(endpoint=endpoint, access_key="tester", secret_key="testing-only", bucket="lake")


@pytest.fixture(scope="session")
def s3(s3_account: S3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A real S3 gateway over a folder, with one bucket."""
    program, folder = _versitygw(), tmp_path_factory.mktemp("s3")
    (folder / "objects" / "lake").mkdir(parents=True)
    processes = Processes(folder, tethered=True)
    account = ["--access", s3_account.access_key, "--secret", s3_account.secret_key]
    address = s3_account.endpoint.removeprefix("http://")
    try:
        processes.start("s3", [program, *account, "--port", address, "posix", str(folder / "objects")])
        wait_until_ready("s3", s3_account.endpoint, is_ready=_speaks_http, check=lambda: None, timeout=30)
        yield s3_account
    finally:
        processes.stop("s3")


@pytest.fixture(scope="session")
def spark(s3_account: S3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """The run's one Spark session, able to write to folders and to `s3a://`."""
    from tallystick.streaming.session import SessionOptions, open_session

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", s3_account.access_key)
        environment.setenv("AWS_SECRET_ACCESS_KEY", s3_account.secret_key)
        environment.setenv("AWS_ENDPOINT_URL_S3", s3_account.endpoint)
        settings = {"spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")), **_INTERPRETED}
        session = open_session(SessionOptions(lake="s3a://lake", settings=settings))
        try:
            yield session
        finally:
            session.stop()


def _speaks_http(endpoint: str) -> bool:
    try:
        httpx.get(endpoint, timeout=5)
    except httpx.HTTPError:
        return False
    return True


def _versitygw() -> str:
    """The gateway: the one that is installed, or one that Go makes once and the cache keeps."""
    kept = cache_folder().parent / "bin" / "versitygw"
    if found := shutil.which("versitygw") or (str(kept) if kept.exists() else None):
        return found
    if not shutil.which("go"):
        pytest.skip("no S3 server: neither versitygw nor the Go to make it with is installed")
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.parent / f".go-{os.getpid()}-{time.time_ns()}"
    made = subprocess.run(
        ["go", "install", VERSITYGW],
        env={**os.environ, "GOBIN": str(draft)},
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"no S3 server: Go could not make versitygw: {made.stderr.strip()[-300:]}")
    (draft / "versitygw").replace(kept)
    shutil.rmtree(draft, ignore_errors=True)
    return str(kept)
