"""Judges events: type, version, contract, times, identities, and what the key may send. Pure; nothing is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from pydantic import ValidationError

from tallystick.api.ingestion.catalogue import Wanted
from tallystick.api.ingestion.intake import RECEIVED, SENT
from tallystick.api.ingestion.producer import KafkaRecord
from tallystick.api.ingestion.verdicts import Accepted, Refused, Repeated, Verdict, fault, reused, trimmed
from tallystick.contracts import frame
from tallystick.contracts.contract import META_FIELD
from tallystick.events.tallystick.dead_letter import Reason, Stage
from tallystick.sdk.errors import EncodeError
from tallystick.sdk.record import violations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tallystick.api.ingestion.catalogue import Catalogue
    from tallystick.api.ingestion.intake import Intake
    from tallystick.api.ingestion.keys import Key
    from tallystick.api.ingestion.limits import Limits
    from tallystick.sdk.record import Event, Violation

__all__ = ["Circumstances", "judge", "mark_repeated"]

T = TypeVar("T")

_fields: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_NAMES: Final = ("source", "identity.user", "identity.anonymous", "identity.session", "trace_id")
_TIMES: Final = ("event_time", SENT, RECEIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What holds for all events of a request.

    Attributes:
        key: The write key.
        received_at: When the request came.
        sent_at: When its sender says to have sent it.
        traceparent: Its trace, as W3C has it.
        topic: Where events go.
        limits: Bounds.
    """

    key: Key
    received_at: datetime
    sent_at: datetime | None
    traceparent: str | None
    topic: str
    limits: Limits
    stamps: Mapping[str, msgspec.Raw] = field(init=False)

    def __post_init__(self) -> None:
        """Write the times that are the API's to set, by role, as every event takes them."""
        stamps = {RECEIVED: _encoded(self.received_at), SENT: _encoded(self.sent_at)}
        object.__setattr__(self, "stamps", stamps)


class _Refusal(Exception):  # noqa: N818 - it never leaves this module: a shortcut to a Refused
    """Ends the judgement of one event."""

    def __init__(
        self, stage: Stage, reason: Reason, errors: Sequence[Violation], *, wanted: Wanted | None = None
    ) -> None:
        super().__init__(reason)
        self.stage = stage
        self.reason = reason
        self.errors = tuple(errors)
        self.wanted = wanted


def judge(raw: bytes, catalogue: Catalogue, circumstances: Circumstances) -> Accepted | Refused:
    """Judge one event as it was sent."""
    claim = _Claim()
    try:
        return _accept(raw, catalogue, circumstances, claim)
    except _Refusal as refusal:
        return Refused(
            stage=refusal.stage,
            reason=refusal.reason,
            raw=raw,
            errors=trimmed(refusal.errors),
            event_id=claim.event_id(),
            event_type=claim.event_type,
            schema_id=None if claim.intake is None else claim.intake.schema_id,
            wanted=refusal.wanted,
        )


