"""Makes of a refused event its dead letter: what was sent, what was wrong with it, and where it came in."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from tallystick.api.ingestion.producer import KafkaRecord
from tallystick.contracts import frame
from tallystick.events.tallystick.dead_letter import DeadLetter, FieldError, Reason
from tallystick.sdk.ids import uuid7

if TYPE_CHECKING:
    from tallystick.api.ingestion.judging import Circumstances
    from tallystick.api.ingestion.verdicts import Refused

__all__ = ["CONTRACT", "dead_letter", "dead_letter_record"]

CONTRACT: Final = (DeadLetter.SUBJECT, DeadLetter.CONTRACT_HASH)

_PROCESSOR: Final = "tallystick.api.ingestion"
_VERSION: Final = version("tallystick")
# A schema or a permission may come later; an event that breaks its contract stays broken.
_RECOVERABLE: Final = frozenset({Reason.UNKNOWN_TYPE, Reason.UNKNOWN_VERSION, Reason.NOT_ALLOWED})


def dead_letter(refused: Refused, circumstances: Circumstances, *, request_id: str | None, index: int) -> DeadLetter:
    """Describe a refused event."""
    kept = refused.raw[: circumstances.limits.kept_bytes]
    return DeadLetter(
        dead_letter_id=uuid7(),
        failed_at=circumstances.received_at,
        stage=refused.stage,
        reason=refused.reason,
        recoverable=refused.reason in _RECOVERABLE,
        errors=[
            FieldError(path=each.path, code=each.code, expected=each.expected, got=each.got) for each in refused.errors
        ],
        event_id=refused.event_id,
        event_type=refused.event_type,
        schema_id=refused.schema_id,
        source=circumstances.key.source,
        request_id=request_id,
        batch_index=index,
        received_at=circumstances.received_at,
        payload=kept,
        payload_size=len(refused.raw),
        payload_sha256=hashlib.sha256(refused.raw).hexdigest(),
        is_truncated=len(kept) < len(refused.raw),
        processor_name=_PROCESSOR,
        processor_version=_VERSION,
    )


def dead_letter_record(letter: DeadLetter, *, topic: str, schema_id: int) -> KafkaRecord:
    """Make a dead letter ready for Kafka."""
    return KafkaRecord(
        topic=topic,
        key=None,
        value=frame(schema_id, letter.to_avro()),
        timestamp=int(letter.failed_at.timestamp() * 1000),
        headers=[("event_type", DeadLetter.SUBJECT), ("reason", letter.reason.value)],
    )
