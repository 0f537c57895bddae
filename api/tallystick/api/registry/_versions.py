"""Versions of subjects: which there are, which is the latest, and where an id stands."""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Integer, bindparam, cast, delete, func, insert, select, update

from tallystick.api.registry._contents import content_of
from tallystick.api.registry._prepared import Prepared
from tallystick.api.registry.names import Subject
from tallystick.api.registry.tables import SCHEMAS, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy.engine import Connection
    from sqlalchemy.sql.elements import ColumnElement

    from tallystick.api.registry.content import Content

__all__ = ["Filter", "Page", "Version", "Versions"]

# One past every character that a name may hold: the end of a range of names with a common beginning.
_LAST: Final = "\U0010ffff"
_AT_ONCE: Final = 1_000
_COLUMNS: Final = (VERSIONS.c.subject, VERSIONS.c.version, VERSIONS.c.id, VERSIONS.c.deleted, VERSIONS.c.created_ms)
_HISTORY: Final = Prepared(select(*_COLUMNS).where(VERSIONS.c.subject == bindparam("s")).order_by(VERSIONS.c.version))
_ONE: Final = Prepared(
    select(*_COLUMNS).where(VERSIONS.c.subject == bindparam("s"), VERSIONS.c.version == bindparam("v"))
)
_APPEND: Final = Prepared(insert(VERSIONS))
_LATEST: Final = Prepared(
    select(*_COLUMNS)
    .where(VERSIONS.c.subject == bindparam("s"), VERSIONS.c.deleted.is_(False))
    .order_by(VERSIONS.c.version.desc())
    .limit(1)
)
_DECORATED: Final = Prepared(
    select(*_COLUMNS, SCHEMAS.c.text, SCHEMAS.c.parts)
    .join(SCHEMAS, (SCHEMAS.c.context == VERSIONS.c.context) & (SCHEMAS.c.id == VERSIONS.c.id))
    .where(VERSIONS.c.subject == bindparam("s"), SCHEMAS.c.parts.is_not(None))
    .order_by(VERSIONS.c.version.desc())
)
_PLACES: Final = Prepared(
    select(*_COLUMNS)
    .where(VERSIONS.c.context == bindparam("c"), VERSIONS.c.id == bindparam("i"))
    .order_by(VERSIONS.c.created_ms, VERSIONS.c.subject, VERSIONS.c.version)
)


