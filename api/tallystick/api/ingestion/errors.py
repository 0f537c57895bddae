"""Every way in which a request as a whole can fail; each knows its HTTP status.

    TallystickError
    ├── KeysError                   a keys file that cannot be used (at start)
    └── RequestError
        ├── MalformedJsonError      400  no JSON, or not of the asked shape
        ├── TooDeepError            400  nested beyond reason
        ├── MalformedBodyError      400  cannot be unpacked
        ├── BadHeaderError          400  a header that cannot be read
        ├── NotAuthenticatedError   401  no key, or none that holds
        ├── NotAllowedError         403  the key does not reach that far
        ├── UnknownContractError    404  no such type or version
        ├── BodyTimeoutError        408  the body did not come in time
        ├── LengthRequiredError     411  a body without length or chunks
        ├── TooLargeError           413  the body, or one event alone
        ├── TooManyEventsError      413  more events than a batch may hold
        ├── UnsupportedMediaError   415  a content type or encoding that is not spoken here
        ├── TooManyRequestsError    429  the key's rate is used up
        ├── UnavailableError        503  Kafka or the contracts cannot be reached: nothing was read
        └── UnknownFateError        504  Kafka did not answer in time: send the same again

A bad event among good ones is no error but a value: see `verdicts`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar

from tallystick.contracts.errors import TallystickError

__all__ = [
    "BadHeaderError",
    "BodyTimeoutError",
    "KeysError",
    "LengthRequiredError",
    "MalformedBodyError",
    "MalformedJsonError",
    "NotAllowedError",
    "NotAuthenticatedError",
    "RequestError",
    "TooDeepError",
    "TooLargeError",
    "TooManyEventsError",
    "TooManyRequestsError",
    "UnavailableError",
    "UnknownContractError",
    "UnknownFateError",
    "UnsupportedMediaError",
]


class KeysError(TallystickError):
    """A keys file that cannot be used."""


class RequestError(TallystickError):
    """A request that fails as a whole.

    Attributes:
        status: HTTP status.
        slug: Name of the problem, the end of its URN.
        headers: Headers of the answer.
    """

    status: ClassVar[HTTPStatus]
    slug: ClassVar[str]

    def __init__(self, message: str, *, fix: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message, fix=fix)
        self.headers = headers or {}


class MalformedJsonError(RequestError):
    """No JSON, or not of the asked shape."""

    status = HTTPStatus.BAD_REQUEST
    slug = "malformed-json"


class TooDeepError(RequestError):
    """JSON that is nested beyond reason."""

    status = HTTPStatus.BAD_REQUEST
    slug = "too-deep"

    def __init__(self) -> None:
        super().__init__("the JSON is nested too deeply")


class MalformedBodyError(RequestError):
    """A body that is not packed as its header says."""

    status = HTTPStatus.BAD_REQUEST
    slug = "malformed-body"

    def __init__(self) -> None:
        super().__init__("the body is no complete gzip stream", fix="send it plain, or pack it again")


class NotAuthenticatedError(RequestError):
    """No write key, or none that holds; which of the two is not told."""

    status = HTTPStatus.UNAUTHORIZED
    slug = "not-authenticated"

    def __init__(self) -> None:
        super().__init__(
            "a valid write key is needed",
            fix="send it as Authorization: Bearer KEY",
            headers={"WWW-Authenticate": 'Bearer realm="tallystick", Basic realm="tallystick"'},
        )


class NotAllowedError(RequestError):
    """The key does not reach that far."""

    status = HTTPStatus.FORBIDDEN
    slug = "not-allowed"


class UnknownContractError(RequestError):
    """No such event type or version."""

    status = HTTPStatus.NOT_FOUND
    slug = "unknown-contract"

    def __init__(self) -> None:
        super().__init__("there is no such contract", fix="see /v1/contracts for those there are")


class BadHeaderError(RequestError):
    """A header that cannot be read."""

    status = HTTPStatus.BAD_REQUEST
    slug = "bad-header"

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"the header {name} cannot be read", fix=f"send {expected}")


class BodyTimeoutError(RequestError):
    """The body did not come in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    slug = "body-timeout"

    def __init__(self) -> None:
        super().__init__("the body did not arrive in time", headers={"Connection": "close"})


class LengthRequiredError(RequestError):
    """A body without length or chunks is none."""

    status = HTTPStatus.LENGTH_REQUIRED
    slug = "length-required"

    def __init__(self) -> None:
        super().__init__("the request has no body", fix="send Content-Length or Transfer-Encoding: chunked")


class TooLargeError(RequestError):
    """The body, packed or not, or an event alone is larger than allowed."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    slug = "too-large"

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"{what} is larger than {limit} bytes", fix="send smaller batches")


class TooManyEventsError(RequestError):
    """More events than a batch may hold."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    slug = "too-many-events"

    def __init__(self, limit: int) -> None:
        super().__init__(f"a batch holds at most {limit} events", fix="send several batches")


class UnsupportedMediaError(RequestError):
    """A content type or encoding that is not spoken here."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    slug = "unsupported-media"


class TooManyRequestsError(RequestError):
    """The key's rate is used up."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    slug = "too-many-requests"

    def __init__(self, seconds: int) -> None:
        super().__init__("this write key sends too fast", headers={"Retry-After": str(seconds)})


class UnavailableError(RequestError):
    """Nothing can be accepted now; nothing of the request was read."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    slug = "unavailable"

    def __init__(self, what: str, seconds: int) -> None:
        super().__init__(f"{what}; nothing was accepted", headers={"Retry-After": str(seconds)})


class UnknownFateError(RequestError):
    """Kafka did not say whether it holds the events."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    slug = "unknown-fate"

    def __init__(self) -> None:
        super().__init__(
            "the events may or may not have been stored",
            fix="send the same events with the same ids again",
            headers={"Retry-After": "1"},
        )
