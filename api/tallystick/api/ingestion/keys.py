"""Write keys: who may send which events in whose name. Only their hashes are stored."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import structlog

from tallystick.api.ingestion.errors import KeysError, NotAuthenticatedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["ANY", "Key", "KeyFile", "Keyring", "Kind", "Scope", "load_keys", "new_key", "secret_of"]

Kind = Literal["secret", "publishable"]
Scope = Literal["ingest", "backfill"]

_log = structlog.get_logger("tallystick.api")

_LOOK_SECONDS: Final = 2.0
ANY: Final = "*"
_PREFIX: Final[dict[Kind, str]] = {"secret": "tsk_", "publishable": "tpk_"}


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A write key, as the keys file has it.

    Attributes:
        name: Name in logs and metrics.
        sha256: Hash of the secret, hexadecimal.
        source: The one application whose events it may send; `*` for any.
        types: Patterns of the event types it may send, such as `shop.*`.
        kind: `publishable` keys stand in browsers, so they may never backfill.
        scopes: `ingest`, and `backfill` to keep the meta's own received_at and sent_at.
        expires_at: When it ceases to hold; null for never.
        events_per_second: Its rate; null for none.
    """

    name: str
    sha256: str
    source: str
    types: tuple[str, ...] = (ANY,)
    kind: Kind = "secret"
    scopes: tuple[Scope, ...] = ("ingest",)
    expires_at: datetime | None = None
    events_per_second: float | None = None

    def holds(self, now: datetime) -> bool:
        """Whether the key has not expired."""
        return self.expires_at is None or now < self.expires_at

    def allows_type(self, event_type: str) -> bool:
        """Whether it may send events of this type."""
        return any(fnmatchcase(event_type, pattern) for pattern in self.types)

    def allows_source(self, source: str) -> bool:
        """Whether it may send in this application's name."""
        return self.source in {ANY, source}

    def may_backfill(self) -> bool:
        """Whether it may say itself when events were received."""
        return "backfill" in self.scopes and self.kind == "secret"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys that are known."""

    keys: Sequence[Key]

    def find(self, secret: str) -> Key:
        """The key of a secret.

        Every key is compared, in constant time, so the answer's timing tells nothing.

        Raises:
            NotAuthenticatedError: There is none, or it has expired.
        """
        digest = _digest(secret)
        found: Key | None = None
        for key in self.keys:
            if hmac.compare_digest(key.sha256, digest):
                found = key
        if found is None or not found.holds(datetime.now(tz=UTC)) or "ingest" not in found.scopes:
            raise NotAuthenticatedError
        return found


class KeyFile:
    """The keys of a file that may change while the service runs; a broken change leaves the old keys in force.

    Args:
        path: The file.

    Attributes:
        keyring: Its keys.

    Raises:
        KeysError: It cannot be read, or is no keys file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = _stamp(path)
        self.keyring = load_keys(path)

    async def run(self) -> None:
        """Look for changes for ever."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self.renew()

    def renew(self) -> None:
        """Read the file again if it has changed."""
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        try:
            self.keyring = load_keys(self._path)
        except KeysError as error:
            _log.error("the write keys stay as they were", error=error.message)
        self._stamp = stamp


def load_keys(path: Path) -> Keyring:
    """Read a keys file.

    Raises:
        KeysError: It cannot be read, or is no keys file.
    """
    try:
        keys = msgspec.json.decode(path.read_bytes(), type=_File).keys
    except OSError as error:
        raise KeysError(f"the keys file {path} cannot be read: {error.strerror}", fix=_HOW) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KeysError(f"{path} is no keys file: {error}", fix=_HOW) from None
    naive = [key.name for key in keys if key.expires_at is not None and key.expires_at.tzinfo is None]
    if naive:
        raise KeysError(f"expires_at of {', '.join(naive)} in {path} has no time zone", fix="end it with Z")
    return Keyring(keys)


def new_key(
    name: str,
    source: str,
    types: Iterable[str] = (ANY,),
    scopes: Iterable[Scope] = ("ingest",),
    kind: Kind = "secret",
) -> tuple[str, dict[str, object]]:
    """Make a key.

    Returns:
        The secret, which is shown once and stored nowhere, and its entry for the keys file.
    """
    secret = _PREFIX[kind] + secrets.token_urlsafe(32)
    key = Key(name=name, sha256=_digest(secret), source=source, types=tuple(types), kind=kind, scopes=tuple(scopes))
    entry: dict[str, object] = msgspec.json.decode(msgspec.json.encode(key))
    return secret, entry


def secret_of(authorization: str | None) -> str:
    """Read the secret from an Authorization header: bearer, or basic with the secret as user name or password.

    Raises:
        NotAuthenticatedError: There is none.
    """
    scheme, _, credentials = (authorization or "").strip().partition(" ")
    credentials = credentials.strip()
    match scheme.lower():
        case "bearer" if credentials:
            return credentials
        case "basic":
            return _from_basic(credentials)
        case _:
            raise NotAuthenticatedError


def _from_basic(credentials: str) -> str:
    try:
        user, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise NotAuthenticatedError from None
    return password or user


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()


_HOW: Final = "make one with: tallystick serve api --new-key NAME --source APP --keys FILE"
