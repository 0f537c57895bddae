"""Says for every web request whom its events concern, so that handlers need not.

app.add_middleware(EventContext, identify=lambda headers: Context(user_id=headers.get("x-user")))
wsgi_app = WsgiEventContext(wsgi_app, identify=...)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tallystick.sdk import _context
from tallystick.sdk._context import Context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping

    Identify = Callable[[Mapping[str, str]], Context]
    Scope = MutableMapping[str, Any]
    AsgiApp = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]
    WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

__all__ = ["Context", "EventContext", "WsgiEventContext"]


def _nobody(_: Mapping[str, str]) -> Context:
    return Context()


def _of(headers: Mapping[str, str], identify: Identify) -> Context:
    """What the application knows of the request, and its trace."""
    return identify(headers).within(Context(trace_id=headers.get("traceparent")))


class EventContext:
    """ASGI middleware.

    Args:
        app: The application.
        identify: Tells from a request's headers, in lower case, whom it concerns.
    """

    def __init__(self, app: AsgiApp, identify: Identify = _nobody) -> None:
        self._app = app
        self._identify = identify

    async def __call__(
        self, scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        """Serve a request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        token = _context.enter(_of(headers, self._identify))
        try:
            await self._app(scope, receive, send)
        finally:
            _context.leave(token)


class WsgiEventContext:
    """WSGI middleware.

    The context holds while the application makes its answer, not while the server sends it.

    Args:
        app: The application.
        identify: Tells from a request's headers, in lower case, whom it concerns.
    """

    def __init__(self, app: WsgiApp, identify: Identify = _nobody) -> None:
        self._app = app
        self._identify = identify

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve a request."""
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        token = _context.enter(_of(headers, self._identify))
        try:
            return self._app(environ, start_response)
        finally:
            _context.leave(token)
