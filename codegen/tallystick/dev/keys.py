"""The dev stack's write key: made once, kept for its owner only; the API gets to know its hash."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from tallystick.api.ingestion.keys import ANY, new_key

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["make_key", "read_key"]


def read_key(folder: Path) -> str | None:
    """The write key of a folder, if it has one."""
    file = _key_file(folder)
    return file.read_text(encoding="ascii").strip() if file.is_file() else None


def make_key(folder: Path) -> Path:
    """Make the folder's write key and the keys file that the API reads, unless both are there.

    The key may send every event type from every source and import history: it is for this machine.

    Returns:
        The keys file, which holds the key's SHA-256 only.
    """
    keys = folder / "keys.json"
    if read_key(folder) is None or not keys.is_file():
        secret, entry = new_key("dev", ANY, scopes=("ingest", "backfill"))
        keys.write_text(json.dumps({"keys": [entry]}, indent=2) + "\n", encoding="utf-8")
        _key_file(folder).unlink(missing_ok=True)
        with os.fdopen(os.open(_key_file(folder), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret + "\n")
    return keys


def _key_file(folder: Path) -> Path:
    return folder / "write_key"
