"""Asking whether a schema would be let in, without registering it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.api.registry.errors import InvalidSchemaError, VersionNotFoundError
from tallystick.api.registry.history import Candidate, complaints
from tallystick.api.registry.registering import canonical
from tallystick.api.registry.settings import config_in_scope
from tallystick.api.registry.transaction import Filter

if TYPE_CHECKING:
    from tallystick.api.registry.content import Json
    from tallystick.api.registry.names import Subject
    from tallystick.api.registry.registering import Proposal
    from tallystick.api.registry.transaction import Transaction, Version

__all__ = ["check"]


def check(tx: Transaction, subject: Subject, proposal: Proposal, *, version: int | None, verbose: bool) -> Json:
    """Whether a schema is compatible, in Confluent's shape.

    Args:
        tx: The transaction.
        subject: The subject.
        proposal: The schema.
        version: The version to check against, -1 for the latest; None for those that the subject's level asks for.
        verbose: Whether to say what is wrong; a schema that does not even parse is then a message too.
    """
    versions = _versions(tx, subject, version)
    config = config_in_scope(tx, subject)
    try:
        content, parsed = canonical(tx, subject, proposal, config)
        found = complaints(tx, Candidate(content, parsed), versions, config)
    except InvalidSchemaError as error:
        if not verbose:
            raise
        found = [error.message]
    return {"is_compatible": not found, **({"messages": found} if verbose else {})}


def _versions(tx: Transaction, subject: Subject, number: int | None) -> list[Version]:
    if number is None:
        return tx.history(subject, Filter.LIVE)
    found = tx.latest(subject) if number == -1 else tx.version(subject, number)
    if found is not None and not found.deleted:
        return [found]
    if number == -1:
        return []
    raise VersionNotFoundError(number)
