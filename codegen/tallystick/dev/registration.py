"""Contracts into a registry: what is there stays as it is, what is new is added, what breaks readers is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from tallystick.contracts import LEVELS, Direction, check, parse
from tallystick.sdk.errors import IncompatibleSchema, UnknownSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tallystick.contracts import Contract, Schema
    from tallystick.sdk.registry import RegisteredSchema, RegistryClient

__all__ = ["Outcome", "Registration", "register_all"]


class Outcome(StrEnum):
    """What became of a contract."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Registration:
    """What became of one contract, and under which id and version it stands; both 0 where it was refused."""

    subject: str
    outcome: Outcome
    id: int = 0
    version: int = 0
    reasons: tuple[str, ...] = ()


def register_all(contracts: Iterable[Contract], client: RegistryClient) -> Iterator[Registration]:
    """Register contracts, each under its full name and with its own compatibility level; every one is tried.

    Raises:
        RegistryUnavailable: The registry does not answer.
    """
    for contract in contracts:
        client.set_compatibility(contract.subject, contract.sidecar.kafka.compatibility)
        try:
            there = client.lookup(contract.subject, contract.text)
        except UnknownSchema:
            yield _register(contract, client)
        else:
            yield _done(there, Outcome.UNCHANGED)


def _register(contract: Contract, client: RegistryClient) -> Registration:
    try:
        return _done(client.register(contract.subject, contract.text), Outcome.CREATED)
    except IncompatibleSchema as error:
        reasons = tuple(_reasons(contract, client)) or (error.reason,)
        return Registration(contract.subject, Outcome.REFUSED, reasons=reasons)


def _reasons(contract: Contract, client: RegistryClient) -> Iterator[str]:
    """Say why a contract cannot follow its versions, in a few words: a registry answers with whole schemas."""
    numbers = client.versions(contract.subject)[::-1]
    previous = [parse(client.version(contract.subject, number).text) for number in numbers]
    level = LEVELS[contract.sidecar.kafka.compatibility]
    for finding in check(level, contract.schema, previous):
        fault = finding.incompatibility
        reader = _READER[finding.direction].format(numbers[finding.index])
        schema = contract.schema if finding.direction is Direction.BACKWARD else previous[finding.index]
        yield f"{_field_at(schema, fault.location)}: {reader}: {fault.message}"


_READER: Final = {
    Direction.BACKWARD: "the new schema cannot read what version {} wrote",
    Direction.FORWARD: "readers of version {} cannot read the new schema",
}


def _field_at(schema: Schema, pointer: str) -> str:
    """Return the dotted names of the fields on the way to a place in a schema; the schema's name at its root."""
    node: Any = json.loads(schema.text)
    names = []
    steps = pointer.strip("/").split("/")
    for step, before in zip(steps, ["", *steps], strict=False):
        try:
            node = node[int(step)] if isinstance(node, list) else node[step]
        except (KeyError, ValueError, IndexError, TypeError):
            break
        if before == "fields":
            names.append(str(node["name"]))
    return ".".join(names) or schema.name


def _done(there: RegisteredSchema, outcome: Outcome) -> Registration:
    return Registration(there.subject, outcome, there.id, there.version)
