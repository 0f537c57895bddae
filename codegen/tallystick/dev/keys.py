"""The dev stack's write key: made once, kept for its owner only; the API gets to know its hash."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["make_key", "read_key"]


def read_key(folder: Path) -> str | None:
    """The write key of a folder, if it has one."""
    file = _key_file(folder)
    return file.read_text(encoding="ascii").strip() if file.is_file() else None


def make_key(folder: Path) -> Path:
    """Make the folder's write key, if it has none, and the keys file that the API reads.

    The key may send every event type from every source and import history: it is for this machine.

    Returns:
        The keys file, which holds the key's SHA-256 only.
    """
    key = read_key(folder)
    if key is None:
        key = f"dev_{secrets.token_urlsafe(24)}"
        with os.fdopen(os.open(_key_file(folder), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key + "\n")
    keys = folder / "keys.json"
    keys.write_text(json.dumps({"keys": [_entry(key)]}, indent=2) + "\n", encoding="utf-8")
    return keys


def _key_file(folder: Path) -> Path:
    return folder / "write_key"


def _entry(key: str) -> dict[str, object]:
    return {
        "name": "dev",
        "sha256": hashlib.sha256(key.encode("ascii")).hexdigest(),
        "source": "*",
        "types": ["*"],
        "kind": "secret",
        "scopes": ["ingest", "backfill"],
        "expires_at": None,
    }
