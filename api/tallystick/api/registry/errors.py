"""Every refusal of the registry: one class per row of Confluent's error table, with its status, code and message.

    RegistryError                        status, code, message
    ├── NotFoundError                    404
    │   ├── SubjectNotFoundError         40401
    │   ├── VersionNotFoundError         40402
    │   ├── SchemaNotFoundError          40403
    │   ├── SubjectSoftDeletedError      40404
    │   ├── SubjectNotSoftDeletedError   40405
    │   ├── VersionSoftDeletedError      40406
    │   ├── VersionNotSoftDeletedError   40407
    │   ├── ConfigNotSetError            40408
    │   └── ModeNotSetError              40409
    ├── IncompatibleSchemaError          409, code 409 or 40901
    ├── UnprocessableError               422
    │   ├── InvalidSchemaError           42201
    │   ├── InvalidVersionError          42202
    │   ├── InvalidCompatibilityError    42203
    │   ├── InvalidModeError             42204
    │   ├── OperationNotPermittedError   42205
    │   ├── ReferenceExistsError         42206
    │   ├── IdDoesNotMatchError          42207
    │   ├── InvalidSubjectError          42208
    │   ├── SchemaTooLargeError          42209
    │   ├── InvalidRuleSetError          42210
    │   └── ContextNotEmptyError         42211
    ├── StoreBusyError                   503, code 50302: the database is locked or away
    ├── StoreFullError                   507, code 50701: the database takes no more
    └── GenericError                     any other status, whose code is the status: 400, 401, 403, 405, 406, 413, 415

A class carries its facts; the text that a client sees is written here and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ConfigNotSetError",
    "ContextNotEmptyError",
    "GenericError",
    "IdDoesNotMatchError",
    "IncompatibleSchemaError",
    "InvalidCompatibilityError",
    "InvalidModeError",
    "InvalidRuleSetError",
    "InvalidSchemaError",
    "InvalidSubjectError",
    "InvalidVersionError",
    "ModeNotSetError",
    "NotFoundError",
    "OperationNotPermittedError",
    "ReferenceExistsError",
    "RegistryError",
    "SchemaNotFoundError",
    "SchemaTooLargeError",
    "StoreBusyError",
    "StoreFullError",
    "SubjectNotFoundError",
    "SubjectNotSoftDeletedError",
    "SubjectSoftDeletedError",
    "UnprocessableError",
    "VersionNotFoundError",
    "VersionNotSoftDeletedError",
    "VersionSoftDeletedError",
]


class RegistryError(Exception):
    """A request that is answered with an error.

    Attributes:
        status: The HTTP status.
        code: Confluent's error code.
        message: The text for the client.
    """

    status: int = 500
    code: int = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFoundError(RegistryError):
    """Something that the request names is not there."""

    status = 404
    code = 404


class SubjectNotFoundError(NotFoundError):
    """No such subject."""

    code = 40401

    def __init__(self, subject: str) -> None:
        super().__init__(f"Subject '{subject}' not found.")


class VersionNotFoundError(NotFoundError):
    """No such version in the subject."""

    code = 40402

    def __init__(self, version: int) -> None:
        super().__init__(f"Version {version} not found.")


class SchemaNotFoundError(NotFoundError):
    """No schema with this id or guid, or none that matches a lookup."""

    code = 40403

    def __init__(self, key: int | str | None = None) -> None:
        super().__init__("Schema not found" if key is None else f"Schema {key} not found")


class SubjectSoftDeletedError(NotFoundError):
    """The subject is already softly deleted."""

    code = 40404

    def __init__(self, subject: str) -> None:
        super().__init__(f"Subject '{subject}' was soft deleted.Set permanent=true to delete permanently")


class SubjectNotSoftDeletedError(NotFoundError):
    """Permanent deletion comes after the soft one."""

    code = 40405

    def __init__(self, subject: str) -> None:
        super().__init__(f"Subject '{subject}' was not deleted first before being permanently deleted")


class VersionSoftDeletedError(NotFoundError):
    """The version is already softly deleted."""

    code = 40406

    def __init__(self, subject: str, version: int | str) -> None:
        super().__init__(
            f"Subject '{subject}' Version {version} was soft deleted.Set permanent=true to delete permanently"
        )


class VersionNotSoftDeletedError(NotFoundError):
    """Permanent deletion comes after the soft one."""

    code = 40407

    def __init__(self, subject: str, version: int | str) -> None:
        super().__init__(
            f"Subject '{subject}' Version {version} was not deleted first before being permanently deleted"
        )


class ConfigNotSetError(NotFoundError):
    """The subject has no configuration of its own."""

    code = 40408

    def __init__(self, subject: str) -> None:
        super().__init__(f"Subject '{subject}' does not have subject-level compatibility configured")


class ModeNotSetError(NotFoundError):
    """The subject has no mode of its own."""

    code = 40409

    def __init__(self, subject: str) -> None:
        super().__init__(f"Subject '{subject}' does not have subject-level mode configured")


class IncompatibleSchemaError(RegistryError):
    """The schema breaks the subject's compatibility level; the code is a switch of the server."""

    status = 409
    code = 409

    def __init__(self, subject: str, details: Sequence[str]) -> None:
        listed = f"[{', '.join(details)}]"
        super().__init__(
            f'Schema being registered is incompatible with an earlier schema for subject "{subject}", details: {listed}'
        )


