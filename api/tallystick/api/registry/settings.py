"""Config and mode: what is set where, and what holds for a subject.

Both resolve alike: the subject's own, else its context's (`/config` itself for the default context), else what is set
on `:.__GLOBAL:`, else the default. A config of its own takes some fields that it leaves open from `/config`.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from tallystick.api.registry.errors import (
    ConfigNotSetError,
    InvalidCompatibilityError,
    OperationNotPermittedError,
    SubjectNotFoundError,
)
from tallystick.api.registry.meaning import POLICY, Policy
from tallystick.api.registry.names import DEFAULT, GLOBAL, Subject
from tallystick.api.registry.rules import check_rule_set
from tallystick.contracts import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.api.registry.content import Json
    from tallystick.api.registry.transaction import Transaction

__all__ = [
    "EVERYWHERE",
    "Mode",
    "config_in_scope",
    "delete_config",
    "get_config",
    "is_top",
    "mode_in_scope",
    "require_writable",
    "update_config",
]

_TOP: Final = Subject(DEFAULT, "")
EVERYWHERE: Final = Subject(GLOBAL, "")
_DEFAULT_CONFIG: Final[Json] = {"compatibilityLevel": "BACKWARD"}
_RULE_SETS: Final = ("defaultRuleSet", "overrideRuleSet")
# Left open by a subject's own config, these come from the top.
_INHERITED: Final = (
    "normalize",
    "validateFields",
    "validateNewSchemas",
    "validateRules",
    "compatibilityPolicy",
    "compatibilityGroup",
    POLICY,
)


class Mode(enum.Enum):
    """What may be done to a subject."""

    READWRITE = "READWRITE"
    READONLY = "READONLY"
    READONLY_OVERRIDE = "READONLY_OVERRIDE"
    IMPORT = "IMPORT"
    FORWARD = "FORWARD"

    @property
    def is_read_only(self) -> bool:
        """Whether nothing may be written."""
        return self in {Mode.READONLY, Mode.READONLY_OVERRIDE}

    @property
    def is_import(self) -> bool:
        """Whether schemas come from elsewhere, with their ids and unchecked."""
        return self in {Mode.IMPORT, Mode.FORWARD}


def config_in_scope(tx: Transaction, subject: Subject) -> Json:
    """The config that holds for a subject."""
    own = tx.config(subject)
    if own is not None:
        top = tx.config(_TOP) or {}
        return {**{key: top[key] for key in _INHERITED if key in top}, **own}
    return next((found for place in _above(subject) if (found := tx.config(place)) is not None), _DEFAULT_CONFIG)


def get_config(tx: Transaction, subject: Subject, *, in_scope: bool) -> Json:
    """The subject's own config, or the one that holds for it."""
    if in_scope:
        return config_in_scope(tx, subject)
    own = tx.config(subject)
    if own is None and not is_top(subject):
        raise ConfigNotSetError(subject.qualified)
    return own or _DEFAULT_CONFIG


def update_config(tx: Transaction, subject: Subject, update: Json) -> Json:
    """Change the fields that are sent; null clears one.

    Returns:
        The config as it is now.
    """
    level = update.get("compatibilityLevel")
    if level is not None and level.upper() not in LEVELS:
        raise InvalidCompatibilityError
    for key in _RULE_SETS:
        check_rule_set(update.get(key))
    if update.get(POLICY) is not None:
        update = {**update, POLICY: Policy.of(update).value}
    require_writable(tx, subject)
    config = {**(tx.config(subject) or {}), **update}
    config["compatibilityLevel"] = (config.get("compatibilityLevel") or "BACKWARD").upper()
    config = {key: value for key, value in config.items() if value is not None}
    tx.put_config(subject, config)
    tx.changed(f"settings:{subject.qualified}", f"subject:{subject.qualified}")
    return config


def delete_config(tx: Transaction, subject: Subject) -> Json:
    """Clear the config and return what it was."""
    previous = tx.config(subject)
    if previous is None and not is_top(subject):
        raise SubjectNotFoundError(subject.qualified)
    require_writable(tx, subject)
    tx.put_config(subject, None)
    tx.changed(f"settings:{subject.qualified}", f"subject:{subject.qualified}")
    return previous or _DEFAULT_CONFIG


def mode_in_scope(tx: Transaction, subject: Subject) -> Mode:
    """The mode that holds for a subject."""
    places = (subject, *_above(subject))
    return Mode(next((found for place in places if (found := tx.mode(place)) is not None), Mode.READWRITE.value))


def require_writable(tx: Transaction, subject: Subject) -> None:
    """Refuse where the mode is read-only."""
    if mode_in_scope(tx, subject).is_read_only:
        raise OperationNotPermittedError(
            f"Subject {subject.qualified} in context {subject.prefix} is in read-only mode"
        )


def _above(subject: Subject) -> Iterator[Subject]:
    yield Subject(subject.context, "")
    yield EVERYWHERE


def is_top(subject: Subject) -> bool:
    """Whether this is a place that always has a config and a mode: the default one, if none is set."""
    return subject == _TOP or subject.context == GLOBAL
