"""A contract: one Avro schema, and everything the platform reads off it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tallystick.contracts.faults import CatalogError, Fault
from tallystick.contracts.hashing import contract_hash
from tallystick.contracts.metrics import ExperimentRole, experiment_role
from tallystick.contracts.roles import FieldPath, RoleFault, roles_of, tags_of
from tallystick.contracts.schema import Schema, parse
from tallystick.contracts.sidecar import Sidecar
from tallystick.contracts.types import Enum, Fixed, Record, Ref, children

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.contracts.types import Type

__all__ = ["EVENT_ID", "META", "META_FIELD", "Contract", "subschema"]

META: Final = "tallystick.Meta"
META_FIELD: Final = "meta"
EVENT_ID: Final = "event_id"
# Every reader of contracts recurses over types, and Python's annotations nest no deeper than about a hundred brackets.
MAX_LEVELS: Final = 64


@dataclass(frozen=True)
class Contract:
    """One contract. Made by a `Catalog`.

    Attributes:
        schema: The Avro schema, self-contained; its root is a record, an enum or a fixed.
        roles: Role -> paths of the fields that play it.
        tags: Path of a field -> its tags, such as `PII`.
        experiment: The part it plays in experiments; None if it plays none.
        sidecar: What may change while the bytes stay the same.
        origin: The file, or whatever its text came from.
    """

    schema: Schema
    roles: Mapping[str, tuple[FieldPath, ...]] = field(default_factory=lambda: MappingProxyType({}))
    tags: Mapping[FieldPath, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    experiment: ExperimentRole | None = None
    sidecar: Sidecar = field(default_factory=Sidecar)
    origin: str = ""

    @classmethod
    def of(cls, schema: Schema, *, origin: str, sidecar: Sidecar | None = None) -> Contract:
        """Read a contract off its schema.

        Raises:
            CatalogError: The schema is no contract, or says something about itself that cannot be.
        """
        if not isinstance(schema.root, (Record, Enum, Fixed)):
            raise CatalogError([Fault(origin, f"a contract is a record, an enum or a fixed, not a {schema.name}")])
        if _levels(schema.root) > MAX_LEVELS:
            message = f"its types nest deeper than {MAX_LEVELS} levels"
            raise CatalogError([Fault(origin, message, "flatten it")])
        faults: list[Fault] = []
        experiment = experiment_role(schema, origin, faults)
        try:
            roles, tags = roles_of(schema), tags_of(schema)
        except RoleFault as error:
            raise CatalogError([*faults, Fault(origin, str(error))]) from None
        if faults:
            raise CatalogError(faults)
        return cls(schema, roles, tags, experiment, sidecar or Sidecar(), origin)

    @property
    def name(self) -> str:
        """The full name, such as `shop.OrderCompleted`."""
        return self.schema.name

    @property
    def subject(self) -> str:
        """The registry's subject: the full name (Confluent's RecordNameStrategy), as event types share a topic."""
        return self.schema.name

    @property
    def text(self) -> str:
        """The schema as it is registered."""
        return self.schema.text

    @property
    def doc(self) -> str:
        """What it stands for, in the team's words."""
        return getattr(self.schema.root, "doc", None) or ""

    @property
    def fingerprint(self) -> int:
        """CRC-64-AVRO of the canonical form: the identity of the bytes."""
        return self.schema.fingerprint

    @cached_property
    def contract_hash(self) -> str:
        """SHA-256 over everything that the contract means: the identity of the meaning."""
        return contract_hash(self.schema)

    @property
    def is_event(self) -> bool:
        """Whether it is an event: a record whose first field is `meta` of `tallystick.Meta`."""
        root = self.schema.root
        if not isinstance(root, Record) or not root.fields or root.fields[0].name != META_FIELD:
            return False
        first: Type = root.fields[0].type
        return isinstance(first, (Record, Ref)) and first.name == META

    @property
    def is_message(self) -> bool:
        """Whether it may stand on a topic by itself: it has an identity and is not the part that events share."""
        return EVENT_ID in self.roles and self.name != META


def _levels(root: Type) -> int:
    """Count the levels of types inside types."""
    deepest, waiting = 0, [(root, 1)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((each, level + 1) for each in children(node))
    return deepest


def subschema(schema: Schema, name: str) -> Schema:
    """Return the self-contained schema of a named type inside another schema."""
    return parse(json.dumps(name), references=[schema])