class UnprocessableError(RegistryError):
    """The request is understood and cannot be followed."""

    status = 422
    code = 422


class InvalidSchemaError(UnprocessableError):
    """The schema, its references or its version do not hold."""

    code = 42201


class InvalidVersionError(UnprocessableError):
    """Not a version number."""

    code = 42202

    def __init__(self, version: object) -> None:
        super().__init__(
            f"The specified version '{version}' is not a valid version id. "
            'Allowed values are between [1, 2^31-1] and the string "latest"'
        )


class InvalidCompatibilityError(UnprocessableError):
    """Not a compatibility level."""

    code = 42203

    def __init__(self) -> None:
        super().__init__(
            "Invalid compatibility level. Valid values are none, backward, forward, full, "
            "backward_transitive, forward_transitive, and full_transitive"
        )


class InvalidModeError(UnprocessableError):
    """Not a mode, or not one that may be set here."""

    code = 42204

    def __init__(
        self, message: str = "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD."
    ) -> None:
        super().__init__(message)


class OperationNotPermittedError(UnprocessableError):
    """The mode forbids it."""

    code = 42205


class ReferenceExistsError(UnprocessableError):
    """Another schema refers to the version that would vanish."""

    code = 42206

    def __init__(self, subject: str, version: int) -> None:
        super().__init__(
            "One or more references exist to the schema "
            f"{{magic=1,keytype=SCHEMA,subject={subject},version={version}}}."
        )


class IdDoesNotMatchError(UnprocessableError):
    """The schema is registered already, under another id."""

    code = 42207

    def __init__(self, given: int, actual: int) -> None:
        super().__init__(f"Schema already registered with id {actual} instead of input id {given}")


class InvalidSubjectError(UnprocessableError):
    """A subject's name that may not be used."""

    code = 42208

    def __init__(self, subject: str) -> None:
        super().__init__(f"The specified subject '{subject}' is not a valid subject.")


class SchemaTooLargeError(UnprocessableError):
    """A schema text above the server's cap."""

    code = 42209

    def __init__(self, limit: int) -> None:
        super().__init__(f"Register operation failed because schema is too large (the limit is {limit} characters)")


class InvalidRuleSetError(UnprocessableError):
    """A rule set that contradicts itself."""

    code = 42210


class ContextNotEmptyError(UnprocessableError):
    """A context that still holds subjects."""

    code = 42211

    def __init__(self, context: str) -> None:
        super().__init__(f"The specified context '{context}' is not empty.")


class StoreBusyError(RegistryError):
    """The database did not take the write in time; the client may try again."""

    status = 503
    code = 50302

    def __init__(self) -> None:
        super().__init__("The registry's database is locked or away; try again")


class StoreFullError(RegistryError):
    """The database cannot be written; what it holds is not harmed."""

    status = 507
    code = 50701

    def __init__(self) -> None:
        super().__init__("The registry's database is full or read-only: nothing was written")


class GenericError(RegistryError):
    """An error without a row of its own: its code is its status.

    Args:
        status: The HTTP status.
        message: The text; by default the status' own phrase.
    """

    _PHRASES: ClassVar[dict[int, str]] = {
        400: "Bad Request",
        401: "Unauthorized",
        403: "Forbidden",
        404: "Not Found",
        405: "Method Not Allowed",
        406: "Not Acceptable",
        413: "Request Entity Too Large",
        415: "Unsupported Media Type",
        500: "Internal Server Error",
    }

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(message or f"HTTP {status} {self._PHRASES.get(status, 'Error')}")
        self.status = status
        self.code = status
