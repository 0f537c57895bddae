"""What the routes tell about themselves: bodies are read raw, so their description is written here."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec
from fastapi.openapi.utils import get_openapi

from tallystick.api.ingestion.body import BEACON as BEACON_TYPES
from tallystick.api.ingestion.body import JSON, NDJSON
from tallystick.api.ingestion.offers import Offer, Offers
from tallystick.api.ingestion.problems import PROBLEM, Problem
from tallystick.api.ingestion.results import Outcome
from tallystick.api.ingestion.service import Health

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fastapi import FastAPI

__all__ = [
    "BATCH",
    "BEACON",
    "CONTRACT",
    "CONTRACTS",
    "DESCRIPTION",
    "EVENTS",
    "LIVEZ",
    "METRICS",
    "READYZ",
    "VALIDATE",
    "describe",
]

DESCRIPTION: Final = """Takes events, holds each against its contract, and answers when Kafka has them.

An event is `{"type": "shop.OrderCompleted", "meta": {...}, <fields>}`, optionally with `contract_hash` or
`schema_version`; without either the latest version is meant. Decimals are strings, times RFC 3339 with offset, bytes
base64."""

_EXAMPLE: Final = {
    "type": "shop.PageViewed",
    "meta": {
        "event_id": "0199f2f0-7d1c-7c3e-9a53-2f1f7c1b5a10",
        "event_time": "2026-01-06T10:15:30Z",
        "source": {"app": "shop-web"},
        "user_id": "u1",
    },
    "page_path": "/checkout",
    "page_kind": "CHECKOUT",
}
_EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Event",
    "required": ["type", "meta"],
    "properties": {
        "type": {"type": "string", "description": "Full name of the contract."},
        "contract_hash": {"type": ["string", "null"], "description": "Which version, by its hash."},
        "schema_version": {"type": ["integer", "null"], "description": "Which version, by its number in the registry."},
        "meta": {"type": "object", "description": "tallystick.Meta: who, when and where."},
    },
    "additionalProperties": True,
}
_BATCH: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Batch",
    "required": ["batch"],
    "properties": {"batch": {"type": "array", "items": _EVENT, "minItems": 1, "maxItems": 500}},
    "additionalProperties": False,
}
_SECURITY: Final[list[dict[str, list[str]]]] = [{"bearer": []}, {"basic": []}]
_SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A write key."},
    "basic": {"type": "http", "scheme": "basic", "description": "A write key as user name or password."},
}
_REFUSALS: Final = (400, 401, 408, 411, 413, 415, 429, 503, 504)
_REF: Final = "#/components/schemas/{name}"


def _json(name: str, description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": {"$ref": _REF.format(name=name)}}}}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name="Problem")}
    return {"description": HTTPStatus(status).phrase, "content": {PROBLEM: {"schema": schema}}}


def _problems(statuses: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    return {status: _problem(status) for status in statuses}


def _body(types: Iterable[str], schema: dict[str, Any], example: object) -> dict[str, Any]:
    content = {"schema": schema, "example": example}
    return {"required": True, "content": dict.fromkeys(types, content)}


def _lines() -> dict[str, Any]:
    schema = {"type": "string", "description": "One event a line."}
    return {"content": {NDJSON[0]: {"schema": schema, "example": msgspec.json.encode(_EXAMPLE).decode()}}}


def _taking(body: dict[str, Any], answers: dict[int | str, dict[str, Any]]) -> dict[str, Any]:
    extra = {"requestBody": body, "security": _SECURITY}
    return {"tags": ["events"], "openapi_extra": extra, "responses": {**answers, **_problems(_REFUSALS)}}


def _telling(name: str, description: str, statuses: Iterable[int] = (401,)) -> dict[str, Any]:
    responses = {200: _json(name, description), **_problems(statuses)}
    return {"tags": ["contracts"], "openapi_extra": {"security": _SECURITY}, "responses": responses}


def _operating(responses: dict[int | str, dict[str, Any]]) -> dict[str, Any]:
    return {"tags": ["operation"], "responses": responses}


_WELL: Final = _json("Outcome", "Every event is accepted, or a duplicate within the batch.")
_MIXED: Final = _json("Outcome", "One result for each event, in order.")
_MANY: Final = _body(JSON, _BATCH, {"batch": [_EXAMPLE]})
_MANY["content"] |= _lines()["content"]
_EITHER: Final = _body(JSON, {"anyOf": [_BATCH, _EVENT]}, _EXAMPLE)
_EITHER["content"] |= _lines()["content"]

EVENTS: Final = _taking(_body(JSON, _EVENT, _EXAMPLE), {200: _WELL, 422: _problem(422)})
BATCH: Final = _taking(_MANY, {200: _WELL, 207: _MIXED})
VALIDATE: Final = _taking(_EITHER, {200: _WELL, 207: _MIXED})
BEACON: Final = _taking(
    _body(BEACON_TYPES, {"type": "string"}, msgspec.json.encode({"batch": [_EXAMPLE]}).decode()),
    {200: _WELL, 207: _MIXED, **_problems([403])},
)
BEACON["openapi_extra"]["security"] = []
CONTRACTS: Final = _telling("Offers", "The newest version of every contract that the key may send.")
CONTRACTS["responses"][304] = {"description": "Nothing has changed."}
CONTRACT: Final = _telling("Offer", "The version and its schema.", (401, 404))
LIVEZ: Final = _operating({200: {"description": "The process runs."}})
READYZ: Final = _operating(
    {200: _json("Health", "Events can be accepted."), 503: _json("Health", "Something is missing.")}
)
METRICS: Final = _operating({200: {"description": "Counters.", "content": {"text/plain": {}}}})


def describe(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Make the function that gives an application's OpenAPI document, with our own types among its components."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            whole = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            _, types = msgspec.json.schema_components([Outcome, Problem, Offers, Offer, Health], ref_template=_REF)
            components = whole.setdefault("components", {})
            components.setdefault("schemas", {}).update(types)
            components["securitySchemes"] = _SCHEMES
            app.openapi_schema = whole
        return app.openapi_schema

    return document
