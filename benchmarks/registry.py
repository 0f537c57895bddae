"""How fast the registry is, beside an empty uvicorn handler and (with --apicurio DIR) beside Apicurio Registry.

Everything in one run on one machine, each warmed, so that the ratios mean something:

    python benchmarks/registry.py [--seconds 5] [--connections 32] [--sizes 1000,10000,100000] [--apicurio DIR]
                                  [--warm 1] [--database postgresql+psycopg://...]

DIR is an unpacked apicurio-registry-app (`quarkus-run.jar` in it), run with Java 21 or later: that of $JAVA_HOME, of
another variable of that beginning, or of /usr/lib/jvm. `--sizes ""` leaves out the import of many schemas.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import shutil
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from _servers import Load, Result, Server, apicurio, empty, registry, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _servers import Requests

SCHEMAS = 200
CCOMPAT = "/apis/ccompat/v7"


def schema(number: int) -> str:
    """A schema of about 2 KB."""
    fields = [
        {"name": f"field_{i:02}", "type": ["null", "string"], "default": None, "doc": f"{i:030}"} for i in range(18)
    ]
    return json.dumps({"type": "record", "name": f"Event{number}", "namespace": "bench", "fields": fields})


def gets(paths: list[str]) -> Requests:
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


def registers(base: str) -> Requests:
    def make() -> Iterator[bytes]:
        while True:
            number = random.randrange(10**12)
            yield post(base, f"new-{number}", schema(number))

    return make


def mixed(base: str, ids: list[int]) -> Requests:
    reads, writes = gets([f"{base}/schemas/ids/{i}" for i in ids]), registers(base)

    def make() -> Iterator[bytes]:
        reading, writing = reads(), writes()
        while True:
            yield next(writing if random.random() < 0.01 else reading)

    return make


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


def loads(name: str, server: Server, base: str, load: Load) -> Iterator[Result]:
    ids = fill(server.url + base, SCHEMAS)
    latest = [f"{base}/subjects/subject-{n}/versions/latest" for n in range(SCHEMAS)]
    for title, requests in (
        ("GET /schemas/ids/{id}", gets([f"{base}/schemas/ids/{i}" for i in ids])),
        ("GET .../versions/latest", gets(latest)),
        ("register (new subjects, 2 KB)", registers(base)),
        ("mix (99 % reads by id)", mixed(base, ids)),
    ):
        result = load.measure(f"{name}: {title}", server, requests)
        print(result.row(), flush=True)
        yield result


def lines(count: int) -> Iterator[str]:
    """An export of so many schemas."""
    yield json.dumps({"kind": "context", "name": ".", "last_id": count})
    for number in range(count):
        yield json.dumps({"kind": "schema", "context": ".", "id": number + 1, "schema": schema(number)})
        place = {"subject": f"subject-{number}", "version": 1, "id": number + 1}
        yield json.dumps({"kind": "version", **place, "deleted": False, "ts": 1})


def filled(count: int, folder: Path) -> tuple[str, float]:
    """A database with so many schemas, and the seconds of its import."""
    from tallystick.api.registry.store import Store
    from tallystick.api.registry.transfer import import_lines

    database = f"sqlite:///{folder / str(count)}.db"
    store, began = Store(database), time.perf_counter()
    import_lines(store, lines(count))
    store.close()
    return database, time.perf_counter() - began


def size(count: int, folder: Path, load: Load) -> str:
    """Import, start-up and memory with many schemas."""
    database, imported = filled(count, folder)
    with running(registry(database), "/readyz") as server:
        ready, idle = server.cpu_us() / 1e6, server.memory_mb()
        began = time.perf_counter()
        urllib.request.urlopen(f"{server.url}/schemas/ids/{count}").read()  # noqa: S310 - our own server
        first = (time.perf_counter() - began) * 1000
        paths = [f"/schemas/ids/{random.randint(1, count)}" for _ in range(min(count, 20_000))]
        load.measure("", server, gets(paths))
        return (
            f"{count:>9,} schemas: imported in {imported:.1f} s; ready in {server.seconds:.2f} s "
            f"({ready:.2f} s of processor), {idle:.0f} MB; first read {first:.1f} ms; "
            f"{server.memory_mb():.0f} MB after reads"
        )


def compare(args: argparse.Namespace, folder: Path, load: Load) -> None:
    """All servers, one after the other."""
    with running(empty, "/") as server:
        nothing = load.measure("empty uvicorn handler, 2.3 KB", server, gets(["/schemas/ids/1"]))
    print(nothing.row(), flush=True)
    with running(registry(args.database or f"sqlite:///{folder / 'bench.db'}"), "/readyz") as server:
        reads = list(loads("tallystick", server, "", load))[:2]
    by_clock = statistics.fmean(result.per_second for result in reads) / nothing.per_second
    by_cpu = nothing.cpu_us / statistics.fmean(result.cpu_us for result in reads)
    print(f"reads: {by_clock:.2f} of the empty handler by the clock, {by_cpu:.2f} by processor time", flush=True)
    if args.apicurio is not None:
        with running(apicurio(args.apicurio), f"{CCOMPAT}/subjects") as server:
            list(loads("apicurio", server, CCOMPAT, load))
            print(f"apicurio: ready in {server.seconds:.1f} s, {server.memory_mb():.0f} MB", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--warm", type=float, default=1)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument(
        "--sizes", type=lambda text: [int(n) for n in text.split(",") if n], default=[1000, 10_000, 100_000]
    )
    parser.add_argument("--apicurio", type=Path)
    parser.add_argument("--database", default="")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    load = Load(warm=args.warm, seconds=args.seconds, connections=args.connections)
    folder = Path(tempfile.mkdtemp(prefix="tallystick-bench-"))
    cores = multiprocessing.cpu_count()
    print(f"{cores} cores, {args.connections} connections, {args.seconds:g} s each, {SCHEMAS} schemas of 2 KB")
    print(f"{'':<44}{'':>12}{'p50 ms':>9}{'p99 ms':>9}{'cpu us':>9}{'errors':>8}")
    try:
        compare(args, folder, load)
        for count in args.sizes:
            print(size(count, folder, load), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