def mark_repeated(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Find events that stand in a batch twice: the same again is a repetition, other content under one id a fault."""
    first: dict[str, int] = {}
    marked: list[Verdict] = []
    for index, verdict in enumerate(verdicts):
        if not isinstance(verdict, Accepted) or first.setdefault(verdict.event_id, index) == index:
            marked.append(verdict)
            continue
        original = verdicts[first[verdict.event_id]]
        same = isinstance(original, Accepted) and original.record.value == verdict.record.value
        marked.append(Repeated(verdict.event_id, first[verdict.event_id]) if same else reused(verdict))
    return marked


class _Claim:
    """What an event says of itself, as far as it could be read."""

    def __init__(self) -> None:
        self.fields: dict[str, msgspec.Raw] = {}
        self.event_type: str | None = None
        self.intake: Intake | None = None

    def event_id(self) -> str | None:
        """The identity it claims, if it may be repeated in an answer."""
        try:
            claimed = _claimed.decode(self.fields[META_FIELD]).event_id
        except (KeyError, msgspec.DecodeError):
            return None
        return claimed if len(claimed) <= _LONGEST_ID and not _CONTROL.search(claimed) else None


class _ClaimedMeta(msgspec.Struct):
    """The one field that is read before the contract is known, for the answer's sake."""

    event_id: str


_claimed: Final = msgspec.json.Decoder(_ClaimedMeta)
_LONGEST_ID: Final = 64
_LONGEST_TYPE: Final = 255


def _accept(raw: bytes, catalogue: Catalogue, circumstances: Circumstances, claim: _Claim) -> Accepted:
    claim.fields = _open(raw, circumstances.limits)
    intake = claim.intake = _route(claim, catalogue, circumstances.key)
    intake.stamp(claim.fields, circumstances.stamps, override=not circumstances.key.may_backfill())
    event = _read(claim.fields, intake)
    values = intake.values(event)
    _check(values, intake, circumstances)
    record = _record(event, values, intake, circumstances)
    return Accepted(str(values["event_id"]), intake.event_type, raw, record)


def _open(raw: bytes, limits: Limits) -> dict[str, msgspec.Raw]:
    """Read the outermost object; what its fields hold stays as it came."""
    if len(raw) > limits.event_bytes:
        expected = f"at most {limits.event_bytes} bytes"
        raise _Refusal(Stage.DECODE, Reason.TOO_LARGE, [fault("", "too_large", expected)])
    try:
        raw.decode()
        return _fields.decode(raw)
    except msgspec.ValidationError:
        raise _Refusal(Stage.DECODE, Reason.INVALID, [fault("", "type", "object", _kind(raw))]) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _Refusal(Stage.DECODE, Reason.MALFORMED_JSON, [fault("", "malformed_json", "JSON")]) from None
    except RecursionError:
        raise _too_deep() from None


def _route(claim: _Claim, catalogue: Catalogue, key: Key) -> Intake:
    """Find the version of the contract that the event names."""
    event_type = _pop(claim.fields, "type", _text, "string")
    if event_type is None:
        raise _Refusal(Stage.ROUTE, Reason.INVALID, [fault("/type", "missing", "the full name of a contract")])
    contract_hash = _pop(claim.fields, "contract_hash", _text, "string")
    version = _pop(claim.fields, "schema_version", _integer, "integer")
    claim.event_type = event_type[:_LONGEST_TYPE]
    if not key.allows_type(event_type):
        raise _Refusal(Stage.ROUTE, Reason.NOT_ALLOWED, [fault("/type", "not_allowed", "a type that the key may send")])
    wanted = Wanted(event_type, contract_hash, version)
    intake = catalogue.find(wanted)
    if intake is not None:
        return intake
    if event_type not in catalogue.events:
        errors = [fault("/type", "unknown_type", "a registered contract")]
        raise _Refusal(Stage.ROUTE, Reason.UNKNOWN_TYPE, errors, wanted=wanted)
    path = "/schema_version" if contract_hash is None else "/contract_hash"
    errors = [fault(path, "unknown_version", "a registered version")]
    raise _Refusal(Stage.ROUTE, Reason.UNKNOWN_VERSION, errors, wanted=wanted)


def _read(fields: dict[str, msgspec.Raw], intake: Intake) -> Event:
    """Hold the fields against the contract."""
    try:
        return intake.event.from_json(msgspec.json.encode(fields))
    except ValidationError as error:
        # The JSON was found sound before: what its reader still refuses is depth or a number beyond all bounds.
        if "recursion limit" in str(error.errors(include_input=False)[0].get("ctx")):
            raise _too_deep() from None
        raise _Refusal(Stage.VALIDATE, Reason.INVALID, violations(error)) from None


def _check(values: dict[str, Any], intake: Intake, circumstances: Circumstances) -> None:
    """Check what a contract does not say: names without control characters, times not far ahead, the key's source."""
    errors = []
    if _CONTROL.search("".join(filter(None, map(values.get, _NAMES)))):
        errors = [
            fault(intake.pointer(role), "format", "no control characters", "string")
            for role in _NAMES
            if _CONTROL.search(values.get(role) or "")
        ]
    latest = circumstances.received_at + circumstances.limits.ahead
    errors.extend(
        fault(intake.pointer(role), "out_of_range", "at most a year ahead", "string")
        for role in _TIMES
        if values.get(role) and values[role] > latest
    )
    if errors:
        raise _Refusal(Stage.VALIDATE, Reason.INVALID, errors)
    if not circumstances.key.allows_source(values["source"]):
        error = fault(intake.pointer("source"), "not_allowed", circumstances.key.source, "string")
        raise _Refusal(Stage.ROUTE, Reason.NOT_ALLOWED, [error])


def _record(event: Event, values: dict[str, Any], intake: Intake, circumstances: Circumstances) -> KafkaRecord:
    try:
        body = event.to_avro()
    except EncodeError:
        raise _Refusal(Stage.ENCODE, Reason.INVALID, [fault("", "invalid", intake.event_type)]) from None
    owner = values.get("identity.user") or values.get("identity.anonymous")
    headers: list[tuple[str, str | bytes | None]] = [
        ("event_id", str(values["event_id"])),
        ("event_type", intake.event_type),
        ("source", values["source"]),
    ]
    trace = _traceparent(values.get("trace_id"), circumstances.traceparent)
    if trace is not None:
        headers.append(("traceparent", trace))
    return KafkaRecord(
        topic=circumstances.topic,
        key=owner.encode() if owner else None,
        value=frame(intake.schema_id, body),
        timestamp=_timestamp(values["event_time"], circumstances.received_at),
        headers=headers,
    )


def _timestamp(event_time: datetime, received_at: datetime) -> int:
    """Kafka takes no time before 1970, and by default none an hour ahead; the event keeps its own."""
    return max(1, int(min(event_time, received_at).timestamp() * 1000))


def _traceparent(*candidates: str | None) -> str | None:
    return next((each for each in candidates if each and _TRACEPARENT.fullmatch(each)), None)


def _pop(fields: dict[str, msgspec.Raw], name: str, decoder: msgspec.json.Decoder[T], expected: str) -> T:
    """Take a field of the envelope; absent and null are the same."""
    raw = fields.pop(name, _NULL)
    try:
        return decoder.decode(raw)
    except msgspec.DecodeError:
        raise _Refusal(Stage.ROUTE, Reason.INVALID, [fault(f"/{name}", "type", expected, _kind(bytes(raw)))]) from None


def _encoded(moment: datetime | None) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(moment))


def _too_deep() -> _Refusal:
    return _Refusal(Stage.DECODE, Reason.TOO_DEEP, [fault("", "too_deep", "fewer levels")])


def _kind(raw: bytes) -> str:
    """Name a JSON value's type by its first character."""
    return _KINDS.get(raw.lstrip()[:1], "number")


_NULL: Final = msgspec.Raw(b"null")
_text: Final = msgspec.json.Decoder(str | None)
_integer: Final = msgspec.json.Decoder(int | None)
_KINDS: Final = {
    b"{": "object",
    b"[": "array",
    b'"': "string",
    b"t": "boolean",
    b"f": "boolean",
    b"n": "null",
}
