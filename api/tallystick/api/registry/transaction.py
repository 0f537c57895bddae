"""Everything that the registry asks of its database, within one transaction.

Three small parts, so that each can be read on its own: contents and ids, versions of subjects, settings and notes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.api.registry._contents import Contents
from tallystick.api.registry._notes import Notes
from tallystick.api.registry._versions import Filter, Page, Version, Versions

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["Filter", "Page", "Transaction", "Version"]


class Transaction(Contents, Versions, Notes):
    """One transaction; made by `Store.read` and `Store.write`."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._settings = {}
