"""What clients send, typed; fields that we do not know are ignored, as Confluent does."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from tallystick.api.registry.content import Content, Json, Reference
from tallystick.api.registry.errors import GenericError
from tallystick.api.registry.registering import Proposal
from tallystick.api.registry.tagging import TagChange, Tags

__all__ = ["ConfigBody", "Metadata", "ModeBody", "RuleSet", "SchemaBody", "TagsBody", "decode"]

T = TypeVar("T")
Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]


class Metadata(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Tags by path, free properties, and which of those are sensitive."""

    tags: dict[str, list[str]] | None = None
    properties: dict[str, str] | None = None
    sensitive: list[str] | None = None


class Rule(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """One rule of a rule set."""

    name: str | None = None
    doc: str | None = None
    kind: str | None = None
    mode: str | None = None
    type: str | None = None
    tags: list[str] | None = None
    params: dict[str, str] | None = None
    expr: str | None = None
    on_success: str | None = None
    on_failure: str | None = None
    disabled: bool = False


class RuleSet(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """Rules for migration, for the domain and for the encoding."""

    migration_rules: list[Rule] | None = None
    domain_rules: list[Rule] | None = None
    encoding_rules: list[Rule] | None = None
    enable_at: str | None = None


class ReferenceBody(msgspec.Struct, kw_only=True):
    """A named type that another subject defines."""

    name: str = ""
    subject: str = ""
    version: Int32 = -1


class EntityBody(msgspec.Struct, kw_only=True, rename="camel"):
    """A record or a field by its path."""

    entity_path: str
    entity_type: str = ""


class SchemaTags(msgspec.Struct, kw_only=True, rename="camel"):
    """Tags for one record or field."""

    schema_entity: EntityBody
    tags: list[str]


class SchemaBody(msgspec.Struct, kw_only=True, rename="camel"):
    """A schema to register, look up or check."""

    schema: str | None = None
    schema_type: str | None = None
    references: list[ReferenceBody] | None = None
    metadata: Metadata | None = None
    rule_set: RuleSet | None = None
    version: Int32 | None = None
    id: Int32 | None = None
    schema_tags_to_add: list[SchemaTags] | None = None
    schema_tags_to_remove: list[SchemaTags] | None = None
    propagate_schema_tags: bool | None = None

    @property
    def tags_to_add(self) -> Tags:
        """Tags to add to the schema before it is used."""
        return _tags(self.schema_tags_to_add)

    @property
    def tags_to_remove(self) -> Tags:
        """Tags to remove from the schema before it is used."""
        return _tags(self.schema_tags_to_remove)

    def proposal(self, *, normalize: bool) -> Proposal:
        """The body as the core understands it."""
        return Proposal(
            content=Content(
                text=self.schema or "",
                references=tuple(Reference(r.name, r.subject, r.version) for r in self.references or ()),
                metadata=_plain(self.metadata),
                rule_set=_plain(self.rule_set),
            ),
            schema_type=self.schema_type or "AVRO",
            version=self.version or 0,
            id=-1 if self.id is None else self.id,
            normalize=normalize,
        )


class ConfigBody(msgspec.Struct, kw_only=True, rename="camel"):
    """Fields of a config; what is not sent stays, null clears."""

    compatibility: str | UnsetType | None = UNSET
    compatibility_level: str | UnsetType | None = UNSET
    compatibility_group: str | UnsetType | None = UNSET
    compatibility_policy: str | UnsetType | None = UNSET
    normalize: bool | UnsetType | None = UNSET
    validate_fields: bool | UnsetType | None = UNSET
    validate_rules: bool | UnsetType | None = UNSET
    validate_new_schemas: bool | UnsetType | None = UNSET
    alias: str | UnsetType | None = UNSET
    alias_for_deks: str | UnsetType | None = UNSET
    logical_policy: str | UnsetType | None = UNSET
    default_metadata: Metadata | UnsetType | None = UNSET
    override_metadata: Metadata | UnsetType | None = UNSET
    default_rule_set: RuleSet | UnsetType | None = UNSET
    override_rule_set: RuleSet | UnsetType | None = UNSET

    def update(self) -> Json:
        """The fields that were sent; `compatibility` is only another word for `compatibilityLevel`."""
        sent: Json = msgspec.to_builtins(self)
        if "compatibility" in sent:
            level = sent.pop("compatibility")
            sent["compatibilityLevel"] = level if level is not None else sent.get("compatibilityLevel")
        return sent


class ModeBody(msgspec.Struct, kw_only=True):
    """A mode to set; null clears it."""

    mode: str | None = None


class TagsBody(msgspec.Struct, kw_only=True, rename="camel"):
    """Changes to the tags, the metadata and the rules of a version."""

    new_version: Int32 | None = None
    tags_to_add: list[SchemaTags] | None = None
    tags_to_remove: list[SchemaTags] | None = None
    metadata: Metadata | None = None
    rule_set: RuleSet | None = None
    rules_to_merge: RuleSet | None = None
    rules_to_remove: list[str] | None = None

    def change(self) -> TagChange:
        """The body as the core understands it."""
        return TagChange(
            add=_tags(self.tags_to_add),
            remove=_tags(self.tags_to_remove),
            metadata=_plain(self.metadata),
            rule_set=_plain(self.rule_set),
            rules_to_merge=_plain(self.rules_to_merge),
            rules_to_remove=None if self.rules_to_remove is None else tuple(self.rules_to_remove),
            new_version=self.new_version or 0,
        )


def decode(body: bytes, kind: type[T]) -> T:
    """Read a request's body.

    Raises:
        GenericError: It is not JSON, or not of this shape.
    """
    try:
        return _DECODERS[kind].decode(body)  # type: ignore[no-any-return]  # one decoder for each type
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise GenericError(400, f"Unrecognized request body: {error}") from None


def _tags(tags: list[SchemaTags] | None) -> Tags:
    return {each.schema_entity.entity_path: tuple(each.tags) for each in tags or ()}


def _plain(part: msgspec.Struct | None) -> Json | None:
    return None if part is None else msgspec.to_builtins(part)


_DECODERS: Final[dict[type[Any], msgspec.json.Decoder[Any]]] = {
    kind: msgspec.json.Decoder(kind, strict=False) for kind in (SchemaBody, ConfigBody, ModeBody, TagsBody)
}
