"""The layer that lets only those in who may: before the cache, before everything."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from tallystick.api.registry.access import Need, User, Users, need_of
from tallystick.api.registry.errors import GenericError, RegistryError
from tallystick.api.registry.http.front import refuse, rewrite
from tallystick.api.registry.http.params import decoded

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Guard"]

_REMEMBERED: Final = 10_000
_CHALLENGE: Final = (b"www-authenticate", b'Basic realm="schema registry", Bearer')
_LISTS: Final = {("subjects",), ("schemas",)}


class Guard:
    """ASGI layer that knows users.

    Args:
        app: The application behind it.
        users: Who may do what.
    """

    def __init__(self, app: ASGIApp, users: Users) -> None:
        self._app = app
        self._users = users
        self._decided: OrderedDict[tuple[bytes, str, bytes, bytes], tuple[User | None, Need | None]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its user, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            user, need = self._decide(scope)
        except RegistryError as error:
            await refuse(send, error)
            return
        if need is None or (user is not None and user.may(need)):
            scope["tallystick.user"] = user
            scope["tallystick.who"] = user.name if user is not None else "anonymous"
            scope["tallystick.need"] = need
            await self._app(scope, receive, send)
        elif user is None:
            await refuse(send, GenericError(401, "Unauthorized"), _CHALLENGE)
        else:
            await refuse(send, GenericError(403, f"User {user.name} is denied operation {need.role.name}"))

    def _decide(self, scope: Scope) -> tuple[User | None, Need | None]:
        credentials = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        key = (credentials, scope["method"], scope["raw_path"], scope["query_string"])
        found = self._decided.get(key)
        if found is None:
            found = self._users.of(credentials), _need(scope)
            self._decided[key] = found
            if len(self._decided) > _REMEMBERED:
                self._decided.popitem(last=False)
        return found


def _need(scope: Scope) -> Need | None:
    path, query = rewrite(scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1"))
    segments = tuple(decoded(segment) for segment in path.split("/")[1:] if segment)
    need = need_of(scope["method"], segments)
    if need is not None and segments in _LISTS:
        # A list shows what begins with its prefix, so that is what the user must be allowed to read.
        return Need(need.role, parse_qs(query).get("subjectPrefix", [""])[0])
    return need
