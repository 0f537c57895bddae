"""The mode of a subject, a context or everything: reading it, setting it, clearing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.api.registry.deletion import clear_for_import
from tallystick.api.registry.errors import InvalidModeError, ModeNotSetError, SubjectNotFoundError
from tallystick.api.registry.names import Subject
from tallystick.api.registry.settings import EVERYWHERE, Mode, is_top, mode_in_scope

if TYPE_CHECKING:
    from tallystick.api.registry.transaction import Transaction

__all__ = ["delete_mode", "get_mode", "update_mode"]


def get_mode(tx: Transaction, subject: Subject, *, in_scope: bool) -> Mode:
    """The subject's own mode, or the one that holds for it."""
    if in_scope:
        return mode_in_scope(tx, subject)
    own = tx.mode(subject)
    if own is None and not is_top(subject):
        raise ModeNotSetError(subject.qualified)
    return Mode(own or Mode.READWRITE.value)


def update_mode(tx: Transaction, subject: Subject, name: str | None, *, force: bool) -> Mode | None:
    """Set the mode, or clear it with None."""
    mode = None if name is None else _mode(name)
    if mode is Mode.FORWARD and subject != EVERYWHERE:
        raise InvalidModeError("Forward mode only supported on global level")
    if mode is Mode.IMPORT and not force and mode_in_scope(tx, subject) is not Mode.IMPORT:
        clear_for_import(tx, subject)
    tx.put_mode(subject, None if mode is None else mode.value)
    tx.changed(f"settings:{subject.qualified}")
    return mode


def delete_mode(tx: Transaction, subject: Subject, *, recursive: bool) -> Mode | None:
    """Clear the mode and return what it was; recursively, that of every subject in the context as well."""
    previous = tx.mode(subject)
    if previous is None and not is_top(subject) and not recursive:
        raise SubjectNotFoundError(subject.qualified)
    below = [Subject.parse(s) for s in tx.modes()] if recursive and subject.is_context else []
    for place in (subject, *(s for s in below if s.context == subject.context and not s.is_context)):
        tx.put_mode(place, None)
        tx.changed(f"settings:{place.qualified}")
    return Mode(previous or Mode.READWRITE.value) if previous or is_top(subject) else None


def _mode(name: str) -> Mode:
    try:
        return Mode(name.upper())
    except ValueError:
        raise InvalidModeError from None
