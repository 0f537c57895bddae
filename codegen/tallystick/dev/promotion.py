"""Subjects from one registry into another, where ids may differ and meaning may not.

Every subject keeps its versions in their order and its compatibility level. What the target holds already has to be the
beginning of what the source holds, compared by what the schemas say; so a promotion that was interrupted goes on where
it stopped, and one that is done finds nothing to do. Afterwards both are read and compared once more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from tallystick.contracts import contract_hash
from tallystick.dev.planning import explain, schema_of
from tallystick.sdk.errors import IncompatibleSchema, NotAvroError, UnknownSchema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tallystick.contracts import Schema
    from tallystick.sdk.registry import RegistryClient

__all__ = ["Copy", "Fate", "Past", "copy_one", "plan_copies", "plan_copy"]

# What a registry does where nobody has set a level.
_USUAL: Final = "BACKWARD"
_ANY: Final = "NONE"


class Fate(StrEnum):
    """What would become of a subject."""

    COPY = "copy"
    SAME = "same"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Past:
    """One version of a subject."""

    number: int
    text: str
    schema: Schema

    @property
    def meaning(self) -> str:
        """What two registries must agree on."""
        return contract_hash(self.schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One subject's part of a promotion.

    Attributes:
        subject: Its name.
        fate: What becomes of it.
        missing: The versions of the source that the target lacks, oldest first.
        held: How many of the source's versions the target holds.
        level: The source's level, which the target gets; empty if both have it.
        reasons: Why it is refused.
    """

    subject: str
    fate: Fate
    missing: tuple[Past, ...] = ()
    held: int = 0
    level: str = ""
    reasons: tuple[str, ...] = ()


class _Unreadable(Exception):  # noqa: N818 - it never leaves this module: a shortcut to a refused copy
    """A version that is no Avro schema."""


def plan_copies(source: RegistryClient, target: RegistryClient, prefixes: Sequence[str] = ()) -> Iterator[Copy]:
    """Plan all subjects of the source, or those that begin with one of the prefixes.

    Raises:
        RegistryUnavailable: One of the two does not answer.
    """
    wanted = tuple(prefixes) or ("",)
    return (plan_copy(each, source, target) for each in source.subjects() if each.startswith(wanted))


def plan_copy(subject: str, source: RegistryClient, target: RegistryClient) -> Copy:
    """Compare one subject in both, and say what the target lacks."""
    try:
        theirs, ours = _history(subject, source), _history(subject, target)
    except _Unreadable as error:
        return _refused(subject, str(error))
    held, missing, divergence = _align(theirs, ours)
    if divergence:
        return _refused(subject, divergence)
    known = {each.meaning for each in ours}
    missing = tuple(each for each in missing if each.meaning not in known or not _finds(target, subject, each.text))
    level = _level(subject, source)
    is_same = level == _level(subject, target)
    fate = Fate.SAME if is_same and not missing else Fate.COPY
    return Copy(subject=subject, fate=fate, missing=missing, held=held, level="" if is_same else level)


def copy_one(plan: Copy, source: RegistryClient, target: RegistryClient, *, is_loosening: bool = False) -> Copy:
    """Carry out a subject's plan, then compare both registries again.

    Args:
        plan: What `plan_copy` found.
        source: Where the subject is read.
        target: Where it is written.
        is_loosening: Whether the target takes any version while its history is copied; the level is set afterwards.

    Returns:
        The plan, refused if the target took less than all of it.
    """
    if plan.fate is not Fate.COPY:
        return plan
    level = _level(plan.subject, source)
    is_new = not plan.held
    if is_loosening and plan.missing:
        _set_level(plan.subject, _ANY, target, is_new=is_new)
    elif plan.level:
        _set_level(plan.subject, level, target, is_new=is_new)
    try:
        for each in plan.missing:
            target.register(plan.subject, each.text)
    except IncompatibleSchema as error:
        return replace(plan, fate=Fate.REFUSE, reasons=_why(plan, each, level, source) or (error.reason,))
    if level != _level(plan.subject, target):
        target.set_compatibility(plan.subject, level)
    after = plan_copy(plan.subject, source, target)
    return plan if _is_whole(after, target) else _refused(plan.subject, *(after.reasons or (_INCOMPLETE,)))


def _is_whole(after: Copy, target: RegistryClient) -> bool:
    """Whether nothing is missing, or only other words for what the target holds: some registries keep none."""
    if after.fate is not Fate.COPY:
        return after.fate is Fate.SAME
    held = {each.meaning for each in _history(after.subject, target)}
    return not after.level and held.issuperset(each.meaning for each in after.missing)


_INCOMPLETE: Final = "the target took all versions and does not hold them all: it changes what is written to it"


def _set_level(subject: str, level: str, target: RegistryClient, *, is_new: bool) -> None:
    """Set a level; some registries want the subject first, and get it later."""
    try:
        target.set_compatibility(subject, level)
    except UnknownSchema:
        if not is_new:
            raise


def _level(subject: str, registry: RegistryClient) -> str:
    """The level that a subject is judged by."""
    return registry.compatibility(subject) or registry.compatibility() or _USUAL


def _history(subject: str, registry: RegistryClient) -> tuple[Past, ...]:
    """The versions of a subject, oldest first; none if there is no such subject."""
    try:
        numbers = registry.versions(subject)
    except UnknownSchema:
        return ()
    return tuple(_past(subject, number, registry) for number in numbers)


def _finds(registry: RegistryClient, subject: str, text: str) -> bool:
    """Whether a registry takes a text for one that it holds: some keep no version that differs in words only."""
    try:
        registry.lookup(subject, text)
    except UnknownSchema:
        return False
    return True


def _past(subject: str, number: int, registry: RegistryClient) -> Past:
    try:
        text = registry.version(subject, number).text
    except NotAvroError as error:
        raise _Unreadable(f"version {number} in {registry.url} is {error.language}, not Avro") from None
    schema = schema_of(text)
    if schema is None:
        raise _Unreadable(f"version {number} in {registry.url} is no schema that Avro takes")
    return Past(number, text, schema)


def _align(theirs: tuple[Past, ...], ours: tuple[Past, ...]) -> tuple[int, tuple[Past, ...], str]:
    """Find how far the target has come: versions held, versions missing, and where the two part, if they do.

    Versions that differ in documentation only mean the same; a registry may hold them as one.
    """
    at = 0
    for index, each in enumerate(theirs):
        if at < len(ours) and ours[at].meaning == each.meaning:
            at += 1
        elif at < len(ours) and not (index and theirs[index - 1].meaning == each.meaning):
            told = (
                f"version {each.number} of the source says something else than version {ours[at].number} of the target"
            )
            return at, (), told
        elif at == len(ours):
            return index, theirs[index:], ""
    while at and at < len(ours) and ours[at].meaning == ours[at - 1].meaning:
        at += 1
    if at < len(ours):
        extra = ", ".join(str(each.number) for each in ours[at:])
        return at, (), f"the target has what the source has not: version {extra}"
    return len(theirs), (), ""


def _why(plan: Copy, refused: Past, level: str, source: RegistryClient) -> tuple[str, ...]:
    """Say in names why the target takes no version that the source once took."""
    before = [each for each in _history(plan.subject, source) if each.number < refused.number]
    return tuple(explain(refused.schema, level, {each.number: each.schema for each in reversed(before)}))


def _refused(subject: str, *reasons: str) -> Copy:
    return Copy(subject=subject, fate=Fate.REFUSE, reasons=reasons)
