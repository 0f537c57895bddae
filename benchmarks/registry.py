"""How fast the registry is, beside an empty uvicorn handler and (with --apicurio DIR) beside Apicurio Registry.

Everything in one run on one machine, each warmed, so that the ratios mean something:

    python benchmarks/registry.py [--seconds 5] [--connections 32] [--sizes 1000,10000,100000] [--apicurio DIR]
                                  [--warm 1] [--database postgresql+psycopg://...]

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
    cpu_us: float

    def row(self) -> str:
        return (
            f"{self.name:<44}{self.per_second:>10,.0f}/s{self.p50_ms:>9.2f}{self.p99_ms:>9.2f}"
            f"{self.cpu_us:>9,.0f}{self.errors:>8}"
        )


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


def measure(name: str, server: Server, make: Callable[[], Iterator[bytes]], args: argparse.Namespace) -> Result:
    import uvloop

    uvloop.run(load(server.port, make, args.warm, args.connections))
    before = server.cpu_us()
    latencies, bad = uvloop.run(load(server.port, make, args.seconds, args.connections))
    cpu_us = (server.cpu_us() - before) / max(len(latencies), 1)
    if bad:
        print("   first error:", bad[0][:160], file=sys.stderr)
    latencies.sort()
    p50, p99 = (latencies[int(len(latencies) * q)] * 1000 if latencies else 0 for q in (0.5, 0.99))
    return Result(name, len(latencies) / args.seconds, p50, p99, len(bad), cpu_us)


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


@dataclass(frozen=True)
class Server:
    """A running server, its port, and the seconds until it answered."""

    pid: int
    port: int
    seconds: float

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def cpu_us(self) -> float:
        """The processor time it has taken: on a busy machine this says more than the clock does."""
        return (
            sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{self.pid}/task").glob("*/schedstat")) / 1e3
        )


@contextmanager
def process(command: Callable[[int], list[str]], ready: str) -> Iterator[Server]:
    """Run a server on a free port until the block ends."""
    port, began = free_port(), time.perf_counter()
    running = subprocess.Popen(command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=1).read()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if running.poll() is not None or time.perf_counter() - began > 120:
                    raise SystemExit(f"{command(port)[:2]} did not start") from None
                time.sleep(0.01)
        yield Server(running.pid, port, time.perf_counter() - began)
    finally:
        running.terminate()
        running.wait()


def empty(port: int) -> list[str]:
    return [sys.executable, "-c", EMPTY, str(port)]


def registry(database: str) -> Callable[[int], list[str]]:
    quiet = ["--database", database, "--log-level", "warning"]
    return lambda port: [sys.executable, "-c", REGISTRY, "--port", str(port), *quiet]


def apicurio(folder: Path) -> Callable[[int], list[str]]:
    java = str(Path(os.environ["JAVA_HOME"]) / "bin" / "java") if "JAVA_HOME" in os.environ else "java"
    host, jar = "-Dquarkus.http.host=127.0.0.1", str(folder / "quarkus-run.jar")
    return lambda port: [java, host, f"-Dquarkus.http.port={port}", "-jar", jar]


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


def loads(name: str, server: Server, base: str, args: argparse.Namespace) -> Iterator[Result]:
    ids = fill(f"http://127.0.0.1:{server.port}{base}", SCHEMAS)
    latest = gets([f"{base}/subjects/subject-{n}/versions/latest" for n in range(SCHEMAS)])
    yield measure(f"{name}: GET /schemas/ids/{{id}}", server, gets([f"{base}/schemas/ids/{i}" for i in ids]), args)
    yield measure(f"{name}: GET .../versions/latest", server, latest, args)
    yield measure(f"{name}: register (new subjects, 2 KB)", server, registers(base), args)
    yield measure(f"{name}: mix (99 % reads by id)", server, mixed(base, ids), args)


def lines(count: int) -> Iterator[str]:
    """An export of so many schemas."""
    yield json.dumps({"kind": "context", "name": ".", "last_id": count})
    for number in range(count):
        yield json.dumps({"kind": "schema", "context": ".", "id": number + 1, "schema": schema(number)})
        place = {"subject": f"subject-{number}", "version": 1, "id": number + 1}
        yield json.dumps({"kind": "version", **place, "deleted": False, "ts": 1})


def sizes(args: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Import, start-up and memory with many schemas."""
    from tallystick.api.registry.store import Store
    from tallystick.api.registry.transfer import import_lines

    for count in args.sizes:
        database = f"sqlite:///{folder / str(count)}.db"
        store, began = Store(database), time.perf_counter()
        import_lines(store, lines(count))
        store.close()
        imported = time.perf_counter() - began
        with process(registry(database), "/readyz") as server:
            ready, idle = server.cpu_us() / 1e6, server.memory_mb()
            url = f"http://127.0.0.1:{server.port}/schemas/ids/{count}"
            began = time.perf_counter()
            urllib.request.urlopen(url).read()
            first = (time.perf_counter() - began) * 1000
            paths = [f"/schemas/ids/{random.randint(1, count)}" for _ in range(min(count, 20_000))]
            measure("", server, gets(paths), args)
            yield (
                f"{count:>9,} schemas: imported in {imported:.1f} s; ready in {server.seconds:.2f} s "
                f"({ready:.2f} s of processor), {idle:.0f} MB; first read {first:.1f} ms; "
                f"{server.memory_mb():.0f} MB after reads"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--warm", type=float, default=1)
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
    print(f"{'':<44}{'':>12}{'p50 ms':>9}{'p99 ms':>9}{'cpu us':>9}{'errors':>8}")
    try:
        with process(empty, "/") as server:
            nothing = measure("empty uvicorn handler, 2.3 KB", server, gets(["/schemas/ids/1"]), args)
        print(nothing.row(), flush=True)
        ours: list[Result] = []
        with process(registry(args.database or f"sqlite:///{folder / 'bench.db'}"), "/readyz") as server:
            for result in loads("tallystick", server, "", args):
                print(result.row(), flush=True)
                ours.append(result)
        by_clock = statistics.fmean(result.per_second for result in ours[:2]) / nothing.per_second
        by_cpu = nothing.cpu_us / statistics.fmean(result.cpu_us for result in ours[:2])
        print(f"reads: {by_clock:.2f} of the empty handler by the clock, {by_cpu:.2f} by processor time", flush=True)
        if args.apicurio is not None:
            with process(apicurio(args.apicurio), "/apis/ccompat/v7/subjects") as server:
                for result in loads("apicurio", server, "/apis/ccompat/v7", args):
                    print(result.row(), flush=True)
                print(f"apicurio: ready in {server.seconds:.1f} s, {server.memory_mb():.0f} MB")
        for line in sizes(args, folder):
            print(line, flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
