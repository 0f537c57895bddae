"""What happens before routing: paths stay encoded, contexts move from the path into subjects, media types are agreed.

A subject may hold any character, so that a path can only be taken apart before it is decoded: `%2F` is a part of a
name, `/` is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from tallystick.api.registry.errors import GenericError, RegistryError
from tallystick.api.registry.http.media import DEFAULT_TYPE, negotiate
from tallystick.api.registry.http.params import decoded
from tallystick.api.registry.names import Subject, context_name

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Front", "error_bytes", "refuse", "rewrite"]

_SETTINGS: Final = frozenset({"config", "mode"})
_OURS: Final = ("/metrics", "/ui", "/openapi.json", "/docs", "/livez", "/readyz")


class Front:
    """The outermost layer that knows HTTP.

    Args:
        app: The routes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            path, query = rewrite(scope["raw_path"].decode("ascii"), scope["query_string"].decode("latin-1"))
            media_type = _media_type(scope, path)
        except RegistryError as error:
            await refuse(send, error)
            return
        except UnicodeDecodeError:
            await refuse(send, GenericError(400))
            return
        scope = {**scope, "path": path, "query_string": query.encode("latin-1"), "tallystick.media_type": media_type}
        await self._app(scope, receive, send)


def rewrite(path: str, query: str) -> tuple[str, str]:
    """Move a context from the path into the subjects.

    Args:
        path: The path as it was sent, percent-encoded.
        query: The query string as it was sent.
    """
    path = path.partition("?")[0]
    if len(path) > 1:
        path = path.rstrip("/") or "/"
    if not path.startswith("/contexts/"):
        return path, query
    _, _, context, *rest = path.split("/")
    prefix = Subject(context_name(decoded(context)), "").prefix
    if not rest:
        return path, query
    if rest[0] in _SETTINGS:
        return "/".join(["", rest[0], _qualified(prefix, rest[1] if len(rest) > 1 else ""), *rest[2:]]), query
    if "subjects" in rest[:-1]:
        at = rest.index("subjects") + 1
        rest[at] = _qualified(prefix, rest[at])
    elif rest[:2] == ["schemas", "ids"]:
        query = _with_prefix(query, "subject", prefix)
    elif rest in (["subjects"], ["schemas"]):
        query = _with_prefix(query, "subjectPrefix", prefix)
    return "/".join(["", *rest]), query


def error_bytes(error: RegistryError) -> bytes:
    """An error's body."""
    return msgspec.json.encode({"error_code": error.code, "message": error.message})


def _qualified(prefix: str, segment: str) -> str:
    return segment if decoded(segment).startswith((":.", ":*:")) else quote(prefix, safe=":.") + segment


def _with_prefix(query: str, name: str, prefix: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    value = next((value for key, value in pairs if key == name), "")
    qualified = value if value.startswith((":.", ":*:")) else prefix + value
    return urlencode([*((key, value) for key, value in pairs if key != name), (name, qualified)])


def _media_type(scope: Scope, path: str) -> str:
    if path.startswith(_OURS):
        return "application/json"
    accept = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"accept")
    media_type = negotiate(accept)
    if media_type is None:
        raise GenericError(406)
    return media_type


async def refuse(send: Send, error: RegistryError, *more: tuple[bytes, bytes]) -> None:
    """Answer with an error, before there is a route."""
    body = error_bytes(error)
    headers = [(b"content-type", DEFAULT_TYPE.encode()), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
