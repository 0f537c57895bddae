"""Compatibility levels: who must be able to read whom, and how far back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tallystick.contracts._compatibility import Incompatibility, compatibility

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tallystick.contracts.schema import Schema

__all__ = ["LEVELS", "Direction", "Finding", "Level", "check"]


class Direction(StrEnum):
    """Which of two schemas reads."""

    BACKWARD = "BACKWARD"  # the new schema reads data of the old one
    FORWARD = "FORWARD"  # the old schema reads data of the new one


@dataclass(frozen=True, slots=True)
class Level:
    """What a new schema must satisfy: in which directions, and against the newest version or all of them.

    The directions stand in the order in which Confluent's registry reports them.
    """

    directions: tuple[Direction, ...]
    transitive: bool


_BOTH: Final = (Direction.FORWARD, Direction.BACKWARD)

LEVELS: Final[Mapping[str, Level]] = MappingProxyType(
    {
        "NONE": Level((), transitive=False),
        "BACKWARD": Level((Direction.BACKWARD,), transitive=False),
        "BACKWARD_TRANSITIVE": Level((Direction.BACKWARD,), transitive=True),
        "FORWARD": Level((Direction.FORWARD,), transitive=False),
        "FORWARD_TRANSITIVE": Level((Direction.FORWARD,), transitive=True),
        "FULL": Level(_BOTH, transitive=False),
        "FULL_TRANSITIVE": Level(_BOTH, transitive=True),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a new schema may not follow a previous one.

    Attributes:
        index: Position of the previous schema among those checked, the newest being 0.
        direction: The direction in which the two fail.
        incompatibility: The reason.
    """

    index: int
    direction: Direction
    incompatibility: Incompatibility


def check(level: Level, new: Schema, previous: Sequence[Schema]) -> tuple[Finding, ...]:
    """Hold a new schema against the versions before it, newest first, up to the first that it does not fit.

    Raises:
        AmbiguousAliasError: Name and aliases of a field match several fields.
    """
    for index, old in enumerate(previous if level.transitive else previous[:1]):
        findings = tuple(
            Finding(index, direction, each) for direction in level.directions for each in _compare(direction, new, old)
        )
        if findings:
            return findings
    return ()


def _compare(direction: Direction, new: Schema, old: Schema) -> tuple[Incompatibility, ...]:
    if direction is Direction.BACKWARD:
        return compatibility(reader=new, writer=old)
    return compatibility(reader=old, writer=new)
