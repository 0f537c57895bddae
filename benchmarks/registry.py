"""How fast the registry is, beside an empty uvicorn handler and (with --apicurio DIR) beside Apicurio Registry.

Everything in one run on one machine, each warmed, so that the ratios mean something:

    python benchmarks/registry.py [--seconds 5] [--connections 32] [--sizes 1000,10000,100000] [--apicurio DIR]
                                  [--database postgresql+psycopg://...]

DIR is an unpacked apicurio-registry-app (`quarkus-run.jar` in it), run with the Java of $JAVA_HOME, 21 or later.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCHEMAS = 200
EMPTY = """
import asyncio, sys, uvicorn
BODY = b"x" * 2300
HEADERS = [(b"content-length", b"2300"), (b"content-type", b"application/json")]
START = {"type": "http.response.start", "status": 200, "headers": HEADERS}
END = {"type": "http.response.body", "body": BODY}
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send(START)
        await send(END)
quiet = {"lifespan": "off", "access_log": False, "log_level": "error", "server_header": False}
uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", **quiet)
"""
REGISTRY = "import sys; from tallystick.cli.serve_registry import command; command()"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def schema(number: int) -> str:
    """A schema of about 2 KB."""
    fields = [
        {"name": f"field_{i:02}", "type": ["null", "string"], "default": None, "doc": f"{i:030}"} for i in range(18)
    ]
    return json.dumps({"type": "record", "name": f"Event{number}", "namespace": "bench", "fields": fields})


@dataclass(frozen=True)
class Result:
    """What one load measured."""

    name: str
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int

    def row(self) -> str:
        return f"{self.name:<44}{self.per_second:>10,.0f}/s{self.p50_ms:>9.2f}{self.p99_ms:>9.2f}{self.errors:>8}"


class Connection(asyncio.Protocol):
    """One keep-alive connection that asks again as soon as it is answered."""

    def __init__(self, requests: Iterator[bytes], latencies: list[float], bad: list[bytes]) -> None:
        self._requests, self._latencies, self._bad = requests, latencies, bad
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        found = LENGTH.search(self._buffer, 0, end)
        if len(self._buffer) < end + 4 + (int(found[1]) if found else 0):
            return
        self._latencies.append(time.perf_counter() - self._asked)
        if self._buffer[9:10] != b"2":
            self._bad.append(self._buffer[:200])
        self._buffer = b""
        self._ask()

    def _ask(self) -> None:
        self._asked = time.perf_counter()
        self._transport.write(next(self._requests))


async def load(
    port: int, make: Callable[[], Iterator[bytes]], seconds: float, connections: int
) -> tuple[list[float], list[bytes]]:
    latencies: list[float] = []
    bad: list[bytes] = []
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: Connection(make(), latencies, bad), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.sleep(seconds)
    for transport, _ in opened:
        transport.abort()
    return latencies, bad


def measure(name: str, port: int, make: Callable[[], Iterator[bytes]], args: argparse.Namespace) -> Result:
    import uvloop

    uvloop.run(load(port, make, 1.0, args.connections))
    latencies, bad = uvloop.run(load(port, make, args.seconds, args.connections))
    if bad:
        print("   first error:", bad[0][:160], file=sys.stderr)
    latencies.sort()
    p50, p99 = (latencies[int(len(latencies) * q)] * 1000 if latencies else 0 for q in (0.5, 0.99))
    return Result(name, len(latencies) / args.seconds, p50, p99, len(bad))


def gets(paths: list[str]) -> Callable[[], Iterator[bytes]]:
    requests = [f"GET {p} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n\r\n".encode() for p in paths]

    def make() -> Iterator[bytes]:
        at = random.randrange(len(requests))
        while True:
            at = (at + 1) % len(requests)
            yield requests[at]

    return make


def post(base: str, subject: str, text: str) -> bytes:
    body = json.dumps({"schema": text})
    return (
        f"POST {base}/subjects/{subject}/versions HTTP/1.1\r\nhost: localhost\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    ).encode()


def registers(base: str) -> Callable[[], Iterator[bytes]]:
    def make() -> Iterator[bytes]:
        while True:
            number = random.randrange(10**12)
            yield post(base, f"new-{number}", schema(number))

    return make


def mixed(base: str, ids: list[int]) -> Callable[[], Iterator[bytes]]:
    reads, writes = gets([f"{base}/schemas/ids/{i}" for i in ids]), registers(base)

    def make() -> Iterator[bytes]:
        reading, writing = reads(), writes()
        while True:
            yield next(writing if random.random() < 0.01 else reading)

    return make


def free_port() -> int:
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def process(command: list[str], ready: str, **env: str) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """Run a server until the block ends; gives it and the seconds until it answered."""
    began = time.perf_counter()
    running = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(ready, timeout=1).read()  # noqa: S310 - our own server
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if running.poll() is not None or time.perf_counter() - began > 120:
                    raise SystemExit(f"{command[:2]} did not start") from None
                time.sleep(0.01)
        yield running, time.perf_counter() - began
    finally:
        running.terminate()
        running.wait()


def memory_mb(pid: int) -> float:
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024  # type: ignore[index]


def fill(url: str, count: int) -> list[int]:
    ids = []
    for number in range(count):
        body = json.dumps({"schema": schema(number)}).encode()
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{url}/subjects/subject-{number}/versions",
            body,
            {"content-type": "application/vnd.schemaregistry.v1+json"},
        )
        ids.append(json.load(urllib.request.urlopen(request))["id"])  # noqa: S310 - our own server
    return ids


def loads(name: str, port: int, base: str, args: argparse.Namespace) -> list[Result]:
    ids = fill(f"http://127.0.0.1:{port}{base}", SCHEMAS)
    latest = gets([f"{base}/subjects/subject-{n}/versions/latest" for n in range(SCHEMAS)])
    return [
        measure(f"{name}: GET /schemas/ids/{{id}}", port, gets([f"{base}/schemas/ids/{i}" for i in ids]), args),
        measure(f"{name}: GET .../versions/latest", port, latest, args),
        measure(f"{name}: register (new subjects, 2 KB)", port, registers(base), args),
        measure(f"{name}: mix (99 % reads by id)", port, mixed(base, ids), args),
    ]


def sizes(args: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Start-up and memory with many schemas, written straight into the database."""
    from tallystick.api.registry.content import Content
    from tallystick.api.registry.names import Subject
    from tallystick.api.registry.store import Store

    for count in args.sizes:
        path = folder / f"{count}.db"
        store = Store(f"sqlite:///{path}")
        with store.write() as tx:
            tx.list_context(".")
            for number in range(count):
                subject = Subject(".", f"subject-{number}")
                content = Content(text=schema(number))
                schema_id = tx.take_id(".")
                tx.add_content(subject, schema_id, content)
                tx.add_version(subject, 1, schema_id)
        store.close()
        port = free_port()
        command = [sys.executable, "-c", REGISTRY, "--port", str(port), "--database", f"sqlite:///{path}"]
        with process(command, f"http://127.0.0.1:{port}/readyz") as (running, seconds):
            idle = memory_mb(running.pid)
            paths = [f"/schemas/ids/{random.randint(1, count)}" for _ in range(min(count, 20_000))]
            measure("", port, gets(paths), args)
            after = memory_mb(running.pid)
            yield f"{count:>9,} schemas: ready in {seconds:.2f} s, {idle:.0f} MB idle, {after:.0f} MB after reads"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument(
        "--sizes", type=lambda text: [int(n) for n in text.split(",") if n], default=[1000, 10_000, 100_000]
    )
    parser.add_argument("--apicurio", type=Path)
    parser.add_argument("--database", default="")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tallystick-bench-"))
    cores = multiprocessing.cpu_count()
    print(f"{cores} cores, {args.connections} connections, {args.seconds:g} s each, {SCHEMAS} schemas of 2 KB")
    print(f"{'':<44}{'':>12}{'p50 ms':>9}{'p99 ms':>9}{'errors':>8}")
    try:
        port = free_port()
        with process([sys.executable, "-c", EMPTY, str(port)], f"http://127.0.0.1:{port}/"):
            empty = measure("empty uvicorn handler, 2.3 KB", port, gets(["/schemas/ids/1"]), args)
        print(empty.row())
        port = free_port()
        database = args.database or f"sqlite:///{folder / 'bench.db'}"
        command = [
            sys.executable,
            "-c",
            REGISTRY,
            "--port",
            str(port),
            "--database",
            database,
            "--log-level",
            "warning",
        ]
        with process(command, f"http://127.0.0.1:{port}/readyz"):
            ours = loads("tallystick", port, "", args)
        print("\n".join(result.row() for result in ours))
        if args.apicurio is not None:
            port = free_port()
            java = str(Path(os.environ["JAVA_HOME"]) / "bin" / "java") if "JAVA_HOME" in os.environ else "java"
            command = [
                java,
                "-Dquarkus.http.host=127.0.0.1",
                f"-Dquarkus.http.port={port}",
                "-jar",
                str(args.apicurio / "quarkus-run.jar"),
            ]
            with process(command, f"http://127.0.0.1:{port}/apis/ccompat/v7/subjects") as (running, seconds):
                peer = loads("apicurio", port, "/apis/ccompat/v7", args)
                print("\n".join(result.row() for result in peer))
                print(f"apicurio: ready in {seconds:.1f} s, {memory_mb(running.pid):.0f} MB")
        reads = statistics.fmean(result.per_second for result in ours[:2])
        print(f"reads: {reads / empty.per_second:.2f} of the empty handler")
        for line in sizes(args, folder):
            print(line)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
