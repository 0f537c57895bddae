"""What registering would do to a registry, found out without changing anything in it.

It asks only what Confluent's, Karapace's, Redpanda's, Apicurio's and our own registry all answer, and compares schemas
by what they say: other registries write a text anew, so texts prove nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from tallystick.contracts import LEVELS, Direction, SchemaError, check, contract_hash, parse
from tallystick.sdk.errors import UnknownSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tallystick.contracts import Contract, Schema
    from tallystick.sdk.registry import RegisteredSchema, RegistryClient

__all__ = ["Action", "Step", "explain", "plan_all", "plan_one", "schema_of"]

_SHOWN: Final = 240
# Registries add whole schemas and their own settings to what is wrong; neither helps anybody.
_BALLAST: Final = re.compile(r"\{?(oldSchema|newSchema|validateFields|compatibility|oldSchemaVersion)\b")


class Action(StrEnum):
    """What would become of a contract."""

    CREATE = "create"
    CHANGE = "change"
    UNCHANGED = "unchanged"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One contract's part of a plan.

    Attributes:
        contract: The contract.
        action: What would become of it.
        level_before: The level that the subject has of its own; None if it has none.
        version: The version under which it stands, or would.
        id: The id under which it stands; 0 if it does not.
        reasons: Why it is refused, in names.
        answer: What the registry itself says about it, where it says no.
        note: What else is worth knowing.
    """

    contract: Contract
    action: Action
    level_before: str | None
    version: int = 1
    id: int = 0
    reasons: tuple[str, ...] = ()
    answer: tuple[str, ...] = ()
    note: str = ""

    @property
    def subject(self) -> str:
        """Where the contract is registered."""
        return self.contract.subject

    @property
    def level(self) -> str:
        """The compatibility level that the sidecar asks for."""
        return self.contract.sidecar.kafka.compatibility

    @property
    def sets_level(self) -> bool:
        """Whether the subject has another level by now, or none of its own."""
        return self.level != self.level_before

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do."""
        return self.action is Action.UNCHANGED and not self.sets_level


def plan_all(contracts: Iterable[Contract], client: RegistryClient) -> Iterator[Step]:
    """Plan contracts in their order: none waits for another, as what is registered is self-contained."""
    return (plan_one(each, client) for each in contracts)


def plan_one(contract: Contract, client: RegistryClient) -> Step:
    """Find out what registering one contract would do.

    Raises:
        RegistryUnavailable: The registry does not answer.
    """
    level = client.compatibility(contract.subject)
    numbers = _numbers(contract.subject, client)
    if not numbers:
        return Step(contract=contract, action=Action.CREATE, level_before=level)
    try:
        there = client.lookup(contract.subject, contract.text)
    except UnknownSchema:
        return _follow(contract, client, level, numbers)
    return _standing(contract, level, there, numbers[0])


def _numbers(subject: str, client: RegistryClient) -> tuple[int, ...]:
    """The version numbers of a subject, newest first; none where there is no such subject."""
    try:
        return client.versions(subject)[::-1]
    except UnknownSchema:
        return ()


def _standing(contract: Contract, level: str | None, there: RegisteredSchema, newest: int) -> Step:
    note = "" if there.version == newest else f"a registry keeps a schema once: its newest stays version {newest}"
    return Step(
        contract=contract,
        action=Action.UNCHANGED,
        level_before=level,
        version=there.version,
        id=there.id,
        note=note,
    )


def _follow(contract: Contract, client: RegistryClient, level: str | None, numbers: tuple[int, ...]) -> Step:
    """Plan a version behind others, unless one of these says the same in another text."""
    previous: dict[int, Schema] = {}
    for number in numbers:
        found = client.version(contract.subject, number)
        schema = schema_of(found.text)
        if schema == contract.schema:
            return _standing(contract, level, found, numbers[0])
        if schema is not None:
            previous[number] = schema
    wanted = contract.sidecar.kafka.compatibility
    verdict = client.compatible(contract.subject, contract.text)
    reasons = tuple(explain(contract.schema, wanted, previous))
    # The registry judges by the level that it has; where that is about to change, its word does not count yet.
    is_refused = bool(reasons) or (not verdict and wanted == level)
    newest = previous.get(numbers[0])
    is_wording = newest is not None and contract_hash(newest) == contract.contract_hash
    return Step(
        contract=contract,
        action=Action.REFUSE if is_refused else Action.CHANGE,
        level_before=level,
        version=numbers[0] + 1,
        reasons=reasons,
        answer=_without_ballast(verdict.messages) if is_refused and not verdict else (),
        note="only documentation differs" if is_wording else "",
    )


def schema_of(text: str) -> Schema | None:
    """The schema of a text in a registry; None where it is none that Avro takes."""
    try:
        return parse(text)
    except SchemaError:
        return None


def _without_ballast(messages: Iterable[str]) -> tuple[str, ...]:
    told = (each for each in messages if not _BALLAST.match(each))
    return tuple(each if len(each) <= _SHOWN else f"{each[:_SHOWN]} ..." for each in told)


_READER: Final = {
    Direction.BACKWARD: "the new schema cannot read what version {} wrote",
    Direction.FORWARD: "readers of version {} cannot read the new schema",
}


def explain(new: Schema, level: str, previous: Mapping[int, Schema]) -> Iterator[str]:
    """Say why a schema cannot follow others, in a few words: a registry answers with whole schemas.

    Args:
        new: The schema.
        level: The compatibility level, such as FULL_TRANSITIVE.
        previous: Version -> its schema, the newest first.
    """
    numbers, schemas = tuple(previous), tuple(previous.values())
    try:
        findings = check(LEVELS[level], new, schemas)
    except SchemaError as error:
        yield str(error)
        return
    for finding in findings:
        fault = finding.incompatibility
        reader = _READER[finding.direction].format(numbers[finding.index])
        schema = new if finding.direction is Direction.BACKWARD else schemas[finding.index]
        yield f"{_field_at(schema, fault.location)}: {reader}: {fault.message}"


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
