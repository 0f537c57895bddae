"""The routes: each a sentence about what happens to a request."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from tallystick.api.ingestion import openapi
from tallystick.api.ingestion.answers import answer, answer_one, as_json
from tallystick.api.ingestion.body import BEACON, JSON, NDJSON, media_type, read_body
from tallystick.api.ingestion.cutting import cut_any, cut_batch, cut_lines, cut_one
from tallystick.api.ingestion.errors import BadHeaderError, NotAllowedError, TooLargeError
from tallystick.api.ingestion.judging import Circumstances
from tallystick.api.ingestion.keys import Key, secret_of
from tallystick.api.ingestion.offers import offer_of, offers_of
from tallystick.api.ingestion.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.api.ingestion.results import EventResult

__all__ = ["router"]

router: Final = APIRouter()

_ANY_ORIGIN: Final = {"Access-Control-Allow-Origin": "*"}


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _sender(request: Request) -> Key:
    return _parts(request).keys.keyring.find(secret_of(request.headers.get("authorization")))


Sender = Annotated[Key, Depends(_sender)]
Has = Annotated[Parts, Depends(_parts)]


@router.post("/v1/events", **openapi.EVENTS)
async def take_event(request: Request, key: Sender, parts: Has) -> Response:
    """Send one event; the answer comes when Kafka has it."""
    parts.ingestion.require_health()
    media_type(request, JSON)
    raw = cut_one(await read_body(request, parts.limits))
    if len(raw) > parts.limits.event_bytes:
        raise TooLargeError("the event", parts.limits.event_bytes)
    return answer_one(await _take([raw], request, key, parts))


@router.post("/v1/batch", **openapi.BATCH)
async def take_batch(request: Request, key: Sender, parts: Has) -> Response:
    """Send many events; one bad event does not harm the others."""
    parts.ingestion.require_health()
    cut = cut_lines if media_type(request, JSON + NDJSON) in NDJSON else cut_batch
    raws = cut(await read_body(request, parts.limits), parts.limits.events)
    return answer(await _take(raws, request, key, parts))


@router.post("/v1/beacon", **openapi.BEACON)
async def take_beacon(request: Request, key: Annotated[str, Query()], parts: Has) -> Response:
    """Send many events from a page that is being left; for publishable keys."""
    sender = parts.keys.keyring.find(key)
    if sender.kind != "publishable":
        raise NotAllowedError("a secret key must not stand in an address", fix="make a publishable key")
    parts.ingestion.require_health()
    media_type(request, BEACON)
    raws = cut_any(await read_body(request, parts.limits), parts.limits.events)
    response = answer(await _take(raws, request, sender, parts))
    response.headers.update(_ANY_ORIGIN)
    return response


@router.post("/v1/validate", **openapi.VALIDATE)
async def validate(request: Request, key: Sender, parts: Has) -> Response:
    """Ask what would be answered; nothing is stored."""
    cut = cut_lines if media_type(request, JSON + NDJSON) in NDJSON else cut_any
    raws = cut(await read_body(request, parts.limits), parts.limits.events)
    return answer(await parts.ingestion.validate(raws, _circumstances(request, key, parts)))


@router.get("/v1/contracts", **openapi.CONTRACTS)
async def list_contracts(request: Request, key: Sender, parts: Has) -> Response:
    """See which events the key may send."""
    etag = parts.feed.catalogue.etag()
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    return as_json(offers_of(parts.feed.catalogue, key), headers={"ETag": etag})


@router.get("/v1/contracts/{type}/versions/{version}", **openapi.CONTRACT)
async def show_contract(
    key: Sender, parts: Has, event_type: Annotated[str, Path(alias="type")], version: str
) -> Response:
    """See one version of a contract; `latest` is the newest."""
    return as_json(offer_of(parts.feed.catalogue, key, event_type, version))


@router.get("/livez", **openapi.LIVEZ)
async def live() -> Response:
    """Whether the process runs."""
    return as_json({"status": "ok"})


@router.get("/readyz", **openapi.READYZ)
async def ready(parts: Has) -> Response:
    """Whether events can be accepted, and if not, what is missing."""
    health = parts.ingestion.health()
    return as_json(health, HTTPStatus.OK if health.ok else HTTPStatus.SERVICE_UNAVAILABLE)


@router.get("/metrics", **openapi.METRICS)
async def metrics(parts: Has) -> Response:
    """Counters for Prometheus."""
    return Response(parts.metrics.exposition(), media_type="text/plain; version=0.0.4")


async def _take(raws: Sequence[bytes], request: Request, key: Key, parts: Parts) -> list[EventResult]:
    parts.rates.spend(key, len(raws))
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    return await parts.ingestion.take(raws, _circumstances(request, key, parts), request_id=request_id)


def _circumstances(request: Request, key: Key, parts: Parts) -> Circumstances:
    return Circumstances(
        key=key,
        received_at=datetime.now(tz=UTC),
        sent_at=_sent_at(request.headers.get("x-sent-at")),
        traceparent=request.headers.get("traceparent"),
        topic=parts.topics.events,
        limits=parts.limits,
    )


def _sent_at(header: str | None) -> datetime | None:
    if header is None:
        return None
    try:
        moment = datetime.fromisoformat(header)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadHeaderError("X-Sent-At", "a time with offset, as 2026-11-22T09:30:00Z")
    return moment
