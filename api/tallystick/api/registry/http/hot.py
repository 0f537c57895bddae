"""The hot paths: answers by id and of latest versions, as bytes that are ready, in front of everything else."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from tallystick.api.registry.freshness import Unknown, freshness_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tallystick.api.registry.http.metrics import Metrics
    from tallystick.api.registry.store import Store

__all__ = ["Hot", "Note"]

_MAX_BYTES: Final = 64 * 1024 * 1024
_OVERHEAD: Final = 1_000
Key = tuple[bytes, bytes, bytes]
Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Note:
    """What a route says of its answer: as of which write it holds, and which changes end that; none: never keep it."""

    tick: int = -1
    keys: tuple[str, ...] = ()


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
    """ASGI layer that answers hot requests from memory, and learns from the answers of what is behind it.

    Args:
        app: The application behind it.
        store: The database.
        metrics: Where hits and misses are counted.
    """

    def __init__(self, app: ASGIApp, store: Store, metrics: Metrics) -> None:
        self._app = app
        self._cache = _Cache()
        self._freshness = freshness_of(store, self._cache.forget)
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or pass the request on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            await self._freshness.close()
            return
        path = scope.get("raw_path", b"")
        if scope["method"] != "GET" or not (path.startswith(b"/schemas/ids/") or b"/versions/" in path):
            await self._app(scope, receive, send)
            return
        accept, known, request_id = _headers(scope["headers"])
        key = (path, scope["query_string"], accept)
        try:
            await self._freshness.catch_up()
        except Unknown:
            await self._app(scope, receive, send)
            return
        answer = self._cache.answers.get(key)
        if answer is None:
            await self._learn(key, scope, receive, send)
            return
        self._cache.answers.move_to_end(key)
        self._metrics.hot()
        if known and _matches(known, answer.etag):
            await send(_with_id(answer.not_modified, request_id))
            await send(_EMPTY)
            return
        await send(_with_id(answer.start, request_id))
        await send(answer.body)

    async def _learn(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        note = Note()
        scope["tallystick.note"] = note
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)
            await send(message)

        await self._app(scope, receive, keep)
        if note.keys and len(messages) == len(("start", "body")) and messages[0]["status"] == HTTPStatus.OK:
            self._cache.put(key, _answer(messages[0]["headers"], messages[1]["body"], note.keys), note.tick)


_EMPTY: Final[Message] = {"type": "http.response.body", "body": b""}


def _answer(headers: Headers, body: bytes, keys: tuple[str, ...]) -> _Answer:
    etag = b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
    kept = [(name, value) for name, value in headers if name not in {b"x-request-id", b"etag"}]
    tagged = [*kept, (b"etag", etag)]
    return _Answer(
        start={"type": "http.response.start", "status": 200, "headers": tagged},
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
