"""Registering a schema: idempotent, checked against the subject's history, one id per content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tallystick.api.registry.avro import Parsed, read, resolve_references
from tallystick.api.registry.content import AVRO, VERSION_PROPERTY, Content, Json
from tallystick.api.registry.errors import (
    IncompatibleSchemaError,
    InvalidSchemaError,
    OperationNotPermittedError,
)
from tallystick.api.registry.history import Candidate, complaints
from tallystick.api.registry.normalising import normalised
from tallystick.api.registry.rules import (
    check_rule_set,
    clean_metadata,
    clean_rule_set,
    merge_metadata,
    merge_rule_sets,
)
from tallystick.api.registry.settings import Mode, config_in_scope, mode_in_scope
from tallystick.api.registry.transaction import Filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.api.registry.names import Subject
    from tallystick.api.registry.transaction import Transaction, Version

__all__ = ["Proposal", "Registered", "canonical", "live_match", "register"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a client sends to be registered, looked up or checked.

    Attributes:
        content: The schema; its text may be empty, which means that of the previous version.
        schema_type: Only AVRO is known.
        version: 0 for whatever comes next, -1 for that and to note it in the metadata, else exactly this one.
        id: An id that is brought along, in import mode; -1 for none.
        normalize: Whether to bring the text into its normal form.
    """

    content: Content
    schema_type: str = AVRO
    version: int = 0
    id: int = -1
    normalize: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """A version with its content; `guid_of` is what is stored, where `content` is another form of it."""

    place: Version
    content: Content
    guid_of: Content | None = None

    @property
    def json(self) -> Json:
        """The version as the API writes it."""
        deleted = {"deleted": True} if self.place.deleted else {}
        return {
            "subject": self.place.subject.qualified,
            "version": self.place.version,
            "id": self.place.id,
            "guid": (self.guid_of or self.content).guid,
            "schemaType": AVRO,
            **self.content.json,
            "schema": self.content.text,
            "ts": self.place.created_ms,
            **deleted,
        }


def register(tx: Transaction, subject: Subject, proposal: Proposal, *, force: bool = False) -> Registered:
    """Put a schema under a subject, or find that it is there.

    Args:
        tx: The write's transaction.
        subject: The subject.
        proposal: The schema.
        force: Whether to skip the check against the subject's history.

    Raises:
        OperationNotPermittedError: The mode forbids it.
        InvalidSchemaError: The schema or its version does not hold.
        IncompatibleSchemaError: The subject's level forbids it.
    """
    config = config_in_scope(tx, subject)
    history = tx.history(subject)
    live = [version for version in history if not version.deleted]
    mode = mode_in_scope(tx, subject)
    present = _already_there(tx, subject, proposal, config, live)
    if present is not None:
        return present
    _require_mode(subject, proposal, mode)
    next_version = history[-1].version + 1 if history else 1
    if not mode.is_import:
        proposal = inherit(tx, config, proposal, live, next_version)
    content, parsed = canonical(tx, subject, proposal, config, strict=not mode.is_import)
    schema_id = proposal.id if mode is Mode.IMPORT else -1
    match = _match(tx, content, live) if proposal.version == 0 else None
    if match is not None and schema_id in {-1, match.place.id}:
        return match
    if not (mode.is_import or force):
        found = complaints(tx, Candidate(content, parsed), live, config)
        if found:
            raise IncompatibleSchemaError(subject.qualified, found)
    version = proposal.version if proposal.version > 0 else next_version
    if version != next_version and not mode.is_import:
        raise InvalidSchemaError("Version is not one more than previous version")
    return _store(tx, subject, content, _Place(version, schema_id), history)


def inherit(
    tx: Transaction, config: Json, proposal: Proposal, live: Sequence[Version], next_version: int | None
) -> Proposal:
    """Fill in what the previous version and the config say where the proposal is silent."""
    content = proposal.content
    previous = tx.content(live[-1].subject.context, live[-1].id) if live else None
    if not content.text.strip():
        if previous is None:
            raise InvalidSchemaError("Empty schema")
        content = replace(content, text=previous.text, references=previous.references)
    metadata = content.metadata if content.metadata is not None or previous is None else previous.metadata
    metadata = merge_metadata(merge_metadata(config.get("defaultMetadata"), metadata), config.get("overrideMetadata"))
    rules = content.rule_set if content.rule_set is not None or previous is None else previous.rule_set
    rules = merge_rule_sets(merge_rule_sets(config.get("defaultRuleSet"), rules), config.get("overrideRuleSet"))
    if next_version is not None and (
        proposal.version != 0 or VERSION_PROPERTY in ((metadata or {}).get("properties") or {})
    ):
        metadata = clean_metadata(metadata, version=next_version)
    return replace(proposal, content=replace(content, metadata=metadata, rule_set=rules))


def canonical(
    tx: Transaction, subject: Subject, proposal: Proposal, config: Json, *, strict: bool = True
) -> tuple[Content, Parsed]:
    """The content as it would be stored, and what it says.

    Args:
        tx: A transaction.
        subject: The subject.
        proposal: What was sent.
        config: The config that holds for the subject.
        strict: Whether the subject's wish for normal forms counts; not in import mode.
    """
    if proposal.schema_type != AVRO:
        raise InvalidSchemaError(
            f"Invalid schema type {proposal.schema_type}: only AVRO is supported by this registry, not supported are "
            "JSON Schema and Protobuf"
        )
    check_rule_set(proposal.content.rule_set)
    content = replace(
        proposal.content,
        references=resolve_references(tx, subject, proposal.content.references),
        metadata=clean_metadata(proposal.content.metadata),
        rule_set=clean_rule_set(proposal.content.rule_set),
    )
    if not content.text.strip():
        raise InvalidSchemaError("Empty schema")
    parsed = read(tx, subject, content)
    if strict and (proposal.normalize or config.get("normalize")):
        return normalised(content, parsed), parsed
    return replace(content, text=parsed.text), parsed


