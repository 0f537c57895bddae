"""Wraps an event for its way: fills its meta, and writes its JSON on the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, get_args

from tallystick.contracts.contract import META_FIELD
from tallystick.sdk.record import Record
from tallystick.sdk.transport import Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from tallystick.sdk._context import Context
    from tallystick.sdk.record import Event

__all__ = ["ENVELOPE", "Envelope", "Times"]

# What stands beside an event's own fields on the wire.
ENVELOPE: Final = ("type", "contract_hash", "schema_version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When an event happened; the other two are kept for history that is imported under a backfill key."""

    event_time: datetime | None = None
    sent_at: datetime | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Shape:
    """What all events of one class have in common on the wire."""

    meta: Callable[..., Record]
    source: Record
    head: bytes


class Envelope:
    """Knows the application that events come from.

    Args:
        source: Name of the application.
        release: Its release.
        environment: Where it is deployed.
    """

    def __init__(self, source: str, release: str | None, environment: str | None) -> None:
        self._source = {
            "app": source,
            "version": release,
            "environment": environment,
            "sdk": f"tallystick-python/{version('tallystick')}",
        }
        self._shapes: dict[type[Event], _Shape] = {}

    def fill(
        self, event: Event, event_id: UUID, times: Times, context: Context, attributes: Mapping[str, str] | None
    ) -> Event:
        """A copy of the event with its meta; an event that has one already stays as it is."""
        if getattr(event, META_FIELD) is not None:
            return event
        shape = self._shape(type(event))
        meta = shape.meta(
            event_id=event_id,
            event_time=times.event_time or datetime.now(tz=UTC),
            sent_at=times.sent_at,
            received_at=times.received_at,
            source=shape.source,
            user_id=context.user_id,
            anonymous_id=context.anonymous_id,
            session_id=context.session_id,
            trace_id=context.trace_id,
            attributes=dict(attributes or {}),
        )
        return event.with_meta(meta)

    def seal(self, event: Event, event_id: UUID) -> Outgoing:
        """Write an event as it goes over the wire: its contract first, then its fields."""
        body = self._shape(type(event)).head + event.to_json().encode()[1:]
        return Outgoing(str(event_id), event.SUBJECT, body)

    def _shape(self, kind: type[Event]) -> _Shape:
        shape = self._shapes.get(kind)
        if shape is None:
            shape = self._shapes[kind] = self._shape_of(kind)
        return shape

    def _shape_of(self, kind: type[Event]) -> _Shape:
        meta = _model_in(kind.model_fields[META_FIELD].annotation)
        source = _model_in(meta.model_fields["source"].annotation)
        head = json.dumps({"type": kind.SUBJECT, "contract_hash": kind.CONTRACT_HASH}, separators=(",", ":"))
        return _Shape(meta, source(**self._source), head[:-1].encode() + b",")


def _model_in(annotation: Any) -> type[Record]:  # noqa: ANN401 - an annotation is any object
    """The generated class in an annotation such as `Meta | None`."""
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, Record):
            return candidate
    raise TypeError(annotation)
