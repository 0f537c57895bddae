"""Refusals of what is not there: 404, and the codes 40401 to 40409."""

from __future__ import annotations

from tallystick.api.registry.errors.base import RegistryError

__all__ = [
    "ConfigNotSetError",
    "ModeNotSetError",
    "NotFoundError",
    "SchemaNotFoundError",
    "SubjectNotFoundError",
    "SubjectNotSoftDeletedError",
    "SubjectSoftDeletedError",
    "VersionNotFoundError",
    "VersionNotSoftDeletedError",
    "VersionSoftDeletedError",
]


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
