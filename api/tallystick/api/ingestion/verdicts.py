"""What is found about each event of a request: values, never exceptions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from tallystick.events.tallystick.dead_letter import Reason, Stage
from tallystick.sdk.record import Violation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.api.ingestion.catalogue import Wanted
    from tallystick.api.ingestion.producer import KafkaRecord

__all__ = ["Accepted", "Refused", "Repeated", "Undecided", "Verdict", "fault", "reused", "trimmed"]


class Accepted(NamedTuple):
    """An event that holds its contract, ready for Kafka."""

    event_id: str
    event_type: str
    raw: bytes
    record: KafkaRecord


class Repeated(NamedTuple):
    """An event that stands in the same batch before."""

    event_id: str
    first: int


class Undecided(NamedTuple):
    """An event of a type or version that only the registry can know, while it does not answer."""

    event_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An event that cannot be accepted, and why.

    Attributes:
        stage: The step that failed.
        reason: Why.
        raw: What was sent.
        errors: Every violation.
        event_id: Identity that it claims.
        event_type: Type that it claims.
        schema_id: Id of the schema it was held against.
        wanted: The version of a contract that it asks for in vain.
    """

    stage: Stage
    reason: Reason
    raw: bytes
    errors: tuple[Violation, ...] = ()
    event_id: str | None = None
    event_type: str | None = None
    schema_id: int | None = None
    wanted: Wanted | None = None


Verdict: TypeAlias = Accepted | Repeated | Refused | Undecided

_MOST_ERRORS: Final = 20
_LONGEST_PATH: Final = 256


def fault(path: str, code: str, expected: str, got: str | None = None) -> Violation:
    """One violation that is found outside the generated class."""
    return Violation(path, code, expected, got)


def trimmed(errors: Sequence[Violation]) -> tuple[Violation, ...]:
    """The first violations; a path may hold a field's name that the sender made up, so it is cut as well."""
    return tuple(replace(each, path=each.path[:_LONGEST_PATH]) for each in errors[:_MOST_ERRORS])


def reused(verdict: Accepted) -> Refused:
    """An event whose id another event of the batch has already, with other content."""
    return Refused(
        stage=Stage.VALIDATE,
        reason=Reason.ID_REUSED,
        raw=verdict.raw,
        errors=(fault("/meta/event_id", "id_reused", "an id of its own"),),
        event_id=verdict.event_id,
        event_type=verdict.event_type,
    )