class Filter(enum.Enum):
    """Which versions count: live ones, all, or softly deleted ones."""

    LIVE = "live"
    ALL = "all"
    DELETED = "deleted"

    @classmethod
    def of(cls, *, deleted: bool, deleted_only: bool = False) -> Filter:
        """The filter that the two query parameters ask for."""
        if deleted_only:
            return cls.DELETED
        return cls.ALL if deleted else cls.LIVE

    def admits(self, *, deleted: bool) -> bool:
        """Whether a version counts."""
        return self is Filter.ALL or deleted == (self is Filter.DELETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list; a limit below zero is none."""

    offset: int = 0
    limit: int = -1

    def of(self, items: Sequence[Any]) -> list[Any]:
        """Cut the part out of the whole."""
        start = max(self.offset, 0)
        return list(items[start:] if self.limit < 0 else items[start : start + self.limit])


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a subject."""

    subject: Subject
    version: int
    id: int
    deleted: bool
    created_ms: int


class Versions:
    """The part of a transaction that knows subjects and their versions."""

    _connection: Connection

    def history(self, subject: Subject, which: Filter = Filter.ALL) -> list[Version]:
        """The subject's versions, oldest first."""
        rows = _HISTORY.rows(self._connection, s=subject.qualified)
        return [v for v in map(_version, rows) if which.admits(deleted=v.deleted)]

    def decorated(self, subject: Subject) -> list[tuple[Version, Content]]:
        """The subject's versions that are more than their text, newest first."""
        rows = _DECORATED.rows(self._connection, s=subject.qualified)
        return [_version_and_content(row) for row in rows]

    def everything(self) -> Iterator[tuple[Version, Content]]:
        """All versions with their contents, by id, a few at a time: what is referred to comes first."""
        query = (
            select(*_COLUMNS, SCHEMAS.c.text, SCHEMAS.c.parts)
            .join(SCHEMAS, (SCHEMAS.c.context == VERSIONS.c.context) & (SCHEMAS.c.id == VERSIONS.c.id))
            .order_by(VERSIONS.c.id, VERSIONS.c.subject, VERSIONS.c.version)
            .execution_options(yield_per=_AT_ONCE)
        )
        return map(_version_and_content, self._connection.execute(query))

    def version(self, subject: Subject, number: int) -> Version | None:
        """One version, softly deleted or not."""
        row = _ONE.first(self._connection, s=subject.qualified, v=number)
        return None if row is None else _version(row)

    def latest(self, subject: Subject) -> Version | None:
        """The newest live version."""
        row = _LATEST.first(self._connection, s=subject.qualified)
        return None if row is None else _version(row)

    def places(self, context: str, schema_id: int) -> list[Version]:
        """Where an id stands, in the order in which it came there."""
        return [_version(row) for row in _PLACES.rows(self._connection, c=context, i=schema_id)]

    def add_version(self, subject: Subject, number: int, schema_id: int, *, created_ms: int | None = None) -> Version:
        """Add a version, made now or at the time that is given."""
        now = created_ms or time.time_ns() // 1_000_000
        row = {"subject": subject.qualified, "context": subject.context, "name": subject.name}
        more = {"version": number, "id": schema_id, "deleted": False, "created_ms": now}
        _APPEND.rows(self._connection, **row, **more)
        return Version(subject, number, schema_id, deleted=False, created_ms=now)

    def mark_deleted(self, versions: Iterable[Version]) -> None:
        """Delete softly."""
        for version in versions:
            self._connection.execute(update(VERSIONS).where(*_is(version)).values(deleted=True))

    def remove_versions(self, versions: Iterable[Version]) -> None:
        """Delete for good; the contents are another matter."""
        for version in versions:
            self._connection.execute(delete(VERSIONS).where(*_is(version)))

    def has_versions(self, subject: Subject, which: Filter) -> bool:
        """Whether the subject has any; a context as a whole, whether any subject in it has."""
        where = _within(subject) if subject.is_context else (VERSIONS.c.subject == subject.qualified,)
        return (
            self._connection.execute(select(VERSIONS.c.version).where(*where, *_which(which)).limit(1)).first()
            is not None
        )

    def subjects(self, prefix: Subject, which: Filter, page: Page) -> list[str]:
        """Qualified subjects by name. A softly deleted subject is one whose versions all are."""
        query = (
            select(VERSIONS.c.subject)
            .where(*_within(prefix))
            .group_by(VERSIONS.c.subject)
            .order_by(VERSIONS.c.subject)
            .offset(max(page.offset, 0))
        )
        live = func.min(cast(VERSIONS.c.deleted, Integer))
        if which is not Filter.ALL:
            query = query.having(live == (1 if which is Filter.DELETED else 0))
        if page.limit >= 0:
            query = query.limit(page.limit)
        return list(self._connection.execute(query).scalars())

    def search(
        self, prefix: Subject, which: Filter, *, latest_only: bool = False, page: Page | None = None
    ) -> list[tuple[Version, Content]]:
        """Versions with their contents, by subject and version."""
        query = (
            select(*_COLUMNS, SCHEMAS.c.text, SCHEMAS.c.parts)
            .join(SCHEMAS, (SCHEMAS.c.context == VERSIONS.c.context) & (SCHEMAS.c.id == VERSIONS.c.id))
            .where(*_within(prefix), *_which(which))
            .order_by(VERSIONS.c.subject, VERSIONS.c.version)
        )
        if latest_only:
            newest = (
                select(VERSIONS.c.subject, func.max(VERSIONS.c.version).label("version"))
                .where(*_within(prefix), *_which(which))
                .group_by(VERSIONS.c.subject)
                .subquery()
            )
            query = query.join(
                newest, (newest.c.subject == VERSIONS.c.subject) & (newest.c.version == VERSIONS.c.version)
            )
        if page is not None:
            query = query.offset(max(page.offset, 0))
            query = query.limit(page.limit) if page.limit >= 0 else query
        return [_version_and_content(row) for row in self._connection.execute(query)]


def _version(row: Sequence[Any]) -> Version:
    """Read the columns above."""
    subject, version, schema_id, deleted, created_ms = row
    return Version(Subject.parse(subject), version, schema_id, bool(deleted), created_ms)


def _version_and_content(row: Sequence[Any]) -> tuple[Version, Content]:
    *place, text, parts = row
    return _version(place), content_of(text, parts)


def _is(version: Version) -> tuple[ColumnElement[bool], ...]:
    return (VERSIONS.c.subject == version.subject.qualified, VERSIONS.c.version == version.version)


def _within(prefix: Subject) -> tuple[ColumnElement[bool], ...]:
    names = (VERSIONS.c.name >= prefix.name, VERSIONS.c.name < prefix.name + _LAST) if prefix.name else ()
    return names if prefix.is_every_context else (VERSIONS.c.context == prefix.context, *names)


def _which(which: Filter) -> tuple[ColumnElement[bool], ...]:
    return () if which is Filter.ALL else (VERSIONS.c.deleted.is_(which is Filter.DELETED),)
