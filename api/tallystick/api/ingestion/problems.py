"""Errors as the web has them: RFC 9457 problem documents, which never hold a payload, a stack or an address."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec
import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from tallystick.api.ingestion.errors import RequestError
from tallystick.api.ingestion.results import EventResult  # noqa: TC001 - msgspec reads the annotation

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

__all__ = ["PROBLEM", "Problem", "install", "problem"]

PROBLEM: Final = "application/problem+json"
_URN: Final = "urn:tallystick:problem:"
_LONGEST_DETAIL: Final = 256

_log = structlog.get_logger("tallystick.api")


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong with a request as a whole."""

    type: str
    title: str
    status: int
    detail: str = ""
    request_id: str | None = None
    results: list[EventResult] = []


def problem(
    status: HTTPStatus,
    slug: str,
    detail: str,
    *,
    title: str = "",
    headers: dict[str, str] | None = None,
    results: list[EventResult] | None = None,
) -> Response:
    """Answer with a problem."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    document = Problem(
        type=_URN + slug,
        title=title or status.phrase,
        status=status,
        detail=detail[:_LONGEST_DETAIL],
        request_id=request_id,
        results=results or [],
    )
    return Response(msgspec.json.encode(document), status, headers, PROBLEM)


def install(app: FastAPI) -> None:
    """Have every error of an application answered as a problem."""

    @app.exception_handler(RequestError)
    async def of_ours(_: Request, error: RequestError) -> Response:
        detail = f"{error.message}; {error.fix}" if error.fix else error.message
        _log.info("request refused", status=error.status, problem=error.slug)
        return problem(error.status, error.slug, detail, headers=error.headers)

    @app.exception_handler(HTTPException)
    async def of_framework(_: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        slug = status.phrase.lower().replace(" ", "-")
        return problem(status, slug, "", headers=dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def of_parameters(_: Request, error: RequestValidationError) -> Response:
        places = ", ".join(str(each["loc"][-1]) for each in error.errors())
        return problem(HTTPStatus.BAD_REQUEST, "bad-parameters", f"these parameters cannot be read: {places}")

    @app.exception_handler(ClientDisconnect)
    async def of_leaving(_: Request, __: ClientDisconnect) -> Response:
        # Nobody is left to read it; without an answer the framework would log a failure of ours.
        return problem(HTTPStatus.BAD_REQUEST, "disconnected", "")

    @app.exception_handler(Exception)
    async def of_nobody(_: Request, __: Exception) -> Response:
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "")
