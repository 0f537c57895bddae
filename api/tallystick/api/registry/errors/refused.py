"""Refusals of what may not be: 409 and 422, and the codes 42201 to 42211."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.api.registry.errors.base import RegistryError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ContextNotEmptyError",
    "IdDoesNotMatchError",
    "IncompatibleSchemaError",
    "InvalidCompatibilityError",
    "InvalidModeError",
    "InvalidPolicyError",
    "InvalidRuleSetError",
    "InvalidSchemaError",
    "InvalidSubjectError",
    "InvalidVersionError",
    "OperationNotPermittedError",
    "ReferenceExistsError",
    "SchemaTooLargeError",
    "UnprocessableError",
]


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


class InvalidPolicyError(UnprocessableError):
    """Not a policy for changes of meaning; ours, so the code is that of its neighbour, the level."""

    code = 42203

    def __init__(self, policies: Sequence[str]) -> None:
        super().__init__(f"Invalid logical policy. Valid values are {' and '.join(policies)}")


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
