"""One version of one contract, ready to take events: what is asked for each event is worked out here, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tallystick.sdk.roles import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tallystick.contracts import Contract, FieldPath
    from tallystick.sdk.record import Event

__all__ = ["RECEIVED", "SENT", "Intake", "intake_of"]

RECEIVED: Final = "received_time"
SENT: Final = "sent_time"

# The roles that the API asks for; which fields play them is the contract's business.
_ROLES: Final = (
    "event_id",
    "event_time",
    SENT,
    RECEIVED,
    "source",
    "identity.user",
    "identity.anonymous",
    "identity.session",
    "trace_id",
)
_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Takes events of one version of one contract.

    Attributes:
        event_type: Full name of the contract.
        version: Version in the registry.
        schema_id: Id in the registry.
        contract_hash: Hash of the contract.
        text: The schema.
        event: The generated class.
        paths: Role to the place of its field on the wire; a role that the contract lacks is missing here.
    """

    event_type: str
    version: int
    schema_id: int
    contract_hash: str
    text: str
    event: type[Event]
    paths: Mapping[str, FieldPath]
    _values: Callable[[Event], tuple[Any, ...]]

    def values(self, event: Event) -> dict[str, Any]:
        """What an event has in its fields with a role, by role."""
        return dict(zip(self.paths, self._values(event), strict=True))

    def pointer(self, role: str) -> str:
        """The place of a role's field as a JSON pointer."""
        return "/" + "/".join(self.paths[role])

    def stamp(self, fields: dict[str, msgspec.Raw], times: Mapping[str, msgspec.Raw], *, override: bool) -> None:
        """Set times in an event's JSON before it is read.

        Args:
            fields: The event's fields; changed in place.
            times: Role to time.
            override: Whether a time that the event has already is replaced.
        """
        for role, moment in times.items():
            path = self.paths.get(role)
            if path is not None:
                _set(fields, path, moment, override=override)


def intake_of(contract: Contract, event: type[Event], *, version: int, schema_id: int) -> Intake:
    """Make an intake from a contract and the class that was generated from it."""
    paths = {role: contract.roles[role][0] for role in _ROLES if contract.roles.get(role)}
    return Intake(
        event_type=contract.name,
        version=version,
        schema_id=schema_id,
        contract_hash=contract.contract_hash,
        text=contract.text,
        event=event,
        paths=paths,
        _values=reader(event, tuple(paths.values())),
    )


def _set(fields: dict[str, msgspec.Raw], path: FieldPath, value: msgspec.Raw, *, override: bool) -> None:
    head, *rest = path
    if not rest:
        if override or bytes(fields.get(head, _NULL)) == b"null":
            fields[head] = value
        return
    try:
        inner = _object.decode(fields[head])
    except (KeyError, msgspec.DecodeError, RecursionError):
        return  # There is nothing to set it in, which the contract will complain about.
    _set(inner, tuple(rest), value, override=override)
    fields[head] = msgspec.Raw(msgspec.json.encode(inner))


_NULL: Final = msgspec.Raw(b"null")
