"""What an operator can mend: the database cannot be used, or an import cannot be done.

    TallystickError
    └── ServiceError
        ├── DatabaseUnknownError     an address that is no SQLite file and no PostgreSQL
        ├── DatabaseUnusableError    it cannot be opened, read or written
        ├── DatabaseTooNewError      a newer program has written it
        ├── UsersFileError           the file of users and keys does not hold
        └── TransferError            an export or import that cannot go on

A request's errors are another tree: `tallystick.api.registry.errors`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.api.errors import ServiceError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "DatabaseTooNewError",
    "DatabaseUnknownError",
    "DatabaseUnusableError",
    "TransferError",
    "UsersFileError",
]


class DatabaseUnknownError(ServiceError):
    """An address that we cannot use."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"'{url}' is not the address of a database that the registry can use",
            fix="give sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME with --database",
        )


class DatabaseUnusableError(ServiceError):
    """The database does not open, or does not take a write."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"the registry's database {url} cannot be used: {' '.join(reason.split())}",
            fix="check that the file or server exists, is writable by this user, has room, and is not held by another",
        )


class DatabaseTooNewError(ServiceError):
    """The database's shape is from a later release."""

    def __init__(self, url: str, revision: str) -> None:
        super().__init__(
            f"the registry's database {url} was written by a newer Tallystick (revision {revision})",
            fix="install that version; nothing has been changed",
        )


class UsersFileError(ServiceError):
    """The file of users cannot be read, or says nonsense."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"the users file {path} does not hold: {reason}",
            fix='write {"users": [{"name": "ci", "sha256": "<hex>", "role": "read|write|admin", "subjects": []}]}',
        )


class TransferError(ServiceError):
    """An export or an import stopped; what was committed before stays."""

    def __init__(
        self, what: str, *, fix: str = "mend it and run the command again: what is there already is skipped"
    ) -> None:
        super().__init__(what, fix=fix)
