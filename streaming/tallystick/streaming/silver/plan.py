"""Decides, once per micro-batch and on the driver, how each schema id in it is read.

The writer's schema belongs to the id and never changes; the reader's is the newest version of the contract, pinned
for the whole batch. What cannot be read gets a `Fault`, which becomes a row of `rejects`. A registry that does not
answer is neither: its error ends the batch, which is tried again, so that no row is judged by an outage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from tallystick.contracts import Schema, SchemaError, TallystickError, compatibility, parse
from tallystick.contracts.contract import Contract
from tallystick.sdk.registry import UnknownSchema
from tallystick.streaming.silver.logical import LogicalMismatch, reconcile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tallystick.sdk.registry import RegisteredSchema

__all__ = ["Branch", "Fault", "Plan", "Reading", "SchemaSource", "Writer", "plan"]


class SchemaSource(Protocol):
    """What is asked of a schema registry."""

    def schema_by_id(self, schema_id: int) -> RegisteredSchema:
        """The schema behind an id; raises `UnknownSchema`, or `RegistryUnavailable` where nothing answers."""
        ...

    def latest(self, subject: str) -> RegisteredSchema:
        """The newest version of a subject."""
        ...


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record cannot be used: one of the reasons of `tallystick.DeadLetter`, and a sentence."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Writer:
    """A writer's schema."""

    schema_id: int
    version: int
    contract: Contract


@dataclass(frozen=True, slots=True)
class Branch:
    """Schema ids that are read alike.

    Attributes:
        ids: Schema ids with equal writer's schemas.
        writer: That schema.
        reader: The contract's schema, with the writer's logical types where those can be converted.
    """

    ids: tuple[int, ...]
    writer: Contract
    reader: Schema


@dataclass(frozen=True, slots=True)
class Reading:
    """How the records of one event type are read.

    Attributes:
        contract: The newest version, whose shape and roles everything gets.
        version: Its number in the registry.
        writers: Schema id to writer's schema.
        branches: How those are decoded.
        faults: Schema ids that cannot be read into the contract's shape.
    """

    contract: Contract
    version: int
    writers: Mapping[int, Writer]
    branches: tuple[Branch, ...]
    faults: Mapping[int, Fault] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[int, ...]:
        """Every schema id of the type, also those that cannot be read."""
        return tuple(sorted(self.writers))


@dataclass(frozen=True, slots=True)
class Plan:
    """How a micro-batch is read.

    Attributes:
        readings: One per event type.
        faults: Schema ids that belong to no event type that can be read.
    """

    readings: tuple[Reading, ...]
    faults: Mapping[int, Fault]


def plan(ids: Iterable[int], registry: SchemaSource) -> Plan:
    """Look up schema ids and decide how each is read.

    Raises:
        RegistryUnavailable: The registry gives no answer.
    """
    faults: dict[int, Fault] = {}
    by_subject: dict[str, dict[int, Writer]] = {}
    for schema_id in sorted(ids):
        found = _writer(schema_id, registry)
        if isinstance(found, Fault):
            faults[schema_id] = found
        else:
            by_subject.setdefault(found.contract.name, {})[schema_id] = found
    readings = []
    for subject, writers in sorted(by_subject.items()):
        reading = _reading(subject, writers, registry)
        if isinstance(reading, Fault):
            faults.update(dict.fromkeys(writers, reading))
        else:
            readings.append(reading)
    return Plan(tuple(readings), faults)


def _writer(schema_id: int, registry: SchemaSource) -> Writer | Fault:
    try:
        registered = registry.schema_by_id(schema_id)
    except UnknownSchema:
        return Fault("UNKNOWN_SCHEMA", f"the registry has no schema {schema_id}")
    contract = _contract(registered.text)
    if isinstance(contract, Fault):
        return contract
    return Writer(schema_id, registered.version, contract)


def _reading(subject: str, writers: Mapping[int, Writer], registry: SchemaSource) -> Reading | Fault:
    try:
        newest = registry.latest(subject)
    except UnknownSchema:
        return Fault("UNKNOWN_SCHEMA", f"the registry has no subject {subject}")
    contract = _contract(newest.text)
    if isinstance(contract, Fault):
        return contract
    branches: dict[str, Branch] = {}
    faults: dict[int, Fault] = {}
    for schema_id, writer in sorted(writers.items()):
        reader = _resolve(contract, writer.contract)
        if isinstance(reader, Fault):
            faults[schema_id] = reader
            continue
        known = branches.get(writer.contract.text)
        ids = (*known.ids, schema_id) if known else (schema_id,)
        branches[writer.contract.text] = Branch(ids, writer.contract, reader)
    return Reading(contract, newest.version, writers, tuple(branches.values()), faults)


def _resolve(contract: Contract, writer: Contract) -> Schema | Fault:
    findings = compatibility(reader=contract.schema, writer=writer.schema)
    if findings:
        return Fault("UNDECODABLE", f"the contract cannot read this version: {findings[0].message}")
    reader = reconcile(reader=contract.schema, writer=writer.schema)
    return Fault("LOGICAL_MISMATCH", reader.detail) if isinstance(reader, LogicalMismatch) else reader


@lru_cache(maxsize=1024)
def _contract(text: str) -> Contract | Fault:
    """The contract in a schema text; the same text is read once."""
    try:
        contract = Contract.of(parse(text), origin="the registry")
    except SchemaError as error:
        return Fault("UNDECODABLE", f"the registered schema is not valid: {error}")
    except TallystickError as error:
        return Fault("UNDECODABLE", f"the registered contract is not valid: {error}")
    if not contract.is_message:
        return Fault("UNKNOWN_TYPE", f"{contract.name} has no field of the role event_id, so it is no event")
    return contract
