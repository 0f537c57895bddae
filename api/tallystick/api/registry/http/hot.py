"""The hot paths: answers by id and of latest versions, as bytes that are ready, in front of everything else."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import anyio.to_thread
import msgspec

from tallystick.api.registry.freshness import Unknown, freshness_of
from tallystick.api.registry.http import direct
from tallystick.api.registry.http.media import negotiate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tallystick.api.registry.http.metrics import Metrics
    from tallystick.api.registry.store import Store

__all__ = ["Hot"]

_MAX_BYTES: Final = 64 * 1024 * 1024
_OVERHEAD: Final = 1_000
Key = tuple[bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class _Answer:
    start: Message
    body: Message
    etag: bytes
    not_modified: Message
    keys: tuple[str, ...]
    size: int


@dataclass(slots=True)
class _Cache:
    """Answers by request, the least recently used dropped first, bounded in bytes."""

    answers: OrderedDict[Key, _Answer] = field(default_factory=OrderedDict)
    by_change: dict[str, set[Key]] = field(default_factory=dict)
    size: int = 0
    tick: int = -1

    def put(self, key: Key, answer: _Answer, tick: int) -> None:
        """Keep an answer, unless something that it was read before may have changed it."""
        if tick < self.tick or answer.size > _MAX_BYTES:
            return
        self._drop(key)
        self.answers[key] = answer
        self.size += answer.size
        for change in answer.keys:
            self.by_change.setdefault(change, set()).add(key)
        while self.size > _MAX_BYTES:
            self._drop(next(iter(self.answers)))

    def forget(self, tick: int, changes: set[str] | None) -> None:
        """Drop what changed; None: everything."""
        self.tick = tick
        if changes is None:
            self.answers.clear()
            self.by_change.clear()
            self.size = 0
            return
        for change in changes:
            for key in tuple(self.by_change.get(change, ())):
                self._drop(key)

    def _drop(self, key: Key) -> None:
        answer = self.answers.pop(key, None)
        if answer is None:
            return
        self.size -= answer.size
        for change in answer.keys:
            keys = self.by_change[change]
            keys.discard(key)
            if not keys:
                del self.by_change[change]


class Hot:
    """ASGI layer that answers hot requests from memory, or straight from the database, and passes on all others.

    Args:
        app: The application behind it.
        store: The database.
        metrics: Where hits and misses are counted.
    """

    def __init__(self, app: ASGIApp, store: Store, metrics: Metrics) -> None:
        self._app = app
        self._store = store
        self._cache = _Cache()
        self._freshness = freshness_of(store, self._cache.forget)
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            await self._freshness.close()
            return
        path: bytes = scope["raw_path"]
        if scope["method"] != "GET" or not (path.startswith(b"/schemas/ids/") or b"/versions/" in path):
            await self._app(scope, receive, send)
            return
        accept, known, request_id = _headers(scope["headers"])
        answer = await self._answer((path, scope["query_string"], accept))
        if answer is None:
            await self._app(scope, receive, send)
        elif known and _matches(known, answer.etag):
            await send(_with_id(answer.not_modified, request_id))
            await send(_EMPTY)
        else:
            await send(_with_id(answer.start, request_id))
            await send(answer.body)

    async def _answer(self, key: Key) -> _Answer | None:
        try:
            await self._freshness.catch_up()
        except Unknown:
            return None
        answer = self._cache.answers.get(key)
        if answer is None:
            return await self._learn(key)
        self._cache.answers.move_to_end(key)
        self._metrics.hot()
        return answer

    async def _learn(self, key: Key) -> _Answer | None:
        path, query, accept = key
        asked, media_type = direct.question(path, query), negotiate(accept.decode("latin-1"))
        if asked is None or media_type is None:
            return None
        began = time.perf_counter()
        found = await anyio.to_thread.run_sync(direct.answer, self._store, asked)
        if found is None:
            return None
        answer = _answer(msgspec.json.encode(found.found), media_type.encode(), found.until)
        self._cache.put(key, answer, found.tick)
        self._metrics.answered("GET", asked.route, HTTPStatus.OK, time.perf_counter() - began)
        return answer


_EMPTY: Final[Message] = {"type": "http.response.body", "body": b""}


def _answer(body: bytes, media_type: bytes, keys: tuple[str, ...]) -> _Answer:
    etag = b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", media_type), (b"etag", etag)]
    return _Answer(
        start={"type": "http.response.start", "status": 200, "headers": headers},
        body={"type": "http.response.body", "body": body},
        etag=etag,
        not_modified={"type": "http.response.start", "status": 304, "headers": [(b"etag", etag)]},
        keys=keys,
        size=len(body) + _OVERHEAD,
    )


def _headers(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, bytes, bytes]:
    accept = known = request_id = b""
    for name, value in headers:
        if name == b"accept":
            accept = value
        elif name == b"if-none-match":
            known = value
        elif name == b"x-request-id":
            request_id = value
    return accept, known, request_id


def _matches(known: bytes, etag: bytes) -> bool:
    return known == b"*" or any(each.strip().removeprefix(b"W/") == etag for each in known.split(b","))


def _with_id(message: Message, request_id: bytes) -> Message:
    """The answer with the caller's id, if it gave a safe one; one of ours would name nothing that is logged."""
    if not request_id or not request_id.isalnum():
        return message
    return {**message, "headers": [*message["headers"], (b"x-request-id", request_id)]}
