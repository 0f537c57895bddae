"""A registry that is as narrow as one may be: what no registry has to do, this one does not.

It is Confluent-compatible in its own way, as each of them is:

* an incompatible schema is 40901, not 409;
* registering answers the id and nothing else; metadata and rule sets are dropped;
* a schema's text is written anew: sorted, spaced, escaped;
* `/schemas/ids/{id}` has the text only; `schemaType` is never said;
* query parameters, body fields and media types that it does not know are refused, not ignored;
* no guids, no contexts, no modes, no check against all versions, no messages;
* a check of an unknown subject is 40401; a subject without a config of its own is 40408;
* ids begin high and have gaps.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from tallystick.contracts import LEVELS, SchemaError, parse
from tallystick.contracts.levels import check

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from starlette.requests import Request

    from tallystick.contracts import Level

__all__ = ["running"]

MEDIA = "application/vnd.schemaregistry.v1+json"
FIRST_ID, STEP = 1_000_001, 7


class RefusedError(Exception):
    """An answer that is an error: status, code, words."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Registry:
    """Everything that it knows."""

    subjects: dict[str, list[int]] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)

    def versions(self, subject: str) -> list[int]:
        if subject not in self.subjects:
            raise RefusedError(404, 40401, f"Subject '{subject}' not found.")
        return self.subjects[subject]

    def version(self, subject: str, number: str) -> dict[str, object]:
        ids = self.versions(subject)
        index = len(ids) if number == "latest" else int(number)
        if not 1 <= index <= len(ids):
            raise RefusedError(404, 40402, f"Version {number} not found.")
        return {"subject": subject, "version": index, "id": ids[index - 1], "schema": self.texts[ids[index - 1]]}

    def text(self, schema_id: int) -> str:
        if schema_id not in self.texts:
            raise RefusedError(404, 40403, "Schema not found")
        return self.texts[schema_id]

    def level(self, subject: str) -> Level:
        return LEVELS[self.levels.get(subject, "BACKWARD")]

    def register(self, subject: str, text: str) -> int:
        ids = self.subjects.get(subject, [])
        known = next((i for i, each in self.texts.items() if each == text), None)
        if known is not None and known in ids:
            return known
        if any(check(self.level(subject), parse(text), [parse(self.texts[i]) for i in reversed(ids)])):
            raise RefusedError(409, 40901, "Schema being registered is incompatible with an earlier schema")
        schema_id = known if known is not None else FIRST_ID + STEP * len(self.texts)
        self.texts[schema_id] = text
        self.subjects.setdefault(subject, []).append(schema_id)
        return schema_id


async def proposed(request: Request) -> str:
    """The schema in a body, in this registry's own spelling."""
    if request.headers.get("content-type") != MEDIA:
        raise RefusedError(415, 415, "HTTP 415 Unsupported Media Type")
    body = json.loads(await request.body())
    if extra := set(body) - {"schema"}:
        raise RefusedError(422, 422, f"Unrecognized field: {min(extra)}")
    try:
        return json.dumps(json.loads(parse(body["schema"]).text), sort_keys=True, indent=1)
    except SchemaError as error:
        raise RefusedError(422, 42201, str(error)) from None


class Doors:
    """The registry behind HTTP."""

    def __init__(self) -> None:
        self._registry = Registry()

    def app(self) -> Starlette:
        subject, deleted = "/subjects/{subject}", frozenset({"deleted"})
        # Confluent's own clients send these; whoever calls itself compatible takes them.
        sent_by_clients = frozenset({"subject", "fetchMaxId"})
        return Starlette(
            routes=[
                route("GET", "/subjects", self.subjects, deleted),
                route("POST", subject, self.look_up),
                route("GET", f"{subject}/versions", self.versions, deleted),
                route("POST", f"{subject}/versions", self.register),
                route("GET", subject + "/versions/{version}", self.version, deleted),
                route("GET", "/schemas/ids/{id}", self.by_id, sent_by_clients),
                route("GET", "/schemas/ids/{id}/versions", self.places),
                route("POST", f"/compatibility{subject}/versions/latest", self.check, frozenset({"verbose"})),
                route("PUT", "/config/{subject}", self.configure),
                route("GET", "/config/{subject}", self.config),
                route("GET", "/config", self.top_config),
            ]
        )

    async def subjects(self, _: Request) -> object:
        return list(self._registry.subjects)

    async def look_up(self, request: Request) -> object:
        text, subject = await proposed(request), request.path_params["subject"]
        for number, schema_id in enumerate(self._registry.versions(subject), 1):
            if self._registry.texts[schema_id] == text:
                return self._registry.version(subject, str(number))
        raise RefusedError(404, 40403, "Schema not found")

    async def versions(self, request: Request) -> object:
        return list(range(1, 1 + len(self._registry.versions(request.path_params["subject"]))))

    async def register(self, request: Request) -> object:
        return {"id": self._registry.register(request.path_params["subject"], await proposed(request))}

    async def version(self, request: Request) -> object:
        return self._registry.version(request.path_params["subject"], request.path_params["version"])

    async def by_id(self, request: Request) -> object:
        return {"schema": self._registry.text(int(request.path_params["id"]))}

    async def places(self, request: Request) -> object:
        schema_id = int(request.path_params["id"])
        self._registry.text(schema_id)
        return [
            {"subject": subject, "version": ids.index(schema_id) + 1}
            for subject, ids in self._registry.subjects.items()
            if schema_id in ids
        ]

    async def check(self, request: Request) -> object:
        subject, text = request.path_params["subject"], await proposed(request)
        latest = parse(str(self._registry.version(subject, "latest")["schema"]))
        return {"is_compatible": not any(check(self._registry.level(subject), parse(text), [latest]))}

    async def configure(self, request: Request) -> object:
        level = json.loads(await request.body())["compatibility"]
        if level not in LEVELS:
            raise RefusedError(422, 42203, "Invalid compatibility level.")
        self._registry.levels[request.path_params["subject"]] = level
        return {"compatibility": level}

    async def config(self, request: Request) -> object:
        subject = request.path_params["subject"]
        if subject not in self._registry.levels:
            raise RefusedError(404, 40408, f"Subject '{subject}' does not have subject-level compatibility configured")
        return {"compatibilityLevel": self._registry.levels[subject]}

    async def top_config(self, _: Request) -> object:
        return {"compatibilityLevel": "BACKWARD"}


def route(
    method: str, path: str, work: Callable[[Request], Awaitable[Any]], knows: frozenset[str] = frozenset()
) -> Route:
    """A route that refuses query parameters which it does not know."""

    async def answer(request: Request) -> Response:
        try:
            require_known(request, knows)
            return Response(json.dumps(await work(request)), media_type=MEDIA)
        except RefusedError as refused:
            said = json.dumps({"error_code": refused.code, "message": refused.message})
            return Response(said, status_code=refused.status, media_type=MEDIA)

    return Route(path, answer, methods=[method])


def require_known(request: Request, knows: frozenset[str]) -> None:
    if unknown := set(request.query_params) - knows:
        raise RefusedError(400, 400, f"Unknown query parameter: {min(unknown)}")


@contextmanager
def running() -> Iterator[str]:
    """Run one with an empty store; yields its address."""
    server = uvicorn.Server(uvicorn.Config(Doors().app(), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive(), "the strict registry ended"
        assert time.monotonic() < deadline, "the strict registry did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
