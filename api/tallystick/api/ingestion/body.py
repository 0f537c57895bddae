"""Reads a body raw, while it streams, and never more of it than allowed."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Final

from tallystick.api.ingestion.errors import (
    BodyTimeoutError,
    LengthRequiredError,
    MalformedBodyError,
    TooLargeError,
    UnsupportedMediaError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from tallystick.api.ingestion.limits import Limits

__all__ = ["BEACON", "JSON", "NDJSON", "media_type", "read_body"]

JSON: Final = ("application/json",)
NDJSON: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl")
BEACON: Final = ("text/plain",)

_GZIP: Final = 31  # zlib's window for a gzip header and trailer
_IDENTITY: Final = frozenset({"", "identity"})


def media_type(request: Request, known: Sequence[str]) -> str:
    """The request's content type; the first known one where it names none.

    Raises:
        UnsupportedMediaError: It names another one.
    """
    value = request.headers.get("content-type", known[0]).partition(";")[0].strip().lower()
    if value not in known:
        raise UnsupportedMediaError("this content type is not taken here", fix=f"send {' or '.join(known)}")
    return value


async def read_body(request: Request, limits: Limits) -> bytes:
    """Read the body and unpack it.

    Raises:
        RequestError: It is too large, too slow, or not what its headers say.
    """
    _check_headers(request, limits)
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding in _IDENTITY:
        unpack: _Plain | _Gzip = _Plain()
    elif encoding in {"gzip", "x-gzip"}:
        unpack = _Gzip(limits.inflated_bytes)
    else:
        raise UnsupportedMediaError("this content encoding is not taken here", fix="send gzip or plain")
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _collect(request, unpack, limits)
    except TimeoutError:
        raise BodyTimeoutError from None


def _check_headers(request: Request, limits: Limits) -> None:
    length = request.headers.get("content-length")
    if length is None:
        if "transfer-encoding" not in request.headers:
            raise LengthRequiredError
        return
    if not length.isdecimal() or int(length[:20]) > limits.wire_bytes:
        raise TooLargeError("the body", limits.wire_bytes)


async def _collect(request: Request, unpack: _Plain | _Gzip, limits: Limits) -> bytes:
    received = 0
    content = bytearray()
    async for chunk in request.stream():
        received += len(chunk)
        if received > limits.wire_bytes:
            raise TooLargeError("the body", limits.wire_bytes)
        content += unpack.feed(chunk)
    unpack.finish()
    return bytes(content)


class _Plain:
    def feed(self, chunk: bytes) -> bytes:
        return chunk

    def finish(self) -> None:
        pass


class _Gzip:
    """Unpacks no more than the limit, so that a bomb costs what a large body costs."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = limit
        self._stream = zlib.decompressobj(_GZIP)

    def feed(self, chunk: bytes) -> bytes:
        try:
            content = self._stream.decompress(chunk, self._left + 1)
        except zlib.error:
            raise MalformedBodyError from None
        self._left -= len(content)
        if self._left < 0:
            raise TooLargeError("the unpacked body", self._limit)
        if self._stream.unused_data:
            raise MalformedBodyError
        return content

    def finish(self) -> None:
        if not self._stream.eof:
            raise MalformedBodyError
