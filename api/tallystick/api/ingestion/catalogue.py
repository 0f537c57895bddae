"""Which events may be sent: a snapshot of the registry, each version of each contract with its class."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.api.ingestion.intake import Intake

__all__ = ["Catalogue", "EventType", "Wanted"]


class Wanted(NamedTuple):
    """Which version of which contract an event names, by hash or by number; neither means the latest."""

    event_type: str
    contract_hash: str | None
    version: int | None


@dataclass(frozen=True, slots=True)
class EventType:
    """All versions of one contract.

    Attributes:
        by_version: Version in the registry to its intake.
        by_hash: Contract hash to the newest version with it.
        latest: The newest version.
    """

    by_version: Mapping[int, Intake]
    by_hash: Mapping[str, Intake]
    latest: Intake

    @classmethod
    def of(cls, intakes: Mapping[int, Intake]) -> EventType:
        """Sort a contract's versions."""
        ordered = dict(sorted(intakes.items()))
        by_hash = {intake.contract_hash: intake for intake in ordered.values()}
        return cls(ordered, by_hash, ordered[max(ordered)])

    def find(self, wanted: Wanted) -> Intake | None:
        """The version that an event names; the latest where it names none."""
        if wanted.contract_hash is not None:
            return self.by_hash.get(wanted.contract_hash)
        return self.latest if wanted.version is None else self.by_version.get(wanted.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """A snapshot of the registry.

    Attributes:
        events: Full name to event type.
        ids: (subject, contract hash) of every registered contract, events or not, to its schema id.
    """

    events: Mapping[str, EventType] = field(default_factory=dict)
    ids: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def find(self, wanted: Wanted) -> Intake | None:
        """The version of a contract that an event names."""
        kind = self.events.get(wanted.event_type)
        return None if kind is None else kind.find(wanted)

    def etag(self) -> str:
        """A tag that changes when what may be sent changes."""
        state = ";".join(f"{name}:{','.join(map(str, kind.by_version))}" for name, kind in sorted(self.events.items()))
        return f'"{hashlib.sha256(state.encode()).hexdigest()[:24]}"'