def live_match(tx: Transaction, subject: Subject, content: Content, which: Filter = Filter.LIVE) -> Registered | None:
    """The version that holds the content: exactly, or but for a note of its version."""
    return _match(tx, content, tx.history(subject, which))


def _already_there(
    tx: Transaction, subject: Subject, proposal: Proposal, config: Json, live: Sequence[Version]
) -> Registered | None:
    """A schema that is there already is found whatever the mode, unless defaults or overrides would change it."""
    decorated = any(key.startswith(("default", "override")) for key in config)
    if not live or decorated or proposal.version > 0 or not proposal.content.text.strip():
        return None
    content, _ = canonical(tx, subject, proposal, config, strict=not mode_in_scope(tx, subject).is_import)
    found = _match(tx, content, live if proposal.version == 0 else live[-1:])
    return found if found is not None and proposal.id in {-1, found.place.id} else None


def _match(tx: Transaction, content: Content, versions: Sequence[Version]) -> Registered | None:
    """The newest of the versions that holds the content."""
    if not versions:
        return None
    schema_id = tx.issued_id(versions[0].subject.context, content)
    for version in reversed(versions):
        if version.id == schema_id:
            return Registered(version, content)
    return _similar(tx, content, versions)


def _similar(tx: Transaction, content: Content, versions: Sequence[Version]) -> Registered | None:
    """The newest version that holds the content but for the note of its version, or with what it refers to inlined."""
    plain = content.unversioned()
    candidates = tx.decorated(versions[0].subject)
    if plain != content:
        issued = tx.issued_id(versions[0].subject.context, plain)
        candidates += [(version, plain) for version in reversed(versions) if version.id == issued]
    for version, found in candidates:
        if version not in versions or not _same_note(content, version, found):
            continue
        if found.unversioned() == plain or _inlined(tx, version, found.unversioned()) == plain:
            return Registered(version, found)
    return None


def _inlined(tx: Transaction, version: Version, found: Content) -> Content:
    """The content as someone sends it who has put what it refers to in its text."""
    if not found.references:
        return found
    return replace(found, text=read(tx, version.subject, found).schema.text, references=())


def _same_note(content: Content, version: Version, found: Content) -> bool:
    noted, stored = content.properties.get(VERSION_PROPERTY), found.properties.get(VERSION_PROPERTY)
    return noted is None or noted == (stored or str(version.version))


def _require_mode(subject: Subject, proposal: Proposal, mode: Mode) -> None:
    wanted = None
    if mode.is_read_only:
        raise OperationNotPermittedError(
            f"Subject {subject.qualified} in context {subject.prefix} is in read-only mode"
        )
    if proposal.id >= 0 and not mode.is_import:
        wanted = "import"
    elif proposal.id < 0 and mode is not Mode.READWRITE:
        wanted = "read-write"
    if wanted is not None:
        raise OperationNotPermittedError(
            f"Subject {subject.qualified} in context {subject.prefix} is not in {wanted} mode"
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a content goes: a version, and an id that is brought along or -1."""

    version: int
    id: int


def _store(
    tx: Transaction, subject: Subject, content: Content, place: _Place, history: Sequence[Version]
) -> Registered:
    schema_id = place.id
    if schema_id < 0:
        issued = tx.issued_id(subject.context, content)
        schema_id = tx.take_id(subject.context) if issued is None else issued
        if issued is None:
            tx.add_content(subject, schema_id, content)
    else:
        _bring(tx, subject, content, schema_id)
    _make_room(tx, subject, place.version, schema_id, history)
    version = tx.add_version(subject, place.version, schema_id)
    tx.changed(f"subject:{subject.qualified}", f"id:{subject.context}:{schema_id}")
    return Registered(version, content)


def _bring(tx: Transaction, subject: Subject, content: Content, schema_id: int) -> None:
    found = tx.content(subject.context, schema_id)
    if found is None:
        tx.list_context(subject.context)
        tx.add_content(subject, schema_id, content, issue=tx.issued_id(subject.context, content) is None)
        tx.reach_id(subject.context, schema_id)
    elif found != content:
        raise OperationNotPermittedError(
            f"Overwrite new schema with id {schema_id} in context {subject.prefix} is not permitted."
        )


def _make_room(tx: Transaction, subject: Subject, version: int, schema_id: int, history: Sequence[Version]) -> None:
    """Let a new version take the place of softly deleted ones with its id, and of an imported one with its number."""
    gone = [
        old
        for old in history
        if (
            old.deleted
            and old.id == schema_id
            and old.version < version
            and not tx.referrers(subject, old.version, deleted=True)
        )
        or old.version == version
    ]
    tx.remove_versions(gone)
    tx.drop_orphans(subject.context, [old.id for old in gone if old.id != schema_id])
    tx.changed(*(f"id:{subject.context}:{old.id}" for old in gone))
