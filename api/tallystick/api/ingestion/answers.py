"""Answers to those who sent events: how results become a status and a body."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response

from tallystick.api.ingestion.problems import problem
from tallystick.api.ingestion.results import EventResult, Outcome
from tallystick.api.ingestion.wording import detail_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["answer", "answer_one", "as_json"]

_SETTLED: Final = frozenset({"accepted", "duplicate"})
_encode: Final = msgspec.json.Encoder().encode


def answer(results: Sequence[EventResult]) -> Response:
    """Answer a batch: 200 where all went well, 207 where each result must be looked at."""
    well = all(result.status in _SETTLED for result in results)
    return as_json(Outcome(list(results)), HTTPStatus.OK if well else HTTPStatus.MULTI_STATUS)


def answer_one(results: Sequence[EventResult]) -> Response:
    """Answer a single event: 200 where it went well, 422 where it did not."""
    (result,) = results
    if result.status in _SETTLED:
        return answer(results)
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "refused-event",
        detail_of(result),
        title="The event was refused",
        results=list(results),
    )


def as_json(content: Any, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Response:  # noqa: ANN401 - anything msgspec can write
    """Answer with JSON."""
    return Response(_encode(content), status, headers, "application/json")
