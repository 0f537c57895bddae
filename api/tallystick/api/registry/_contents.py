"""Contents and ids: the counter of a context, the one id that a content gets, and what refers to what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import bindparam, delete, func, insert, select, update

from tallystick.api.registry._prepared import Prepared
from tallystick.api.registry.content import Content, Reference, compact
from tallystick.api.registry.names import DEFAULT
from tallystick.api.registry.tables import CONTEXTS, ISSUED, REFS, SCHEMAS, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

    from tallystick.api.registry.names import Subject

__all__ = ["Contents"]

_CONTENT: Final = Prepared(
    select(SCHEMAS.c.text, SCHEMAS.c.parts).where(SCHEMAS.c.context == bindparam("c"), SCHEMAS.c.id == bindparam("i"))
)
_ADD: Final = Prepared(insert(SCHEMAS))
_ISSUE: Final = Prepared(insert(ISSUED))
_REFER: Final = Prepared(insert(REFS))
_ISSUED: Final = Prepared(
    select(ISSUED.c.id).where(ISSUED.c.context == bindparam("c"), ISSUED.c.digest == bindparam("d"))
)
_LISTED: Final = Prepared(select(CONTEXTS.c.listed).where(CONTEXTS.c.name == bindparam("c")))
_TAKE: Final = Prepared(
    update(CONTEXTS)
    .where(CONTEXTS.c.name == bindparam("c"), CONTEXTS.c.listed)
    .values(last_id=CONTEXTS.c.last_id + 1)
    .returning(CONTEXTS.c.last_id)
)
_REACH: Final = Prepared(
    update(CONTEXTS)
    .where(CONTEXTS.c.name == bindparam("c"), CONTEXTS.c.last_id < bindparam("i"))
    .values(last_id=bindparam("i"))
)


class Contents:
    """The part of a transaction that knows contents and ids."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def contexts(self) -> list[str]:
        """The default context, then the others by name."""
        names = self._connection.execute(select(CONTEXTS.c.name).where(CONTEXTS.c.listed).order_by(CONTEXTS.c.name))
        return [DEFAULT, *(name for name in names.scalars() if name != DEFAULT)]

    def list_context(self, context: str) -> None:
        """Make sure that the context exists and is listed."""
        found = _LISTED.first(self._connection, c=context)
        if found is None:
            self._connection.execute(insert(CONTEXTS).values(name=context, last_id=0, listed=True))
        elif not found[0]:
            self._connection.execute(update(CONTEXTS).where(CONTEXTS.c.name == context).values(listed=True))

    def unlist_context(self, context: str) -> None:
        """Stop listing the context; its counter stays, so that its ids are never given out again."""
        self._connection.execute(update(CONTEXTS).where(CONTEXTS.c.name == context).values(listed=False))

    def take_id(self, context: str) -> int:
        """The next id of the context."""
        taken = _TAKE.rows(self._connection, c=context)
        if not taken:
            self.list_context(context)
            taken = _TAKE.rows(self._connection, c=context)
        found: int = taken[0][0]
        return found

    def reach_id(self, context: str, schema_id: int) -> None:
        """Let the counter go on after an id that was brought along."""
        _REACH.rows(self._connection, c=context, i=schema_id)

    def max_id(self, context: str) -> int:
        """The highest id that the context has given out or taken over."""
        found = self._connection.execute(select(CONTEXTS.c.last_id).where(CONTEXTS.c.name == context)).scalar()
        return found or 0

    def content(self, context: str, schema_id: int) -> Content | None:
        """What the id stands for."""
        row = _CONTENT.first(self._connection, c=context, i=schema_id)
        return None if row is None else content_of(*row)

    def issued_id(self, context: str, content: Content) -> int | None:
        """The id that the context gives out for the content, if it has one."""
        row = _ISSUED.first(self._connection, c=context, d=content.digest)
        return None if row is None else row[0]

    def add_content(self, subject: Subject, schema_id: int, content: Content, *, issue: bool = True) -> None:
        """Store a content under its id, and what it refers to, as seen from the subject.

        Args:
            subject: The subject.
            schema_id: The id, which must be free.
            content: The content.
            issue: Whether this is the id that the context gives out for the content.
        """
        place = {"context": subject.context, "id": schema_id}
        parts = compact(content.json) if content.json else None
        row = {"guid": content.guid, "digest": content.digest, "text": content.text, "parts": parts}
        _ADD.rows(self._connection, **place, **row)
        if issue:
            _ISSUE.rows(self._connection, **place, digest=content.digest)
        rows = [
            {
                **place,
                "position": position,
                "subject": subject.relative(reference.subject).qualified,
                "version": reference.version,
            }
            for position, reference in enumerate(content.references)
        ]
        if rows:
            _REFER.each(self._connection, rows)

    def drop_orphans(self, context: str, ids: Sequence[int]) -> None:
        """Forget contents that no version stands for any more."""
        for schema_id in dict.fromkeys(ids):
            used = select(VERSIONS.c.id).where(VERSIONS.c.context == context, VERSIONS.c.id == schema_id).limit(1)
            if self._connection.execute(used).first() is None:
                self._forget(context, schema_id)

    def ids_of_guid(self, guid: str) -> list[tuple[str, int]]:
        """Every context's id for the guid, the default context first."""
        rows = self._connection.execute(
            select(SCHEMAS.c.context, func.min(SCHEMAS.c.id))
            .where(SCHEMAS.c.guid == guid)
            .group_by(SCHEMAS.c.context)
            .order_by(SCHEMAS.c.context)
        )
        return [(context, schema_id) for context, schema_id in rows]

    def referrers(self, subject: Subject, version: int, *, deleted: bool) -> list[tuple[str, int]]:
        """The contents that refer to a version, by context and id.

        Args:
            subject: The version's subject.
            version: The version.
            deleted: Whether to count contents that are softly deleted wherever they stand.
        """
        alive = sa.exists().where(VERSIONS.c.context == REFS.c.context, VERSIONS.c.id == REFS.c.id)
        if not deleted:
            alive = alive.where(VERSIONS.c.deleted.is_(False))
        rows = self._connection.execute(
            select(REFS.c.context, REFS.c.id)
            .where(REFS.c.subject == subject.qualified, REFS.c.version == version, alive)
            .distinct()
            .order_by(REFS.c.context, REFS.c.id)
        )
        return [(context, schema_id) for context, schema_id in rows]

    def _forget(self, context: str, schema_id: int) -> None:
        here = (SCHEMAS.c.context == context, SCHEMAS.c.id == schema_id)
        digest = self._connection.execute(select(SCHEMAS.c.digest).where(*here)).scalar()
        self._connection.execute(delete(SCHEMAS).where(*here))
        # An imported double takes over as the one id for its content.
        heir = self._connection.execute(
            select(func.min(SCHEMAS.c.id)).where(SCHEMAS.c.context == context, SCHEMAS.c.digest == digest)
        ).scalar()
        if heir is not None and _ISSUED.first(self._connection, c=context, d=digest) is None:
            self._connection.execute(insert(ISSUED).values(context=context, digest=digest, id=heir))


def content_of(text: str, parts: str | None) -> Content:
    """Read a content as it is stored."""
    if parts is None:
        return Content(text=text)
    found = json.loads(parts)
    return Content(
        text=text,
        references=tuple(Reference(**reference) for reference in found.get("references", ())),
        metadata=found.get("metadata"),
        rule_set=found.get("ruleSet"),
    )
