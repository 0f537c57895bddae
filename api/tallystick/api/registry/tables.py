"""The tables, as statements name them. The migrations create them; their unique constraints hold the invariants.

A schema's id is the key of its content within a context, a version's number within its subject; `issued` says which
one id a context gives out for a content; `contexts.last_id` only ever grows, so that no id is given out twice.

They are no mapped classes: no row is ever an object here, and the mapper is a tenth of what a start takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, Boolean, Integer, String, Text, column, table

if TYPE_CHECKING:
    from sqlalchemy import TableClause
    from sqlalchemy.types import TypeEngine

__all__ = ["AUDIT", "CHANGES", "CLOCK", "CONTEXTS", "ISSUED", "REFS", "SCHEMAS", "SETTINGS", "VERSIONS"]


def _table(name: str, /, **columns: type[TypeEngine[Any]]) -> TableClause:
    return table(name, *(column(each, kind) for each, kind in columns.items()))


# A context and its counter of ids. A deleted context is no longer listed, but keeps its counter.
CONTEXTS: Final = _table("contexts", name=String, last_id=Integer, listed=Boolean)
# A content and its id.
SCHEMAS: Final = _table("schemas", context=String, id=Integer, guid=String, digest=String, text=Text, parts=Text)
# The id that a context gives out for a content: one, for ever. Imported doubles have no row here.
ISSUED: Final = _table("issued", context=String, digest=String, id=Integer)
# A version of a subject: a number, an id, and whether it is softly deleted.
VERSIONS: Final = _table(
    "versions",
    subject=String,
    version=Integer,
    context=String,
    name=String,
    id=Integer,
    deleted=Boolean,
    created_ms=BigInteger,
)
# What a content refers to, by qualified subject, for the protection against deletion.
REFS: Final = _table("refs", context=String, id=Integer, position=Integer, subject=String, version=Integer)
# The config and the mode of a subject, of a context (`:.ctx:`) or of the default context (empty).
SETTINGS: Final = _table("settings", subject=String, config=Text, mode=String)
# One row, that every write advances: the order of writes, and the lock that serialises them on PostgreSQL.
CLOCK: Final = _table("clock", only=Integer, tick=BigInteger)
# What a write changed, so that caches of every process can forget exactly that. Old rows are dropped.
CHANGES: Final = _table("changes", tick=BigInteger, key=String)
# Who wrote what, and when.
AUDIT: Final = _table(
    "audit",
    tick=BigInteger,
    at_ms=BigInteger,
    who=String,
    request_id=String,
    action=String,
    subject=String,
    detail=Text,
)
