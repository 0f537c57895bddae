"""The way over HTTP to the ingestion API."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
from typing_extensions import override

from tallystick.sdk._answers import read_answer
from tallystick.sdk.errors import OptionsError
from tallystick.sdk.transport import Answer, Result, Status, Transport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.sdk.transport import Outgoing

__all__ = ["HttpTransport"]

# Level 1 takes a quarter of level 9's time for nearly all of the gain on JSON.
_GZIP_LEVEL: Final = 1
_WORTH_PACKING: Final = 1024


class HttpTransport(Transport):
    """Sends batches to `/v1/batch`.

    Args:
        endpoint: Address of the ingestion API.
        write_key: Key of the application.
        compress: Whether bodies are packed with gzip.
        connections: How many connections are kept open.
        verify: Whether the server's certificate is checked; a path names the authorities that are trusted.
    """

    def __init__(
        self, endpoint: str, write_key: str, *, compress: bool = True, connections: int = 2, verify: bool | str = True
    ) -> None:
        self._endpoint = endpoint
        self._write_key = write_key
        self._compress = compress
        self._connections = connections
        self._verify = verify
        self._url = _batch_url(endpoint)
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {write_key}", "Content-Type": "application/json"},
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            verify=verify,
        )

    @override
    def send(self, batch: Sequence[Outgoing], timeout: float) -> Answer:
        content = b'{"batch":[' + b",".join(event.body for event in batch) + b"]}"
        headers = {"X-Sent-At": datetime.now(tz=UTC).isoformat()}
        if self._compress and len(content) >= _WORTH_PACKING:
            content = gzip.compress(content, _GZIP_LEVEL, mtime=0)
            headers["Content-Encoding"] = "gzip"
        try:
            response = self._http.post(self._url, content=content, headers=headers, timeout=timeout)
        except httpx.HTTPError as error:
            # The type alone: the message may hold the address with its credentials.
            return Answer.same(Result(Status.RETRY, type(error).__name__), len(batch))
        return read_answer(response.status_code, response.headers, response.content, len(batch))

    @override
    def close(self) -> None:
        self._http.close()

    @override
    def renewed(self) -> HttpTransport:
        return HttpTransport(
            self._endpoint,
            self._write_key,
            compress=self._compress,
            connections=self._connections,
            verify=self._verify,
        )


def _batch_url(endpoint: str) -> str:
    try:
        url = urlsplit(endpoint)
        sound = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise OptionsError(
            f"the endpoint {endpoint!r} is no address of an ingestion API", fix="give one like http://127.0.0.1:8000"
        )
    return endpoint.rstrip("/") + "/v1/batch"
