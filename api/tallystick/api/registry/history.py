"""Compatibility of a schema with a subject's history, and Confluent's words for what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tallystick.api.registry.avro import Parsed, read
from tallystick.api.registry.meaning import Policy, changes_of_meaning
from tallystick.contracts import LEVELS, AmbiguousAliasError, Direction, compatibility

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tallystick.api.registry.content import Content, Json
    from tallystick.api.registry.transaction import Transaction, Version
    from tallystick.contracts import Incompatibility, Schema

__all__ = ["Candidate", "complaints"]

_RESERVED: Final = "confluent:reserved"
_REMOVED: Final = (
    "The new schema has reserved field {} removed from its metadata which is present in the old schema's metadata."
)
_CONFLICT: Final = "The new schema has field that conflicts with the reserved field {}."
_SHOWN: Final = 10 * 1024
_DESCRIPTIONS: Final[Mapping[str, str]] = {
    "FIXED_SIZE_MISMATCH": (
        "The size of FIXED type field at path '{path}' in the {reader} schema does not match with the {writer} schema"
    ),
    "TYPE_MISMATCH": (
        "The type (path '{path}') of a field in the {reader} schema does not match with the {writer} schema"
    ),
    "NAME_MISMATCH": "The name of the schema has changed (path '{path}')",
    "MISSING_ENUM_SYMBOLS": (
        "The {reader} schema is missing enum symbols '{info}' at path '{path}' in the {writer} schema"
    ),
    "MISSING_UNION_BRANCH": (
        "The {reader} schema is missing a type inside a union field at path '{path}' in the {writer} schema"
    ),
    "READER_FIELD_MISSING_DEFAULT_VALUE": (
        "The field '{info}' at path '{path}' in the {reader} schema has no default value "
        "and is missing in the {writer} schema"
    ),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A schema that asks to be let in."""

    content: Content
    parsed: Parsed


def complaints(tx: Transaction, candidate: Candidate, versions: Sequence[Version], config: Json) -> list[str]:
    """What Confluent's server would say against the candidate; empty if it may come in.

    Args:
        tx: The transaction.
        candidate: The new schema.
        versions: The live versions it has to get along with, oldest first.
        config: The config that holds for the subject.
    """
    level = LEVELS[config["compatibilityLevel"]]
    validate_fields = bool(config.get("validateFields"))
    found = _reserved(tx, candidate, versions) if validate_fields else []
    peers = _same_group(tx, candidate, versions, config)
    is_guarded = Policy.of(config) is Policy.REFUSE
    for version in reversed(peers if level.transitive else peers[-1:]):
        against = _against(tx, candidate, version, level.directions) if level.directions else []
        if is_guarded:
            against += _changed_meaning(tx, candidate, version)
        if against:
            found += against
            break
    if found:
        shown = "true" if validate_fields else "false"
        found.append(f"{{validateFields: '{shown}', compatibility: '{config['compatibilityLevel']}'}}")
    return found


def _against(tx: Transaction, candidate: Candidate, version: Version, directions: Sequence[Direction]) -> list[str]:
    content = _content(tx, version)
    old, new = read(tx, version.subject, content).schema, candidate.parsed.schema
    pairs = {Direction.FORWARD: (old, new, "old", "new"), Direction.BACKWARD: (new, old, "new", "old")}
    messages: list[str] = []
    # Confluent looks forward first, and shows the old schema beside the last direction that it looks into.
    looked = [direction for direction in pairs if direction in directions]
    for direction in looked:
        found = _compare(*pairs[direction])
        if found and direction is looked[-1]:
            found += [f"{{oldSchemaVersion: {version.version}}}", _shown(content.text)]
        messages += found
    return messages


def _changed_meaning(tx: Transaction, candidate: Candidate, version: Version) -> list[str]:
    old = read(tx, version.subject, _content(tx, version)).schema
    changes = changes_of_meaning(old, candidate.parsed.schema)
    told = [change.message for change in changes]
    return [*told, f"{{oldSchemaVersion: {version.version}}}"] if told else []


def _compare(reader: Schema, writer: Schema, reader_word: str, writer_word: str) -> list[str]:
    try:
        found = compatibility(reader=reader, writer=writer)
    except AmbiguousAliasError as error:
        return [f"Unexpected exception during compatibility check: {error.message}"]
    return [_message(each, reader_word, writer_word) for each in found]


def _message(found: Incompatibility, reader: str, writer: str) -> str:
    description = _DESCRIPTIONS[found.type].format(
        path=found.location, info=found.message, reader=reader, writer=writer
    )
    return f"{{errorType:'{found.type}', description:'{description}', additionalInfo:'{found.message}'}}"


def _shown(text: str) -> str:
    return f"{{oldSchema: '{text}'}}" if len(text) <= _SHOWN else f"{{oldSchema: <truncated> '{text[:_SHOWN]}...'}}"


def _content(tx: Transaction, version: Version) -> Content:
    content = tx.content(version.subject.context, version.id)
    assert content is not None  # noqa: S101 - a foreign key says so
    return content


def _same_group(tx: Transaction, candidate: Candidate, versions: Sequence[Version], config: Json) -> Sequence[Version]:
    """Versions whose metadata has the same value for the subject's compatibility group."""
    group = config.get("compatibilityGroup")
    if group is None:
        return versions
    value = candidate.content.properties.get(group)
    return [version for version in versions if _content(tx, version).properties.get(group) == value]


def _reserved(tx: Transaction, candidate: Candidate, versions: Sequence[Version]) -> list[str]:
    """Fields that the metadata promises never to have, and that it may not cease to promise."""
    promised = _promised(candidate.content)
    before = _promised(_content(tx, versions[-1])) if versions else set()
    names = {field.name for field in getattr(candidate.parsed.schema.root, "fields", ())}
    removed = [_REMOVED.format(name) for name in sorted(before - promised)]
    return removed + [_CONFLICT.format(name) for name in sorted(promised & names)]


def _promised(content: Content) -> set[str]:
    return {name.strip() for name in content.properties.get(_RESERVED, "").split(",")} - {""}
