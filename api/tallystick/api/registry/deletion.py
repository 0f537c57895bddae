"""Deleting: softly first, which keeps ids readable, then for good. What others refer to stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.api.registry.errors import (
    ContextNotEmptyError,
    OperationNotPermittedError,
    ReferenceExistsError,
    SubjectNotFoundError,
    SubjectNotSoftDeletedError,
    SubjectSoftDeletedError,
    VersionNotFoundError,
    VersionNotSoftDeletedError,
    VersionSoftDeletedError,
)
from tallystick.api.registry.names import DEFAULT, GLOBAL, Subject
from tallystick.api.registry.settings import require_writable
from tallystick.api.registry.transaction import Filter, Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tallystick.api.registry.transaction import Transaction, Version

__all__ = ["clear_for_import", "delete_context", "delete_subject", "delete_version"]


def delete_subject(tx: Transaction, subject: Subject, *, permanent: bool) -> list[int]:
    """Delete a subject and return the numbers of its versions that went."""
    history = tx.history(subject)
    live = [version for version in history if not version.deleted]
    if not history:
        raise SubjectNotFoundError(subject.qualified)
    if not permanent and not live:
        raise SubjectSoftDeletedError(subject.qualified)
    require_writable(tx, subject)
    going = history if permanent else live
    for version in going:
        if _referring_subjects(tx, version, deleted=permanent) - {subject.qualified}:
            raise ReferenceExistsError(subject.qualified, version.version)
        if permanent and not version.deleted:
            raise SubjectNotSoftDeletedError(subject.qualified)
    if permanent:
        _remove(tx, subject, going)
    else:
        _mark(tx, subject, going)
    return [version.version for version in going]


def delete_version(tx: Transaction, subject: Subject, number: int, *, permanent: bool) -> int:
    """Delete one version; -1 is the latest.

    Returns:
        The number of the version.
    """
    version = tx.latest(subject) if number == -1 else tx.version(subject, number)
    if version is None:
        known = tx.has_versions(subject, Filter.ALL)
        raise VersionNotFoundError(number) if known else SubjectNotFoundError(subject.qualified)
    if version.deleted and not permanent:
        raise VersionSoftDeletedError(subject.qualified, number)
    require_writable(tx, subject)
    if tx.referrers(subject, version.version, deleted=permanent):
        raise ReferenceExistsError(subject.qualified, version.version)
    if permanent and not version.deleted:
        raise VersionNotSoftDeletedError(subject.qualified, version.version)
    if permanent:
        _remove(tx, subject, [version])
    else:
        _mark(tx, subject, [version])
    return version.version


def delete_context(tx: Transaction, context: str) -> None:
    """Stop listing an empty context; its ids are never given out again."""
    subject = Subject(context, "")
    if context in {DEFAULT, GLOBAL} or tx.has_versions(subject, Filter.ALL):
        raise ContextNotEmptyError(subject.qualified)
    tx.unlist_context(context)
    tx.put_config(subject, None)
    tx.put_mode(subject, None)
    tx.changed(f"settings:{subject.qualified}")


def clear_for_import(tx: Transaction, place: Subject) -> None:
    """Make way for an import: no live subject may be there, and what is softly deleted goes for good."""
    scope = Subject("*", "") if place.context == GLOBAL else place
    if tx.has_versions(scope, Filter.LIVE):
        raise OperationNotPermittedError("Cannot import since found existing subjects")
    subjects = tx.subjects(scope, Filter.ALL, Page()) if scope.is_context else [scope.qualified]
    going = {subject: tx.history(subject) for subject in map(Subject.parse, subjects)}
    for subject, history in going.items():
        for version in history:
            if tx.referrers(subject, version.version, deleted=True):
                raise ReferenceExistsError(subject.qualified, version.version)
    for subject, history in going.items():
        _forget(tx, subject, history)


def _mark(tx: Transaction, subject: Subject, versions: Sequence[Version]) -> None:
    tx.mark_deleted(versions)
    _tell(tx, subject, versions)


def _remove(tx: Transaction, subject: Subject, versions: Sequence[Version]) -> None:
    _forget(tx, subject, versions)
    if not tx.has_versions(subject, Filter.ALL):
        tx.put_config(subject, None)
        tx.put_mode(subject, None)
        tx.changed(f"settings:{subject.qualified}")


def _forget(tx: Transaction, subject: Subject, versions: Sequence[Version]) -> None:
    tx.remove_versions(versions)
    tx.drop_orphans(subject.context, [version.id for version in versions])
    _tell(tx, subject, versions)


def _tell(tx: Transaction, subject: Subject, versions: Iterable[Version]) -> None:
    tx.changed(f"subject:{subject.qualified}", *(f"id:{subject.context}:{version.id}" for version in versions))


def _referring_subjects(tx: Transaction, version: Version, *, deleted: bool) -> set[str]:
    which = Filter.of(deleted=deleted)
    return {
        place.subject.qualified
        for context, schema_id in tx.referrers(version.subject, version.version, deleted=deleted)
        for place in tx.places(context, schema_id)
        if which.admits(deleted=place.deleted)
    }
