"""The door to a registry: httpx, a few retries, and a memory of what can never change."""

from __future__ import annotations

import random
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx

from tallystick.sdk.errors import RegistryError, RegistryUnavailable, UnknownSchema
from tallystick.sdk.registry import _wire
from tallystick.sdk.registry._references import inline

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from tallystick.sdk.registry._wire import Answer, Call, RegisteredSchema, Verdict

__all__ = ["RegistryClient"]

T = TypeVar("T")

_ATTEMPTS: Final = 4
_FIRST_PAUSE: Final = 0.1
_SERVER_ERROR: Final = 500
# A registry without "check against all versions" answers its framework's 404 or 405, not one of its own codes.
_NO_SUCH_ROUTE: Final = frozenset({404, 405})


class RegistryClient:
    """Reads and writes schemas; safe to use from several threads.

    Connection failures and 5xx answers are tried again a few times: every call may be repeated, registering
    included. What an id stands for never changes, so it is asked once.

    Args:
        url: Address of the registry, with its path if it has one (Apicurio: `.../apis/ccompat/v7`); it may hold user
            name and password.
        auth: User name and password, or a bearer token.
        timeout: Seconds to wait for one answer.
    """

    def __init__(self, url: str, auth: tuple[str, str] | str | None = None, timeout: float = 10.0) -> None:
        self.url, inline_auth = _without_credentials(url.rstrip("/"))
        auth = auth or inline_auth
        headers = {"Accept": _wire.ACCEPT, "Content-Type": _wire.CONTENT_TYPE}
        if isinstance(auth, str):
            headers["Authorization"] = f"Bearer {auth}"
        basic = auth if isinstance(auth, tuple) else None
        self._http = httpx.Client(headers=headers, auth=basic, timeout=timeout)
        self._by_id: dict[int, RegisteredSchema] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def schema_by_id(self, schema_id: int) -> RegisteredSchema:
        """The schema that an id stands for.

        Raises:
            UnknownSchema: There is no such id.
        """
        known = self._by_id.get(schema_id)
        if known is None:
            answer = self._do(_wire.schema_by_id(schema_id))
            subject, version = self._place(schema_id, answer)
            known = _wire.RegisteredSchema(schema_id, subject, version, self._text(answer))
            if subject:
                self._by_id[schema_id] = known
        return known

    def latest(self, subject: str) -> RegisteredSchema:
        """The newest version of a subject."""
        return self._registered(self._do(_wire.version(subject, "latest")))

    def version(self, subject: str, number: int) -> RegisteredSchema:
        """One version of a subject."""
        return self._registered(self._do(_wire.version(subject, number)))

    def versions(self, subject: str) -> tuple[int, ...]:
        """The version numbers of a subject, ascending."""
        numbers = self._do(_wire.versions(subject))
        return tuple(sorted(numbers))

    def subjects(self) -> tuple[str, ...]:
        """All subjects, sorted."""
        names = self._do(_wire.subjects())
        return tuple(sorted(names))

    def register(self, subject: str, text: str) -> RegisteredSchema:
        """Register a schema under a subject; a text that is there already keeps its id and version.

        Raises:
            IncompatibleSchema: It breaks the subject's compatibility level.
        """
        answer = self._do(_wire.register(subject, text))
        if answer.id is None or answer.version is None:
            return self.lookup(subject, text)
        return _wire.RegisteredSchema(answer.id, subject, answer.version, text)

    def lookup(self, subject: str, text: str) -> RegisteredSchema:
        """The id and version under which a subject holds this very schema.

        Raises:
            UnknownSchema: The subject does not hold it.
        """
        answer = self._do(_wire.lookup(subject, text))
        if answer.id is None or answer.version is None:
            raise RegistryError(200, 200, f"the answer to a lookup in {subject} lacks id or version")
        return _wire.RegisteredSchema(answer.id, subject, answer.version, text)

    def compatible(self, subject: str, text: str) -> Verdict:
        """Whether a schema may become the next version of a subject; a new subject takes any."""
        try:
            return self._do(_wire.compatible(subject, text))
        except UnknownSchema:
            return _wire.Verdict(is_compatible=True)
        except RegistryError as error:
            if error.code not in _NO_SUCH_ROUTE:
                raise
        try:
            return self._do(_wire.compatible(subject, text, "/latest"))
        except UnknownSchema:
            return _wire.Verdict(is_compatible=True)

    def compatibility(self, subject: str = "") -> str | None:
        """The level that a subject has of its own; None where it follows the registry's, which no name stands for."""
        try:
            return self._do(_wire.compatibility(subject))
        except RegistryError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None

    def set_compatibility(self, subject: str, level: str) -> None:
        """Set a subject's compatibility level, such as FULL_TRANSITIVE."""
        self._do(_wire.set_compatibility(subject, level))

    def _do(self, call: Call[T]) -> T:
        cause = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(random.uniform(0.5, 1.0) * _FIRST_PAUSE * 3 ** (attempt - 1))  # noqa: S311 - no secret
            try:
                response = self._http.request(
                    call.method, self.url + call.path, params=dict(call.query), content=call.content()
                )
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise RegistryUnavailable(self.url, str(error)) from None
            except httpx.TransportError as error:
                cause = str(error) or type(error).__name__
                continue
            if response.status_code < _SERVER_ERROR:
                return _wire.read(call, response.status_code, response.content)
            cause = f"HTTP {response.status_code}"
        raise RegistryUnavailable(self.url, cause)

    def _place(self, schema_id: int, answer: Answer) -> tuple[str, int]:
        """Find subject and version of an id; not every registry tells them with the schema."""
        if answer.subject is not None and answer.version is not None:
            return answer.subject, answer.version
        try:
            places = self._do(_wire.versions_of_id(schema_id))
        except UnknownSchema:
            places = ()
        return min(places, default=("", 0))

    def _registered(self, answer: Answer) -> RegisteredSchema:
        if answer.id is None or answer.subject is None or answer.version is None:
            raise RegistryError(200, 200, "the answer lacks id, subject or version")
        return _wire.RegisteredSchema(answer.id, answer.subject, answer.version, self._text(answer))

    def _text(self, answer: Answer) -> str:
        if answer.text is None:
            raise RegistryError(200, 200, "the answer lacks the schema")
        if not answer.references:
            return answer.text
        named: dict[str, str] = {}
        self._collect(answer, named)
        return inline(answer.text, named)

    def _collect(self, answer: Answer, named: dict[str, str]) -> None:
        """Fetch what a schema refers to, and what that refers to, each once."""
        for reference in answer.references:
            if reference.name in named:
                continue
            found = self._do(_wire.version(reference.subject, reference.version))
            named[reference.name] = found.text or "null"
            self._collect(found, named)


def _without_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """Take user name and password out of an address, so that it can be shown."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, None
    if parts.username is None:
        return url, None
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return urlunsplit(bare), (unquote(parts.username), unquote(parts.password or ""))
