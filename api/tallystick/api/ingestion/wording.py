"""A refused event in sentences, for the person who reads the answer: what is wrong, where, and what to send instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.api.ingestion.results import EventResult, FieldError

__all__ = ["detail_of"]

_MOST: Final = 3
_LONGEST: Final = 250
_RULE: Final = "rule:"
# Code of a violation -> what to say of it.
_SENTENCES: Final[Mapping[str, str]] = {
    "type": "{path} must be {expected}, and is {got}",
    "missing": "{path} is missing: send {expected}",
    "unknown_field": "the contract has no field {path}: leave it out, or name a version that has it",
    "unknown_symbol": "{path} is no symbol of its enum: send {expected}",
    "format": "{path} is not written as it must be: send {expected}",
    "out_of_range": "{path} is out of range: send {expected}",
    "length": "{path} has the wrong length: send {expected}",
    "too_large": "the event is too large: send {expected}",
    "too_deep": "the event nests too deeply: send {expected}",
    "malformed_json": "the event is no JSON",
    "not_allowed": "{path} is not allowed to this write key: send {expected}",
    "unknown_type": "{path} names no event that is registered: check the name, or register its contract",
    "unknown_version": "{path} names no version that is registered: register it, or leave {path} out for the newest",
    "id_reused": "{path} belongs to another event of the batch: send {expected}",
}
_OTHERWISE: Final = "{path} breaks the contract ({code}): send {expected}"
_NOT_STORABLE: Final = "Kafka refuses the event for good: sending it again will not help"


def detail_of(result: EventResult) -> str:
    """What to tell about an event that was not accepted; at most a few violations, and never a value."""
    if not result.errors:
        return _NOT_STORABLE
    told = [_sentence(each) for each in result.errors[:_MOST]]
    more = len(result.errors) - _MOST
    tail = f"; and {more} more, see results" if more > 0 else ""
    whole = "; ".join(told)
    if len(whole) + len(tail) > _LONGEST:
        whole = f"{whole[: _LONGEST - len(tail) - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
    return whole + tail


def _sentence(error: FieldError) -> str:
    path = error.path or "the event"
    if error.code.startswith(_RULE):
        return f"{path} breaks the rule {error.code.removeprefix(_RULE)}: {error.expected}"
    words = _SENTENCES.get(error.code, _OTHERWISE)
    return words.format(path=path, expected=error.expected, got=error.got or "nothing", code=error.code)
