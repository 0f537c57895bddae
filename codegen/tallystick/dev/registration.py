"""Contracts into a registry: what is there stays as it is, what is new is added, what breaks readers is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tallystick.sdk.errors import IncompatibleSchema, UnknownSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tallystick.contracts import Contract
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
        reasons = client.compatible(contract.subject, contract.text).messages
        return Registration(contract.subject, Outcome.REFUSED, reasons=reasons or (error.reason,))


def _done(there: RegisteredSchema, outcome: Outcome) -> Registration:
    return Registration(there.subject, outcome, there.id, there.version)
