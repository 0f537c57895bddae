"""The root of the refusals, and those that have no row of their own in Confluent's table."""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "GenericError",
    "RegistryError",
    "StoreBusyError",
    "StoreFullError",
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
