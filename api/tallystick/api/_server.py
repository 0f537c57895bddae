"""What both services share at the edge: where they listen, who may reach them, and how a request is traced.

listener = Listener(host="127.0.0.1", port=8000)
require_guard(listener, guarded=keys is not None, fix="give --keys FILE")
run(app, listener, name="api")
"""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
import ssl
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog
import uvicorn
from typing_extensions import override

from tallystick.api._logs import configure_logs
from tallystick.api.errors import AddressRefusedError, AddressTakenError, BadCertificateError, UnguardedError

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Listener", "RequestIds", "is_loopback", "request_id_of", "require_guard", "run"]

_SAFE_ID: Final = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
_BACKLOG: Final = 2048
_DRAIN_SECONDS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Where a service listens, and with which certificate.

    Attributes:
        host: An address or name of this machine.
        port: The port; 0 takes a free one, which the log names.
        certificate: A PEM chain; with it the service speaks TLS.
        private_key: The certificate's key; None where the chain's file holds it.
    """

    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    private_key: Path | None = None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_guard(listener: Listener, *, guarded: bool, fix: str) -> None:
    """Refuse to serve other machines without a guard."""
    if not guarded and not is_loopback(listener.host):
        raise UnguardedError(listener.host, fix)


def run(app: ASGIApp, listener: Listener, *, name: str, log_level: str = "info") -> None:
    """Serve the application until SIGINT or SIGTERM, then finish the requests that are under way.

    Args:
        app: The application.
        listener: Where to listen.
        name: The service's name in the logs.
        log_level: The least severe level that is logged.
    """
    configure_logs(level=log_level)
    _check_certificate(listener)
    sock = _bind(listener)
    port = sock.getsockname()[1]
    scheme = "https" if listener.certificate else "http"
    config = uvicorn.Config(
        app,
        loop=_loop(),
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        ssl_certfile=listener.certificate,
        ssl_keyfile=listener.private_key,
    )
    server = _Announcing(config, service=name, url=f"{scheme}://{_in_url(listener.host)}:{port}")
    # A service that is asked to end by Ctrl-C has ended well: no stack trace.
    try:
        server.run(sockets=[sock])
    except KeyboardInterrupt:
        return
    finally:
        sock.close()
    if not server.started:
        raise SystemExit(1)


class RequestIds:
    """ASGI middleware: every request has an id, the caller's or ours, in the logs and in the answer.

    Args:
        app: The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope) or uuid.uuid4().hex.encode()
        header = (b"x-request-id", request_id)

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        scope["tallystick.request_id"] = request_id.decode()
        with structlog.contextvars.bound_contextvars(request_id=request_id.decode()):
            await self._app(scope, receive, tagged)


def request_id_of(scope: Scope) -> bytes | None:
    """The id that the caller gave its request, if it is one that may stand in a log."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            return value if _SAFE_ID.fullmatch(value) else None
    return None


class _Announcing(uvicorn.Server):
    """A server that says in one line where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, *, service: str, url: str) -> None:
        super().__init__(config)
        self._service = service
        self._url = url

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            structlog.get_logger("tallystick.api").info("listening", service=self._service, url=self._url)


def _loop() -> str:
    """Name uvloop where it exists: it is not built for Windows."""
    try:
        import uvloop  # noqa: F401 - only its presence matters
    except ImportError:
        return "asyncio"
    return "uvloop"


def _bind(listener: Listener) -> socket.socket:
    """Take the port before anything else starts, so that a busy one is told in one line."""
    sock: socket.socket | None = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            listener.host, listener.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        if sock is not None:
            sock.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise AddressTakenError(listener.host, listener.port) from None
        raise AddressRefusedError(listener.host, listener.port, str(error)) from None
    sock.setblocking(False)
    return sock


def _check_certificate(listener: Listener) -> None:
    if listener.certificate is None:
        if listener.private_key is not None:
            raise BadCertificateError("there is a private key, but no certificate")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(listener.certificate, listener.private_key)
    except OSError as error:
        raise BadCertificateError(str(error)) from None


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
