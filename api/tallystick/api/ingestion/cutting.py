"""Cuts a request into events, without looking further into them than needed."""

from __future__ import annotations

from typing import Final

import msgspec

from tallystick.api.ingestion.errors import MalformedJsonError, TooDeepError, TooManyEventsError

__all__ = ["cut_any", "cut_batch", "cut_lines", "cut_one"]


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    batch: list[msgspec.Raw]


_batch: Final = msgspec.json.Decoder(_Batch)
_fields: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_anything: Final = msgspec.json.Decoder(msgspec.Raw)
_SHAPE: Final = 'send {"batch": [event, ...]}'


def cut_batch(content: bytes, limit: int) -> list[bytes]:
    """Cut `{"batch": [...]}`; its JSON is checked throughout.

    Raises:
        RequestError: It is no such JSON, or holds no event or too many.
    """
    _check_unicode(content)
    try:
        events = _batch.decode(content).batch
    except msgspec.ValidationError:
        raise MalformedJsonError("the body is no batch", fix=_SHAPE) from None
    except msgspec.DecodeError:
        raise MalformedJsonError("the body is no JSON", fix=_SHAPE) from None
    except RecursionError:
        raise TooDeepError from None
    return _checked([bytes(event) for event in events], limit)


def cut_any(content: bytes, limit: int) -> list[bytes]:
    """Cut a batch, or take the body as the one event that it is.

    Raises:
        RequestError: It is no JSON, or a batch that is empty or too large.
    """
    whole = cut_one(content)
    try:
        fields = _fields.decode(whole)
    except msgspec.ValidationError:
        return [whole]
    return cut_batch(content, limit) if fields.keys() == {"batch"} else [whole]


def cut_lines(content: bytes, limit: int) -> list[bytes]:
    """Cut newline-delimited JSON; a broken line is the business of the line alone.

    Raises:
        RequestError: It holds no event or too many.
    """
    return _checked([line.strip() for line in content.split(b"\n") if line.strip()], limit)


def cut_one(content: bytes) -> bytes:
    """Check that the body is one JSON value.

    Raises:
        RequestError: It is not.
    """
    _check_unicode(content)
    try:
        return bytes(_anything.decode(content))
    except msgspec.DecodeError:
        raise MalformedJsonError("the body is no JSON", fix="send one event") from None
    except RecursionError:
        raise TooDeepError from None


def _check_unicode(content: bytes) -> None:
    try:
        content.decode()
    except UnicodeDecodeError:
        raise MalformedJsonError("the body is no UTF-8", fix="send UTF-8") from None


def _checked(events: list[bytes], limit: int) -> list[bytes]:
    if not events:
        raise MalformedJsonError("the batch is empty", fix="send at least one event")
    if len(events) > limit:
        raise TooManyEventsError(limit)
    return events
