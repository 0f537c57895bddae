"""A server that takes batches as the ingestion API does, for tests of what the client does with its answers."""

from __future__ import annotations

import gzip
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Collector:
    """What the server saw, and how it answers.

    Attributes:
        url: Its address.
        accepted: The id of every event that was accepted, as often as it was.
        bodies: Every accepted event.
        requests: The headers of every request.
        respond: Answers a batch: (status, headers, results or None for one `accepted` each).
    """

    url: str = ""
    accepted: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    respond: Callable[[list[dict[str, Any]]], tuple[int, dict[str, str], list[dict[str, Any]] | None]] = field(
        default=lambda _: (200, {}, None)
    )
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_for(self, count: int, seconds: float = 20.0) -> None:
        """Wait until so many different events have come."""
        until = time.monotonic() + seconds
        while len(set(self.accepted)) < count and time.monotonic() < until:
            time.sleep(0.02)


def _handler_of(collector: Collector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Content-Encoding"] == "gzip":
                content = gzip.decompress(content)
            events = json.loads(content)["batch"]
            with collector.lock:
                collector.requests.append({name.lower(): value for name, value in self.headers.items()})
                status, headers, results = collector.respond(events)
                if status in {200, 207}:
                    results = results or [{"status": "accepted"}] * len(events)
                    for event, result in zip(events, results, strict=False):
                        if result["status"] == "accepted":
                            collector.accepted.append(event["meta"]["event_id"])
                            collector.bodies.append(event)
            body = json.dumps({"results": results}).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def serving(collector: Collector, port: int = 0) -> Iterator[Collector]:
    """Run the server."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(collector))
    server.daemon_threads = True
    collector.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
