"""What an id stands for: a schema's text with its references, metadata and rules. Identity lives here."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["AVRO", "VERSION_PROPERTY", "Content", "Json", "Reference", "compact"]

Json = dict[str, Any]

AVRO: Final = "AVRO"
# Confluent keeps the version that a schema was registered as among its properties, if asked to.
VERSION_PROPERTY: Final = "confluent:version"
_RULE_KINDS: Final = ("migrationRules", "domainRules", "encodingRules")


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """A named type that another subject's version defines.

    Attributes:
        name: The full name as the schema's text uses it.
        subject: The subject, qualified or relative to the referring one's context.
        version: The version; -1 for the latest until it is registered.
    """

    name: str
    subject: str
    version: int

    @property
    def json(self) -> Json:
        """The reference as the API writes it."""
        return {"name": self.name, "subject": self.subject, "version": self.version}


@dataclass(frozen=True, kw_only=True)
class Content:
    """A schema without its place: neither subject, nor version, nor id.

    Attributes:
        text: The schema's text as it is stored and served.
        references: What the text refers to.
        metadata: Tags, properties and sensitive keys; None where there are none.
        rule_set: Migration, domain and encoding rules; None where there are none.
    """

    text: str
    references: tuple[Reference, ...] = ()
    metadata: Json | None = None
    rule_set: Json | None = None

    @cached_property
    def digest(self) -> str:
        """The identity that decides about ids, in hex; two contents are the same exactly if this is."""
        parts = [self.text, [r.json for r in self.references], self.metadata, self.rule_set]
        return hashlib.sha256(compact(parts, sort_keys=True).encode()).hexdigest()

    @cached_property
    def guid(self) -> str:
        """Confluent's portable id: the same content has the same one in every registry."""
        md5 = hashlib.md5(self.text.encode(), usedforsecurity=False)
        for reference in self.references:
            md5.update(reference.name.encode() + reference.subject.encode() + reference.version.to_bytes(4, "big"))
        for part, pieces in ((self.metadata, _metadata_bytes), (self.rule_set, _rule_set_bytes)):
            if part is not None:
                # Told apart from an absent one.
                md5.update(b"\x01")
                for piece in pieces(part):
                    md5.update(piece)
        return str(uuid.UUID(bytes=md5.digest()))

    @property
    def json(self) -> Json:
        """The parts that an answer carries besides the text; empty ones are left out."""
        found: Json = {}
        if self.references:
            found["references"] = [r.json for r in self.references]
        if self.metadata is not None:
            found["metadata"] = self.metadata
        if self.rule_set is not None:
            found["ruleSet"] = self.rule_set
        return found

    @property
    def properties(self) -> Mapping[str, str]:
        """The metadata's properties."""
        properties: Mapping[str, str] = (self.metadata or {}).get("properties", {})
        return properties

    def unversioned(self) -> Content:
        """The same content without the version that its metadata may carry."""
        if VERSION_PROPERTY not in self.properties or self.metadata is None:
            return self
        properties = {k: v for k, v in self.properties.items() if k != VERSION_PROPERTY}
        rest = {k: v for k, v in self.metadata.items() if k != "properties"}
        return replace(self, metadata=({**rest, "properties": properties} if properties else rest) or None)


def compact(value: object, *, sort_keys: bool = False) -> str:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=sort_keys)


def _metadata_bytes(metadata: Json) -> Iterator[bytes]:
    for key, values in sorted(metadata.get("tags", {}).items()):
        yield key.encode()
        yield from (value.encode() for value in sorted(values))
    for key, value in sorted(metadata.get("properties", {}).items()):
        yield key.encode()
        yield value.encode()
    yield from (key.encode() for key in sorted(metadata.get("sensitive", ())))


def _rule_set_bytes(rule_set: Json) -> Iterator[bytes]:
    for kind in _RULE_KINDS:
        for rule in rule_set.get(kind, ()):
            yield from _rule_bytes(rule)
    yield rule_set.get("enableAt", "").encode()


def _rule_bytes(rule: Json) -> Iterator[bytes]:
    yield from (str(rule.get(key) or "").encode() for key in ("name", "doc", "kind", "mode", "type"))
    yield from _each(sorted(rule.get("tags") or ()))
    for key, value in sorted((rule.get("params") or {}).items()):
        yield key.encode()
        yield value.encode()
    yield from (str(rule.get(key) or "").encode() for key in ("expr", "onSuccess", "onFailure"))
    if rule.get("disabled"):
        yield b"\x01"


def _each(texts: Sequence[str]) -> Iterator[bytes]:
    return (text.encode() for text in texts)
