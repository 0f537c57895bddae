"""Contracts into a registry: what is there stays as it is, what is new is added, what breaks readers is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING

from tallystick.dev.planning import Action, plan_one
from tallystick.sdk.errors import IncompatibleSchema, RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tallystick.contracts import Contract
    from tallystick.dev.planning import Step
    from tallystick.sdk.registry import RegistryClient

__all__ = ["Outcome", "Registration", "carry_out", "register_all"]


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
    return (carry_out(plan_one(each, client), client) for each in contracts)


def carry_out(step: Step, client: RegistryClient) -> Registration:
    """Do what a plan says; the registry has the last word, as it may have changed since.

    Raises:
        RegistryUnavailable: The registry does not answer.
        RegistryError: It refuses for a reason that lies in no contract, such as a missing right.
    """
    if step.action is Action.REFUSE:
        return Registration(step.subject, Outcome.REFUSED, reasons=step.reasons or step.answer)
    has_level = not step.sets_level or _set_level(step, client)
    if step.action is Action.UNCHANGED:
        return Registration(step.subject, Outcome.UNCHANGED, step.id, step.version)
    try:
        made = client.register(step.subject, step.contract.text)
    except RegistryError as error:
        if not isinstance(error, IncompatibleSchema) and error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        return Registration(step.subject, Outcome.REFUSED, reasons=(error.reason,))
    if not has_level:
        client.set_compatibility(step.subject, step.level)
    # A registry that sees no difference between two texts answers with the version that it has.
    outcome = Outcome.CREATED if made.version >= step.version else Outcome.UNCHANGED
    return Registration(step.subject, outcome, made.id, made.version)


def _set_level(step: Step, client: RegistryClient) -> bool:
    """Set the subject's level, before what it is to judge; some registries want the subject first."""
    try:
        client.set_compatibility(step.subject, step.level)
    except RegistryError as error:
        if step.action is not Action.CREATE or error.status != HTTPStatus.NOT_FOUND:
            raise
        return False
    return True
