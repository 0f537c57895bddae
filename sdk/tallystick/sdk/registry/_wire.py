"""The registry's REST API without I/O: requests as values, each with the function that reads its answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from urllib.parse import quote

from tallystick.sdk.errors import IncompatibleSchema, NotAvroError, RegistryError, UnknownSchema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Answer", "Call", "Reference", "RegisteredSchema", "Verdict", "read"]

T = TypeVar("T")

ACCEPT: Final = "application/vnd.schemaregistry.v1+json, application/json;q=0.9"
CONTENT_TYPE: Final = "application/vnd.schemaregistry.v1+json"

_ERRORS: Final[Mapping[int, type[RegistryError]]] = {
    40401: UnknownSchema,
    40402: UnknownSchema,
    40403: UnknownSchema,
    409: IncompatibleSchema,
    40901: IncompatibleSchema,
}


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """A schema as the registry holds it.

    Attributes:
        id: Its id, which stands in front of every record written with it.
        subject: Its subject; empty where the registry lists none for the id any more.
        version: Its version in that subject; 0 where `subject` is empty.
        text: The schema itself, self-contained: references are resolved.
    """

    id: int
    subject: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a schema goes together with a subject's versions, and why not; true if it does."""

    is_compatible: bool
    messages: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.is_compatible


@dataclass(frozen=True, slots=True)
class Reference:
    """A named type that a schema takes from another subject."""

    name: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the registry tells about a schema; how much differs from endpoint to endpoint."""

    id: int | None = None
    subject: str | None = None
    version: int | None = None
    text: str | None = None
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """One request, and how to read its answer."""

    method: str
    path: str
    parse: Callable[[object], T]
    query: Mapping[str, str] = field(default_factory=dict)
    body: object = None

    def content(self) -> bytes | None:
        """The body as it is sent."""
        return None if self.body is None else json.dumps(self.body).encode()


def schema_by_id(schema_id: int) -> Call[Answer]:
    """Ask for the schema that an id stands for."""
    return Call(method="GET", path=f"/schemas/ids/{schema_id}", parse=_answer)


def versions_of_id(schema_id: int) -> Call[tuple[tuple[str, int], ...]]:
    """Ask under which subjects and versions an id is registered."""
    return Call(method="GET", path=f"/schemas/ids/{schema_id}/versions", parse=_pairs)


def subjects() -> Call[tuple[str, ...]]:
    """Ask for all subjects."""
    return Call(method="GET", path="/subjects", parse=_strings)


def versions(subject: str) -> Call[tuple[int, ...]]:
    """Ask for a subject's version numbers."""
    return Call(method="GET", path=f"{_subject(subject)}/versions", parse=_integers)


def version(subject: str, number: int | str) -> Call[Answer]:
    """Ask for one version, a number or `latest`, even if a reference needs one that was deleted since."""
    query = {} if number == "latest" else {"deleted": "true"}
    return Call(method="GET", path=f"{_subject(subject)}/versions/{number}", parse=_answer, query=query)


def register(subject: str, text: str) -> Call[Answer]:
    """Register a schema; the answer has its id, and from some registries no more."""
    return Call(method="POST", path=f"{_subject(subject)}/versions", parse=_answer, body={"schema": text})


def lookup(subject: str, text: str) -> Call[Answer]:
    """Ask whether a subject holds this very schema."""
    return Call(method="POST", path=_subject(subject), parse=_answer, body={"schema": text})


def compatible(subject: str, text: str, against: str = "") -> Call[Verdict]:
    """Ask whether a schema may become the next version, checked against all versions that the level names."""
    path = f"/compatibility{_subject(subject)}/versions{against}"
    return Call(method="POST", path=path, parse=_verdict, query={"verbose": "true"}, body={"schema": text})


def compatibility(subject: str) -> Call[str]:
    """Ask for a subject's own compatibility level; for the registry's, where no subject is named."""
    path = f"/config/{quote(subject, safe='')}" if subject else "/config"
    return Call(method="GET", path=path, parse=lambda answer: str(_mapping(answer)["compatibilityLevel"]))


def set_compatibility(subject: str, level: str) -> Call[None]:
    """Set a subject's compatibility level."""
    path = f"/config/{quote(subject, safe='')}"
    return Call(method="PUT", path=path, parse=lambda _: None, body={"compatibility": level})


def read(call: Call[T], status: int, content: bytes) -> T:
    """Read the answer to a call.

    Raises:
        RegistryError: The registry refuses, or what answers is no registry.
    """
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if status >= HTTPStatus.BAD_REQUEST:
        raise _error(status, answer)
    try:
        return call.parse(answer)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise RegistryError(status, status, f"{call.method} {call.path} got no registry's answer") from None


def _subject(subject: str) -> str:
    return f"/subjects/{quote(subject, safe='')}"


def _error(status: int, answer: object) -> RegistryError:
    code, message = status, f"HTTP {status}"
    if isinstance(answer, dict):
        code, message = int(answer.get("error_code", code)), str(answer.get("message", message))
    return _ERRORS.get(code, RegistryError)(status, code, message)


def _answer(answer: object) -> Answer:
    fields = _mapping(answer)
    language = fields.get("schemaType", "AVRO")
    if language != "AVRO":
        raise NotAvroError(str(language))
    references = tuple(
        Reference(str(item["name"]), str(item["subject"]), int(item["version"]))
        for item in fields.get("references") or ()
    )
    return Answer(
        id=fields.get("id"),
        subject=fields.get("subject"),
        version=fields.get("version"),
        text=fields.get("schema"),
        references=references,
    )


def _pairs(answer: object) -> tuple[tuple[str, int], ...]:
    return tuple((str(item["subject"]), int(item["version"])) for item in _array(answer))


def _strings(answer: object) -> tuple[str, ...]:
    return tuple(str(item) for item in _array(answer))


def _integers(answer: object) -> tuple[int, ...]:
    return tuple(int(item) for item in _array(answer))


def _verdict(answer: object) -> Verdict:
    fields = _mapping(answer)
    return Verdict(bool(fields["is_compatible"]), tuple(map(str, fields.get("messages") or ())))


def _mapping(answer: object) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise TypeError
    return answer


def _array(answer: object) -> list[Any]:
    if not isinstance(answer, list):
        raise TypeError
    return answer
