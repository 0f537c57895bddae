"""The tables, as SQLAlchemy sees them. The migrations create them; unique constraints hold the invariants.

A schema's id is the key of its content within a context, a version's number within its subject; `issued` says which
one id a context gives out for a content; `contexts.last_id` only ever grows, so that no id is given out twice.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "AuditRow",
    "Base",
    "ChangeRow",
    "ClockRow",
    "ContextRow",
    "IssuedRow",
    "ReferenceRow",
    "SchemaRow",
    "SettingsRow",
    "VersionRow",
]

# Names are compared by code point on every database, whatever the locale of the server.
NAME: Final = String().with_variant(String(collation="C"), "postgresql")


class Base(DeclarativeBase):
    """The parent of every table."""


class ContextRow(Base):
    """A context and its counter of ids. A deleted context is no longer listed, but keeps its counter."""

    __tablename__ = "contexts"

    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    last_id: Mapped[int]
    listed: Mapped[bool]


class SchemaRow(Base):
    """A content and its id."""

    __tablename__ = "schemas"

    context: Mapped[str] = mapped_column(NAME, ForeignKey("contexts.name"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guid: Mapped[str] = mapped_column(String(36), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    parts: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_schemas_digest", "context", "digest"),)


class IssuedRow(Base):
    """The id that a context gives out for a content: one, for ever. Imported doubles have no row here."""

    __tablename__ = "issued"

    context: Mapped[str] = mapped_column(NAME, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(["context", "id"], ["schemas.context", "schemas.id"], ondelete="CASCADE"),
        Index("ux_issued_id", "context", "id", unique=True),
    )


class VersionRow(Base):
    """A version of a subject: a number, an id, and whether it is softly deleted."""

    __tablename__ = "versions"

    subject: Mapped[str] = mapped_column(NAME, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    context: Mapped[str] = mapped_column(NAME)
    name: Mapped[str] = mapped_column(NAME, index=True)
    id: Mapped[int]
    deleted: Mapped[bool]
    created_ms: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        ForeignKeyConstraint(["context", "id"], ["schemas.context", "schemas.id"]),
        Index("ix_versions_id", "context", "id"),
    )


class ReferenceRow(Base):
    """What a content refers to, by qualified subject, for the protection against deletion."""

    __tablename__ = "refs"

    context: Mapped[str] = mapped_column(NAME, primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(NAME)
    version: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(["context", "id"], ["schemas.context", "schemas.id"], ondelete="CASCADE"),
        Index("ix_refs_target", "subject", "version"),
    )


class SettingsRow(Base):
    """The config and the mode of a subject, of a context (`:.ctx:`) or of the default context (empty)."""

    __tablename__ = "settings"

    subject: Mapped[str] = mapped_column(NAME, primary_key=True)
    config: Mapped[str | None] = mapped_column(Text)
    mode: Mapped[str | None] = mapped_column(String(24))


class ClockRow(Base):
    """One row, that every write advances: the order of writes, and the lock that serialises them on PostgreSQL."""

    __tablename__ = "clock"

    only: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tick: Mapped[int] = mapped_column(BigInteger)


class ChangeRow(Base):
    """What a write changed, so that caches of every process can forget exactly that. Old rows are dropped."""

    __tablename__ = "changes"

    tick: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(NAME, primary_key=True)


class AuditRow(Base):
    """Who wrote what, and when."""

    __tablename__ = "audit"

    tick: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    who: Mapped[str]
    request_id: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(NAME)
    detail: Mapped[str] = mapped_column(Text)
