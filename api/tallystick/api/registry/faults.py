"""What an operator can mend: the database cannot be used, or an import cannot be done.

    TallystickError
    └── ServiceError
        ├── DatabaseUnknownError     an address that is no SQLite file and no PostgreSQL
        ├── DatabaseUnusableError    it cannot be opened, read or written
        └── DatabaseTooNewError      a newer program has written it

A request's errors are another tree: `tallystick.api.registry.errors`.
"""

from __future__ import annotations

from tallystick.api.errors import ServiceError

__all__ = ["DatabaseTooNewError", "DatabaseUnknownError", "DatabaseUnusableError"]


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
