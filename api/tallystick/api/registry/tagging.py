"""Tags inside a schema's text (`confluent:tags` on records and fields), and a version made of another by tagging."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from tallystick.api.registry.avro import read
from tallystick.api.registry.content import AVRO, Json
from tallystick.api.registry.errors import InvalidRuleSetError, InvalidSchemaError
from tallystick.api.registry.reading import by_version
from tallystick.api.registry.registering import Proposal, Registered, register
from tallystick.api.registry.rewriting import rewritten
from tallystick.api.registry.rules import check_rule_set, clean_metadata, merge_rule_sets
from tallystick.contracts.types import Field, Record, Type, walk

if TYPE_CHECKING:
    from tallystick.api.registry.content import Content
    from tallystick.api.registry.names import Subject
    from tallystick.api.registry.transaction import Transaction

__all__ = ["TagChange", "Tags", "change_tags", "found_tags", "tagged", "tags_of"]

_TAGS: Final = "confluent:tags"
_ENTITIES: Final = {True: "SR_RECORD", False: "SR_FIELD"}
_KINDS: Final = ("migrationRules", "domainRules", "encodingRules")
# Path of a record or field -> tags.
Tags = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagChange:
    """What a tagging request changes.

    Attributes:
        add: Tags to add.
        remove: Tags to remove; of a tag in both, the removal stays.
        metadata: New metadata; None keeps the old.
        rule_set: New rules; None keeps the old ones, merged and thinned as below.
        rules_to_merge: Rules to lay over the old ones.
        rules_to_remove: Names of rules to drop.
        new_version: The version that this has to become; 0 for the next.
    """

    add: Tags = field(default_factory=dict)
    remove: Tags = field(default_factory=dict)
    metadata: Json | None = None
    rule_set: Json | None = None
    rules_to_merge: Json | None = None
    rules_to_remove: tuple[str, ...] | None = None
    new_version: int = 0


def change_tags(tx: Transaction, subject: Subject, number: int, change: TagChange) -> Registered:
    """Make a new version out of one by changing its tags, its metadata and its rules."""
    if change.rule_set is not None and (change.rules_to_merge is not None or change.rules_to_remove is not None):
        raise InvalidRuleSetError("ruleSet should be omitted if specifying rulesToMerge or rulesToRemove")
    check_rule_set(change.rule_set)
    check_rule_set(change.rules_to_merge)
    found = by_version(tx, subject, number)
    content = tagged(tx, found.place.subject, found.content, change.add, change.remove)
    metadata = change.metadata if change.metadata is not None else content.metadata
    latest = tx.latest(subject)
    expected = change.new_version or (latest.version + 1 if latest is not None else 1)
    content = replace(
        content, metadata=clean_metadata(metadata, version=expected), rule_set=_rules(tx, subject, change, content)
    )
    proposal = Proposal(content=content, schema_type=AVRO, version=change.new_version)
    return register(tx, subject, proposal)


def tagged(tx: Transaction, subject: Subject, content: Content, add: Tags, remove: Tags) -> Content:
    """The content with other tags.

    Raises:
        InvalidSchemaError: A path leads to no record and no field.
    """
    if not add and not remove:
        return content
    parsed = read(tx, subject, content)
    left = {path.removeprefix(".") for path in (*add, *remove)}

    def props(path: str, old: Mapping[str, object]) -> dict[str, object]:
        left.discard(path)
        tags = _changed(old.get(_TAGS), _at(add, path), _at(remove, path))
        rest = {key: value for key, value in old.items() if key != _TAGS or tags}
        return {**rest, _TAGS: tags} if tags else rest

    def on_type(node: Type) -> Type:
        if isinstance(node, Record) and node.name in left:
            return replace(node, props=props(node.name, node.props))  # type: ignore[arg-type]  # tags are JSON
        return node

    def on_field(each: Field, path: str) -> Field:
        return replace(each, props=props(path, each.props)) if path in left else each  # type: ignore[arg-type]

    text = parsed.text_of(rewritten(parsed.schema.root, on_type, on_field))
    if left:
        raise InvalidSchemaError(f"No matching path '{min(left)}' found in the schema")
    return replace(content, text=text)


def tags_of(tx: Transaction, subject: Subject, content: Content) -> dict[str, tuple[str, ...]]:
    """The tags of every record and field of a content that has any."""
    found: dict[str, tuple[str, ...]] = {}
    for node in walk(read(tx, subject, content).schema.root):
        if isinstance(node, Record):
            places = [(node.name, node.props), *((f"{node.name}.{each.name}", each.props) for each in node.fields)]
            found |= {path: tuple(tags) for path, props in places if (tags := _listed(props.get(_TAGS)))}
    return found


def found_tags(tx: Transaction, subject: Subject, content: Content, wanted: frozenset[str]) -> Json:
    """`schemaTags`: the records and fields that have one of the wanted tags, with all tags of each.

    Args:
        tx: A transaction.
        subject: Where the content stands.
        content: The schema.
        wanted: The tags; `*` means any, none means not to look.
    """
    if not wanted:
        return {}
    root = read(tx, subject, content).schema
    records = {node.name for node in walk(root.root) if isinstance(node, Record)}
    entities = [
        {"schemaEntity": {"entityPath": path, "entityType": _ENTITIES[path in records]}, "tags": list(tags)}
        for path, tags in tags_of(tx, subject, content).items()
        if "*" in wanted or not wanted.isdisjoint(tags)
    ]
    return {"schemaTags": entities} if entities else {}


def _at(tags: Tags, path: str) -> tuple[str, ...]:
    return tags.get(path, tags.get(f".{path}", ()))


def _changed(old: object, add: tuple[str, ...], remove: tuple[str, ...]) -> list[str]:
    return [tag for tag in dict.fromkeys([*_listed(old), *add]) if tag not in remove]


def _listed(tags: object) -> list[str]:
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _rules(tx: Transaction, subject: Subject, change: TagChange, content: Content) -> Json | None:
    if change.rules_to_merge is None and change.rules_to_remove is None:
        return change.rule_set if change.rule_set is not None else content.rule_set
    base = by_version(tx, subject, change.new_version - 1 if change.new_version > 1 else -1).content.rule_set
    merged = merge_rule_sets(base, change.rules_to_merge) or {}
    gone = set(change.rules_to_remove or ())
    kept = {kind: [rule for rule in merged.get(kind) or () if rule["name"] not in gone] for kind in _KINDS}
    return {**merged, **kept}
