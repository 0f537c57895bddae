"""The servers that are measured, each a process of its own, and the load that is put on them."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Load", "Requests", "Result", "Server", "apicurio", "empty", "registry", "running"]

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
CHUNKED, LAST_CHUNK = b"transfer-encoding: chunked", b"0\r\n\r\n"
OLDEST_JAVA = 21
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
REGISTRY = "from tallystick.cli.serve_registry import command; command()"
# Makes the requests of one connection.
Requests = "Callable[[], Iterator[bytes]]"


@dataclass(frozen=True)
class Server:
    """A running server, its port, and the seconds until it answered."""

    pid: int
    port: int
    seconds: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def cpu_us(self) -> float:
        """The processor time it has taken, that of threads that have ended included."""
        seconds = os.sysconf("SC_CLK_TCK")
        user, system = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / seconds * 1e6


@contextmanager
def running(command: Callable[[int], list[str]], ready: str) -> Iterator[Server]:
    """Run a server on a free port until the block ends.

    Args:
        command: Makes its command for a port.
        ready: The path that it answers once it is ready.
    """
    port, began = free_port(), time.perf_counter()
    process = subprocess.Popen(command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not answers(f"http://127.0.0.1:{port}{ready}"):
            if process.poll() is not None or time.perf_counter() - began > 300:
                raise SystemExit(f"{command(port)[:2]} did not start")
            time.sleep(0.01)
        yield Server(process.pid, port, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait()


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=30).read()  # noqa: S310 - our own server
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def empty(port: int) -> list[str]:
    return [sys.executable, "-c", EMPTY, str(port)]


def registry(database: str) -> Callable[[int], list[str]]:
    quiet = ["--database", database, "--log-level", "warning"]
    return lambda port: [sys.executable, "-c", REGISTRY, "--port", str(port), *quiet]


def apicurio(folder: Path) -> Callable[[int], list[str]]:
    java, jar = str(new_java()), str(folder / "quarkus-run.jar")
    hosts = ["-Dquarkus.http.host=127.0.0.1", "-Dquarkus.management.host=127.0.0.1"]
    management = f"-Dquarkus.management.port={free_port()}"
    return lambda port: [java, *hosts, management, f"-Dquarkus.http.port={port}", "-jar", jar]


def new_java() -> Path:
    """The first Java that is new enough: of $JAVA_HOME and the like, else of the system."""
    named = [Path(home) for name, home in os.environ.items() if name.startswith("JAVA_HOME")]
    for home in (*named, *sorted(Path("/usr/lib/jvm").glob("*"))):
        release = home / "release"
        found = re.search(r'JAVA_VERSION="(\d+)', release.read_text()) if release.is_file() else None
        if found and int(found[1]) >= OLDEST_JAVA and (home / "bin" / "java").exists():
            return home / "bin" / "java"
    raise SystemExit(f"Apicurio Registry needs Java {OLDEST_JAVA} or later: let JAVA_HOME name one")


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


@dataclass(frozen=True, kw_only=True)
class Load:
    """How hard and how long servers are asked."""

    warm: float
    seconds: float
    connections: int

    def measure(self, name: str, server: Server, requests: Requests) -> Result:
        uvloop.run(self._ask(server.port, requests, self.warm))
        before = server.cpu_us()
        latencies, bad = uvloop.run(self._ask(server.port, requests, self.seconds))
        cpu_us = (server.cpu_us() - before) / max(len(latencies), 1)
        if bad:
            print("   first error:", bad[0][:160], file=sys.stderr)
        latencies.sort()
        p50, p99 = (latencies[int(len(latencies) * q)] * 1000 if latencies else 0 for q in (0.5, 0.99))
        return Result(name, len(latencies) / self.seconds, p50, p99, len(bad), cpu_us)

    async def _ask(self, port: int, requests: Requests, seconds: float) -> tuple[list[float], list[bytes]]:
        latencies: list[float] = []
        bad: list[bytes] = []
        loop = asyncio.get_running_loop()
        opened = [
            await loop.create_connection(lambda: Connection(requests(), latencies, bad), "127.0.0.1", port)
            for _ in range(self.connections)
        ]
        await asyncio.sleep(seconds)
        for transport, _ in opened:
            transport.abort()
        return latencies, bad


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
        if not is_whole(self._buffer):
            return
        self._latencies.append(time.perf_counter() - self._asked)
        if self._buffer[9:10] != b"2":
            self._bad.append(self._buffer[:200])
        self._buffer = b""
        self._ask()

    def _ask(self) -> None:
        self._asked = time.perf_counter()
        self._transport.write(next(self._requests))


def is_whole(answer: bytes) -> bool:
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    found = LENGTH.search(answer, 0, end)
    if found is None and CHUNKED in answer[:end].lower():
        return answer.endswith(LAST_CHUNK)
    return len(answer) >= end + 4 + (int(found[1]) if found else 0)
