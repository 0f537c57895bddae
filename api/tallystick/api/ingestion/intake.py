"""One version of one contract, ready to take events: what is asked for each event is worked out here, once."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args

from tallystick.sdk.record import Event, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from tallystick.contracts import Contract

__all__ = ["Intake", "Role", "intake_of"]

R = TypeVar("R", bound=Record)

_IDENTITIES: Final = ("event_id", "source", "identity.user", "identity.anonymous", "identity.session", "trace_id")
_TIMES: Final = ("event_time", "sent_time", "received_time")


@dataclass(frozen=True, slots=True)
class Role:
    """A field that has a role: where it stands on the wire, and how it is read and set in Python.

    Attributes:
        pointer: Its place as a JSON pointer.
        path: Its place as Python attributes.
        get: Reads it from an event.
    """

    pointer: str
    path: tuple[str, ...]
    get: Callable[[Event], Any]


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
        roles: The fields of Meta by role; a contract without one of them lacks it here.
    """

    event_type: str
    version: int
    schema_id: int
    contract_hash: str
    text: str
    event: type[Event]
    roles: dict[str, Role]

    def value(self, role: str, event: Event) -> Any:  # noqa: ANN401 - a field of any type
        """The value of the field that has a role; None where the contract has no such field."""
        known = self.roles.get(role)
        return None if known is None else known.get(event)

    def stamped(self, event: Event, times: dict[str, datetime | None]) -> Event:
        """A copy of the event with some of its times set, by role."""
        changes: dict[tuple[str, ...], dict[str, datetime | None]] = {}
        for role, moment in times.items():
            known = self.roles.get(role)
            if known is not None:
                changes.setdefault(known.path[:-1], {})[known.path[-1]] = moment
        for parents, update in changes.items():
            event = _updated(event, parents, update)
        return event


def intake_of(contract: Contract, event: type[Event], *, version: int, schema_id: int) -> Intake:
    """Make an intake from a contract and the class that was generated from it."""
    roles = {
        name: _role(event, contract.roles[name][0]) for name in (*_IDENTITIES, *_TIMES) if contract.roles.get(name)
    }
    return Intake(
        event_type=contract.name,
        version=version,
        schema_id=schema_id,
        contract_hash=contract.contract_hash,
        text=contract.text,
        event=event,
        roles=roles,
    )


def _role(event: type[Event], wire_path: Iterable[str]) -> Role:
    path = _attributes(event, tuple(wire_path))
    return Role("/" + "/".join(wire_path), path, attrgetter(".".join(path)))


def _attributes(cls: type[Record], wire_path: tuple[str, ...]) -> tuple[str, ...]:
    """Translate names on the wire to Python's, which differ where a name is a keyword."""
    head, *rest = wire_path
    name, field = next((name, field) for name, field in cls.model_fields.items() if (field.alias or name) == head)
    return (name, *_attributes(_record_in(field.annotation), tuple(rest))) if rest else (name,)


def _record_in(annotation: Any) -> type[Record]:  # noqa: ANN401 - an annotation is any object
    return next(
        each for each in (annotation, *get_args(annotation)) if isinstance(each, type) and issubclass(each, Record)
    )


def _updated(record: R, parents: tuple[str, ...], update: dict[str, Any]) -> R:
    if parents:
        head, *rest = parents
        update = {head: _updated(getattr(record, head), tuple(rest), update)}
    return record.model_copy(update=update)
