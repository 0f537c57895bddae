"""Reads the ingestion API's answers without any I/O."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from tallystick.sdk.transport import Answer, FieldFault, Result, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_answer"]

_PER_EVENT: Final = frozenset({HTTPStatus.OK, HTTPStatus.MULTI_STATUS, HTTPStatus.UNPROCESSABLE_ENTITY})
# Refusals of a batch as a whole that may come from one event in it, or from their number.
_DIVISIBLE: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE})
_TRANSIENT: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
# Refusals that only a person can mend, who is told what the API says about it.
_FOR_PEOPLE: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_UNKNOWN: Final = Result(Status.RETRY, "no result")


def read_answer(status: int, headers: Mapping[str, str], content: bytes, count: int) -> Answer:
    """Turn an HTTP answer into a result for each of `count` events."""
    if status in _PER_EVENT:
        return Answer(results=_results(content, count))
    reason = _reason(status, content)
    if status in _TRANSIENT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Answer.same(Result(Status.RETRY, reason), count, retry_after=_retry_after(headers))
    return Answer.same(Result(Status.REJECTED, reason), count, too_large=status in _DIVISIBLE)


def _results(content: bytes, count: int) -> tuple[Result, ...]:
    """Read the results; an answer that does not fit the question says nothing about any event."""
    try:
        items = json.loads(content)["results"]
        results = tuple(_result(item) for item in items)
    except (ValueError, KeyError, TypeError, AttributeError):
        return (_UNKNOWN,) * count
    return results if len(results) == count else (_UNKNOWN,) * count


def _result(item: Mapping[str, Any]) -> Result:
    if item["status"] == Status.ACCEPTED:
        return _ACCEPTED
    return Result(Status(item["status"]), str(item.get("reason") or ""), tuple(map(_fault, item.get("errors") or ())))


def _fault(item: Mapping[str, Any]) -> FieldFault:
    return FieldFault(str(item["path"]), str(item["code"]), item.get("expected"), item.get("got"))


def _reason(status: int, content: bytes) -> str:
    """Name a refusal: the status, and the title of the problem document if there is one."""
    try:
        problem = json.loads(content)
        title, detail = str(problem["title"])[:80], str(problem.get("detail", ""))[:160]
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"HTTP {status}"
    return f"HTTP {status} {title}" + (f": {detail}" if detail and status in _FOR_PEOPLE else "")


def _retry_after(headers: Mapping[str, str]) -> float:
    """Read Retry-After, seconds or a date; 0 where there is none that can be read."""
    value = headers.get("retry-after", "")
    if value.isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    now = datetime.now(tz=UTC)
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


_ACCEPTED: Final = Result(Status.ACCEPTED)
