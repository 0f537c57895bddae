"""Errors of the SDK and of the registry client.

TallystickError
└── SdkError
    ├── EncodeError             a record that cannot be written as Avro or JSON
    ├── DecodeError             bytes that are no record of the contract
    ├── OptionsError            an option that cannot work
    ├── QueueFullError          the queue is full and `on_full` says to raise
    ├── ClosedError             an event was tracked after `close()`
    ├── NotDeliveredError       an event was refused, or its fate is unknown
    ├── RegistryUnavailable     the registry gave no answer; a later attempt may get one
    └── RegistryError           the registry answered with an error
        ├── UnknownSchema       there is no such id, subject or version
        ├── IncompatibleSchema  the new version breaks the subject's compatibility level
        └── NotAvroError        the schema is JSON Schema or Protobuf
"""

from __future__ import annotations

from typing import Final

from tallystick.contracts.errors import TallystickError

__all__ = [
    "ClosedError",
    "DecodeError",
    "EncodeError",
    "IncompatibleSchema",
    "NotAvroError",
    "NotDeliveredError",
    "OptionsError",
    "QueueFullError",
    "RegistryError",
    "RegistryUnavailable",
    "SdkError",
    "UnknownSchema",
]


class SdkError(TallystickError):
    """The root of what the SDK raises."""


class EncodeError(SdkError):
    """A record that cannot be written."""

    def __init__(self, name: str, cause: str, *, fix: str = "") -> None:
        super().__init__(f"{name} cannot be encoded: {cause}", fix=fix)
        self.name = name
        self.cause = cause


class DecodeError(SdkError):
    """Bytes that are no record of the contract, or a writer's schema that does not resolve to it."""

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(f"these bytes are no {name}: {cause}")
        self.name = name
        self.cause = cause


class OptionsError(SdkError):
    """An option that cannot work, found when the client is made."""


class QueueFullError(SdkError):
    """An event found no room, and the client was told to raise then."""

    def __init__(self, waiting: int) -> None:
        super().__init__(
            f"the queue is full: {waiting} events wait to be sent",
            fix='raise max_queue_size, give a spool_dir, or choose on_full="block"',
        )
        self.waiting = waiting


class ClosedError(SdkError):
    """An event was tracked after the client was closed."""

    def __init__(self) -> None:
        super().__init__("the client is closed", fix="track before close(), or make a new EventClient")


class NotDeliveredError(SdkError):
    """An event that was waited for did not arrive."""

    def __init__(self, event_id: str, reason: str) -> None:
        super().__init__(f"event {event_id} was not delivered: {reason}")
        self.event_id = event_id
        self.reason = reason


# What stands in the cause -> what the person may have to do.
_SIGNS: Final = {
    "CERTIFICATE_VERIFY_FAILED": "name the certificate that it is to be trusted by: SSL_CERT_FILE=cert.pem",
    "missing an 'http": "write it with http:// or https://",
}
_REFUSED: Final = {
    401: "give NAME:PASSWORD or a token; the command line takes it from TALLYSTICK_REGISTRY_AUTH",
    403: "ask for a key that may do this: tallystick registry key NAME --role write",
}


class RegistryUnavailable(SdkError):  # noqa: N818 - it is a state of the registry; the caller tries again
    """The registry gave no answer, or none that it stands by (5xx)."""

    def __init__(self, url: str, cause: str) -> None:
        fix = next((fix for sign, fix in _SIGNS.items() if sign in cause), "start one: tallystick serve registry")
        super().__init__(f"the schema registry at {url} does not answer: {cause}", fix=f"check the address, or {fix}")
        self.url = url


class RegistryError(SdkError):
    """The registry answered, and the answer is an error.

    Args:
        status: HTTP status.
        code: The registry's own `error_code`; the status where it gave none.
        message: Its message.
    """

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"the schema registry answers {code}: {message}", fix=_REFUSED.get(status, ""))
        self.status = status
        self.code = code
        self.reason = message


class UnknownSchema(RegistryError):  # noqa: N818 - it names the registry's answer
    """There is no such id, subject or version."""


class IncompatibleSchema(RegistryError):  # noqa: N818 - it names the registry's answer
    """A new version does not go together with the earlier ones."""


class NotAvroError(RegistryError):
    """A schema of another language than Avro."""

    def __init__(self, language: str) -> None:
        super().__init__(200, 200, f"the schema is {language}, not Avro")
        self.language = language
