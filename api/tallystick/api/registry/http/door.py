"""From a route to the store and back: runs the core in a worker thread, and writes the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import anyio.to_thread
import msgspec
import structlog
from starlette.requests import Request  # noqa: TC002 - read from the signature of what makes a door
from starlette.responses import Response

from tallystick.api.registry.access import Need
from tallystick.api.registry.errors import GenericError, SchemaTooLargeError
from tallystick.api.registry.http.bodies import ConfigBody, ModeBody, SchemaBody, TagsBody, decode
from tallystick.api.registry.http.media import ACCEPTED, DEFAULT_TYPE
from tallystick.api.registry.http.routing import Body, Made
from tallystick.api.registry.names import Subject
from tallystick.api.registry.reading import real_subject
from tallystick.api.registry.tagging import tagged, tags_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.api.registry.content import Json
    from tallystick.api.registry.registering import Proposal
    from tallystick.api.registry.store import Store
    from tallystick.api.registry.transaction import Transaction

__all__ = [
    "AtDoor",
    "ConfigIn",
    "Door",
    "Limits",
    "ModeIn",
    "SchemaIn",
    "TagsIn",
    "Write",
    "with_tags",
    "without",
]

T = TypeVar("T")
_LOG: Final = structlog.get_logger("tallystick.registry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may ask for.

    Attributes:
        body_bytes: The largest body.
        schema_chars: The longest schema text.
        listed_schemas: How many schemas a list holds where no limit is given.
    """

    body_bytes: int = 4 * 1024 * 1024
    schema_chars: int = 1024 * 1024
    listed_schemas: int = 1000


@dataclass(frozen=True, slots=True)
class Write:
    """What a write is called in the audit log."""

    action: str
    subject: Subject


class Door:
    """What every route needs: the request's part of the registry.

    Args:
        request: The request.

    Attributes:
        limits: What a request may ask for.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._store: Store = request.app.state.store
        self.limits: Limits = request.app.state.limits

    async def read(self, work: Callable[[Transaction], Any]) -> Response:
        """Answer with what the work finds in one snapshot."""
        return self.answer(await anyio.to_thread.run_sync(self._read, work))

    async def write(self, what: Write, work: Callable[[Transaction], Any]) -> Response:
        """Answer with what the work returns once it is committed, and note who did it."""
        result = await self._request.app.state.writer.write(partial(self._write, what, work))
        self._request.app.state.metrics.written(what.action)
        _LOG.info("written", action=what.action, subject=what.subject.qualified, who=self._who, **_detail(result))
        return self.answer(result)

    def target(self, tx: Transaction, subject: str) -> Subject:
        """The subject that a path names, alias or not; where users are known, it must be one of this user's."""
        named = Subject.parse(subject)
        real = real_subject(tx, named)
        user, need = self._request.scope.get("tallystick.user"), self._request.scope.get("tallystick.need")
        if real != named and user is not None and need is not None and not user.may(Need(need.role, real.qualified)):
            raise GenericError(403, f"User {user.name} is denied operation {need.role.name}")
        return real

    def answer(self, result: object) -> Response:
        """Write an answer: text as it is, anything else as JSON, nothing as 204."""
        media_type = self._request.scope.get("tallystick.media_type", DEFAULT_TYPE)
        if result is None:
            return Response(status_code=204)
        body = result.encode() if isinstance(result, str) else msgspec.json.encode(result)
        return Response(body, media_type=media_type)

    def _read(self, work: Callable[[Transaction], T]) -> T:
        with self._store.read() as tx:
            return work(tx)

    def _write(self, what: Write, work: Callable[[Transaction], Any], tx: Transaction) -> Any:  # noqa: ANN401 - work's
        result = work(tx)
        request_id = self._request.scope.get("tallystick.request_id", "")
        subject = what.subject.qualified
        tx.audit(who=self._who, request_id=request_id, action=what.action, subject=subject, detail=_detail(result))
        return result

    @property
    def _who(self) -> str:
        who: str = self._request.scope.get("tallystick.who", "anonymous")
        return who


def with_tags(tx: Transaction, subject: Subject, body: SchemaBody, proposal: Proposal) -> Proposal:
    """The proposal with the tags that its body adds and removes, and those of the version before if it says so."""
    add = dict(body.tags_to_add)
    latest = tx.latest(subject) if body.propagate_schema_tags else None
    if latest is not None:
        previous = tx.content(subject.context, latest.id)
        add = {**(tags_of(tx, subject, previous) if previous else {}), **add}
    if not add and not body.tags_to_remove:
        return proposal
    return replace(proposal, content=tagged(tx, subject, proposal.content, add, body.tags_to_remove))


def without(answer: Json, *keys: str) -> Json:
    """An answer without some of its keys."""
    return {key: value for key, value in answer.items() if key not in keys}


async def _body(request: Request) -> bytes:
    limits: Limits = request.app.state.limits
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind not in ACCEPTED:
        raise GenericError(415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limits.body_bytes:
            raise GenericError(413)
    return bytes(body)


async def _body_as(kind: type[T], request: Request) -> T:
    return decode(await _body(request), kind)


async def _schema(request: Request) -> SchemaBody:
    found = await _body_as(SchemaBody, request)
    if len(found.schema or "") > request.app.state.limits.schema_chars:
        raise SchemaTooLargeError(request.app.state.limits.schema_chars)
    return found


def _detail(result: object) -> Json:
    """What the audit log keeps of a write's result."""
    if not isinstance(result, dict):
        return {"result": result}
    return {key: value for key, value in result.items() if key in {"version", "id", "mode", "compatibility"}}


AtDoor = Annotated[Door, Made(Door)]
SchemaIn = Annotated[SchemaBody, Body(_schema)]
ConfigIn = Annotated[ConfigBody, Body(partial(_body_as, ConfigBody))]
ModeIn = Annotated[ModeBody, Body(partial(_body_as, ModeBody))]
TagsIn = Annotated[TagsBody, Body(partial(_body_as, TagsBody))]
