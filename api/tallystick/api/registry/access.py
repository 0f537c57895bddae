"""Who may do what: users with keys, a role each, and the subjects for which it holds.

    {"users": [{"name": "ci", "sha256": "<hex of the key>", "role": "write", "subjects": ["shop."]}]}

A key is random, so that one round of SHA-256 guards it: a stolen file tells nobody a key. It is sent as a bearer token,
or as the password of basic authentication beside the user's name. `subjects` are beginnings of qualified subjects
(`:.staging:` for a context); an empty list means every subject.
"""

from __future__ import annotations

import base64
import binascii
import enum
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from tallystick.api.registry.faults import UsersFileError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Need", "Role", "User", "Users", "load_users", "need_of"]


# A need that every subject's user meets. No subject is called so: it holds a control character.
_ANY: Final = "\0any"


class Role(enum.IntEnum):
    """What a user may do; each role includes those before it."""

    READ = 1
    WRITE = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Need:
    """What a request needs: a role, and for which subject; None for all of them, `_ANY` for whichever."""

    role: Role
    subject: str | None


@dataclass(frozen=True, slots=True)
class User:
    """A user, without the key."""

    name: str
    role: Role
    subjects: tuple[str, ...]

    def may(self, need: Need) -> bool:
        """Whether the user may do what a request needs."""
        if need.role > self.role:
            return False
        if not self.subjects or need.subject == _ANY:
            return True
        return need.subject is not None and need.subject.startswith(self.subjects)


class Users:
    """Users by the digest of their key.

    Args:
        users: Digest in hex -> user.
    """

    def __init__(self, users: dict[str, User]) -> None:
        self._users = users

    def of(self, authorization: bytes) -> User | None:
        """The user whose credentials an Authorization header holds."""
        scheme, _, rest = authorization.strip().partition(b" ")
        name, key = _READERS.get(scheme.lower(), _nobody)(rest.strip())
        user = self._users.get(hashlib.sha256(key).hexdigest())
        if user is None or not (name is None or hmac.compare_digest(name, user.name.encode())):
            return None
        return user


def load_users(path: Path) -> Users:
    """Read a file of users.

    Raises:
        UsersFileError: It cannot be read, or it is not of this form.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_File)
    except (OSError, msgspec.DecodeError) as error:
        raise UsersFileError(path, str(error)) from None
    return Users({u.sha256.lower(): User(u.name, Role[u.role.upper()], tuple(u.subjects)) for u in found.users})


def need_of(method: str, path: tuple[str, ...]) -> Need | None:
    """What a request needs; None for what is open to everybody.

    Args:
        method: The HTTP method.
        path: The segments of the path, decoded, contexts moved into the subjects.
    """
    first, rest = (path[0], path[1:]) if path else ("", ())
    if first in _OPEN:
        return None
    reading = (
        method in {"GET", "HEAD"}
        or first in {"compatibility", "ui"}
        or (method == "POST" and len(path) == len(_LOOKUP))
    )
    subject = path[_SUBJECT_AT[first]] if first in _SUBJECT_AT and len(path) > _SUBJECT_AT[first] else None
    if reading:
        # An id or a guid tells nothing of the subject: whoever may read anything may read what an id stands for.
        by_id = first == "schemas" and bool(rest)
        return Need(Role.READ, _ANY if by_id else subject)
    role = Role.ADMIN if first in {"mode", "contexts"} or (first == "config" and not rest) else Role.WRITE
    return Need(role, subject)


class _Entry(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    sha256: str
    role: str
    subjects: list[str] = []  # msgspec copies it

    def __post_init__(self) -> None:
        if self.role.upper() not in Role.__members__:
            raise ValueError(f"the role of {self.name} is {self.role}, not read, write or admin")
        if len(self.sha256) != len(_EMPTY_DIGEST) or not set(self.sha256.lower()) <= set("0123456789abcdef"):
            raise ValueError(f"the sha256 of {self.name} is not 64 hex digits")


class _File(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    users: list[_Entry]


_EMPTY_DIGEST: Final = hashlib.sha256(b"").hexdigest()
_OPEN: Final = frozenset({"livez", "readyz"})
_LOOKUP: Final = ("subjects", "{subject}")
_SUBJECT_AT: Final = {"subjects": 1, "config": 1, "mode": 1, "compatibility": 2, "ui": 2}


def _basic(rest: bytes) -> tuple[bytes | None, bytes]:
    try:
        name, _, key = base64.b64decode(rest, validate=True).partition(b":")
    except binascii.Error:
        return _nobody(rest)
    return name, key


def _bearer(rest: bytes) -> tuple[bytes | None, bytes]:
    return None, rest


def _nobody(_rest: bytes) -> tuple[bytes | None, bytes]:
    return b"", b""


_READERS: Final = {b"basic": _basic, b"bearer": _bearer}
