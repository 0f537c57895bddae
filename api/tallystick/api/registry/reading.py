"""Reading: by id, by guid, by subject and version, by content, by metadata."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tallystick.api.registry.content import AVRO, Json, Reference
from tallystick.api.registry.errors import (
    InvalidSchemaError,
    SchemaNotFoundError,
    SubjectNotFoundError,
    VersionNotFoundError,
)
from tallystick.api.registry.names import DEFAULT, GLOBAL, Subject
from tallystick.api.registry.registering import Proposal, Registered, canonical, inherit, live_match
from tallystick.api.registry.settings import config_in_scope
from tallystick.api.registry.transaction import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tallystick.api.registry.content import Content
    from tallystick.api.registry.transaction import Transaction, Version

__all__ = [
    "Identified",
    "by_guid",
    "by_id",
    "by_metadata",
    "by_version",
    "lookup",
    "places_of_id",
    "qualify_references",
    "real_subject",
    "referrers",
]


@dataclass(frozen=True, slots=True)
class Identified:
    """A content under its id, and one of the places where it stands; `guid_of` as in `Registered`."""

    context: str
    id: int
    content: Content
    place: Version | None
    guid_of: Content | None = None

    @property
    def home(self) -> Subject:
        """Where it is read from: what it refers to may be written relative to that."""
        return self.place.subject if self.place is not None else Subject(self.context, "")

    @property
    def json(self) -> Json:
        """The content as the API writes it under an id."""
        place = self.place
        where = {} if place is None else {"subject": place.subject.qualified, "version": place.version}
        when = {} if place is None else {"ts": place.created_ms}
        return {
            **where,
            "id": self.id,
            "guid": (self.guid_of or self.content).guid,
            "schemaType": AVRO,
            **self.content.json,
            "schema": self.content.text,
            **when,
            **({"deleted": True} if place is not None and place.deleted else {}),
        }


def by_id(tx: Transaction, schema_id: int, subject: Subject) -> Identified:
    """What an id stands for, in the subject's context or, for a plain subject, in the context that has it."""
    for context in _contexts_for_id(tx, schema_id, subject):
        content = tx.content(context, schema_id)
        if content is not None:
            return Identified(context, schema_id, content, _place(tx, context, schema_id, subject))
    raise SchemaNotFoundError(schema_id)


def by_guid(tx: Transaction, guid: str) -> Identified:
    """What a guid stands for; the default context first."""
    for context, schema_id in tx.ids_of_guid(guid):
        return by_id(tx, schema_id, Subject(context, ""))
    raise SchemaNotFoundError(guid)


def by_version(tx: Transaction, subject: Subject, number: int, *, deleted: bool = False) -> Registered:
    """A version of a subject; a plain subject is looked for in every context, the default one first."""
    for home in _homes(tx, subject):
        version = tx.latest(home) if number == -1 else tx.version(home, number)
        if version is not None and (deleted or not version.deleted):
            return _registered(tx, version)
    known = tx.has_versions(subject, Filter.of(deleted=deleted))
    raise VersionNotFoundError(number) if known else SubjectNotFoundError(subject.qualified)


def lookup(tx: Transaction, subject: Subject, proposal: Proposal, *, deleted: bool = False) -> Registered:
    """The version of a subject that holds a schema, also if only the config's and the previous version's parts lack."""
    invalid: InvalidSchemaError | None = None
    for home in _homes(tx, subject):
        try:
            found = _lookup(tx, home, proposal, deleted=deleted)
        except InvalidSchemaError as error:
            # What does not resolve here may resolve in another context.
            invalid = invalid or error
            continue
        if found is not None:
            return found
    if invalid is not None:
        raise invalid
    known = tx.has_versions(subject, Filter.of(deleted=deleted))
    raise SchemaNotFoundError if known else SubjectNotFoundError(subject.qualified)


def by_metadata(tx: Transaction, subject: Subject, wanted: Mapping[str, str], *, deleted: bool) -> Registered:
    """The newest version whose properties include the wanted ones."""
    for version in reversed(tx.history(subject, Filter.of(deleted=deleted))):
        found = _registered(tx, version)
        if found.content.metadata is not None and wanted.items() <= found.content.properties.items():
            return found
    known = tx.has_versions(subject, Filter.of(deleted=deleted))
    raise SchemaNotFoundError if known else SubjectNotFoundError(subject.qualified)


def places_of_id(tx: Transaction, schema_id: int, subject: Subject, *, deleted: bool) -> list[Version]:
    """Where an id stands."""
    try:
        found = by_id(tx, schema_id, subject)
    except SchemaNotFoundError:
        raise SchemaNotFoundError from None
    which = Filter.of(deleted=deleted)
    return [place for place in tx.places(found.context, schema_id) if which.admits(deleted=place.deleted)]


def referrers(tx: Transaction, subject: Subject, number: int, *, deleted: bool) -> list[int]:
    """The ids of the schemas that refer to a version."""
    version = by_version(tx, subject, number, deleted=True).place
    return sorted(schema_id for _, schema_id in tx.referrers(version.subject, version.version, deleted=deleted))


def real_subject(tx: Transaction, subject: Subject) -> Subject:
    """The subject that an alias stands for, or the subject itself."""
    alias = (tx.config(subject) or {}).get("alias") if subject.name else None
    return subject.relative(alias) if alias else subject


def qualify_references(content: Content, home: Subject) -> Content:
    """Write the references with their context, where that is not the default one."""
    if home.context == DEFAULT:
        return content
    references = tuple(Reference(r.name, home.relative(r.subject).qualified, r.version) for r in content.references)
    return replace(content, references=references)


def _lookup(tx: Transaction, subject: Subject, proposal: Proposal, *, deleted: bool) -> Registered | None:
    which = Filter.of(deleted=deleted)
    config = config_in_scope(tx, subject)
    content, _ = canonical(tx, subject, proposal, config)
    found = live_match(tx, subject, content, which)
    if found is not None:
        return found
    latest = tx.latest(subject)
    if latest is None:
        return None
    filled = inherit(tx, config, proposal, [latest], None)
    content, _ = canonical(tx, subject, filled, config)
    return live_match(tx, subject, content, which)


def _registered(tx: Transaction, version: Version) -> Registered:
    found = tx.content(version.subject.context, version.id)
    assert found is not None  # noqa: S101 - a foreign key says so
    return Registered(version, found)


def _homes(tx: Transaction, subject: Subject) -> Iterator[Subject]:
    yield subject
    if subject.context == DEFAULT:
        yield from (Subject(context, subject.name) for context in tx.contexts() if context != DEFAULT)


def _contexts_for_id(tx: Transaction, schema_id: int, subject: Subject) -> Iterator[str]:
    if subject.context != DEFAULT or subject.is_context:
        yield DEFAULT if subject.context == GLOBAL else subject.context
        return
    for home in _homes(tx, subject):
        if any(place.subject == home for place in tx.places(home.context, schema_id)):
            yield home.context
    yield DEFAULT


def _place(tx: Transaction, context: str, schema_id: int, subject: Subject) -> Version | None:
    """The place to name beside an id: in the subject that was asked for, else a live one, else the first."""
    places = tx.places(context, schema_id)
    places.sort(key=lambda place: (place.subject.name != subject.name, place.deleted))
    return places[0] if places else None
