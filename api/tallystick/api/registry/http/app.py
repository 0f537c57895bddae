"""The registry as one ASGI application."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from tallystick.api._server import RequestIds
from tallystick.api.registry.errors import GenericError, IncompatibleSchemaError, RegistryError
from tallystick.api.registry.http import schemas, service, settings, subjects, ui
from tallystick.api.registry.http.door import Limits
from tallystick.api.registry.http.front import Front, error_bytes
from tallystick.api.registry.http.guard import Guard
from tallystick.api.registry.http.hot import Hot
from tallystick.api.registry.http.media import DEFAULT_TYPE
from tallystick.api.registry.http.metrics import Metered, Metrics
from tallystick.api.registry.http.openapi import describe
from tallystick.api.registry.http.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from tallystick.api.registry.access import Users
    from tallystick.api.registry.store import Store

__all__ = ["create_app", "openapi_document"]

# Routes are tried one after the other: those that take most requests come first.
_OPERATIONS: Final = [
    each for module in (subjects, schemas, settings, service, ui) for each in module.router.operations
]
_LOG: Final = structlog.get_logger("tallystick.registry")


def create_app(
    store: Store, *, users: Users | None = None, limits: Limits | None = None, incompatible_code: int = 409
) -> ASGIApp:
    """Make the registry's application.

    Args:
        store: The database; it is closed with the application.
        users: Who may do what; None lets everybody do everything.
        limits: What one request may ask for.
        incompatible_code: The error code of an incompatible schema: 409, or 40901 as Confluent 8.0.4 and later.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        store.close()

    app = Starlette(routes=[*_OPERATIONS, Route("/openapi.json", _get_document)], lifespan=lifespan)
    app.router.redirect_slashes = False
    app.state.store = store
    app.state.limits = limits or Limits()
    app.state.metrics = metrics
    app.state.writer = Writer(store)
    _handle_errors(app, incompatible_code)
    answering = Hot(RequestIds(Front(Metered(app, metrics))), store, metrics)
    return answering if users is None else Guard(answering, users)


@cache
def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the routes."""
    return describe(_OPERATIONS)


async def _get_document(_request: Request) -> Response:
    return Response(msgspec.json.encode(openapi_document()), media_type="application/json")


def _handle_errors(app: Starlette, incompatible_code: int) -> None:
    def answer(error: RegistryError, **headers: str) -> Response:
        return Response(error_bytes(error), status_code=error.status, media_type=DEFAULT_TYPE, headers=headers)

    async def refused(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RegistryError)  # noqa: S101 - it is registered for these
        if isinstance(error, IncompatibleSchemaError):
            error.code = incompatible_code
            app.state.metrics.incompatible()
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # The driver's words alone: SQLAlchemy's bring along what was to be written.
            reason = str(getattr(error.__cause__, "orig", error.__cause__))
            _LOG.error("failed", status=error.status, message=error.message, reason=reason)
        return answer(error)

    async def unroutable(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return answer(GenericError(error.status_code), allow=", ".join(_methods(request)))
        return answer(GenericError(error.status_code))

    async def broken(_request: Request, error: Exception) -> Response:
        _LOG.error("unexpected", exc_info=error)
        return answer(GenericError(500))

    app.add_exception_handler(RegistryError, refused)
    app.add_exception_handler(HTTPException, unroutable)
    app.add_exception_handler(Exception, broken)


def _methods(request: Request) -> list[str]:
    """What a path answers; each route knows of its own methods only."""
    path = request.scope["path"]
    routes = (each for each in request.app.routes if isinstance(each, Route) and each.path_regex.match(path))
    return sorted({method for each in routes for method in each.methods or ()})
