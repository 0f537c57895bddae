"""The closed lists of words in contracts, and durations; it imports nothing, so that lint needs no model for them."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "LEVEL_NAMES",
    "ROLES",
    "Aggregation",
    "Handling",
    "MetricType",
    "Part",
    "Status",
    "duration_seconds",
]

# Of a sidecar and of tags.
Status = Literal["proposed", "draft", "active", "deprecated", "retired"]
Handling = Literal["keep", "mask", "hash", "drop"]

LEVEL_NAMES: Final = (
    "NONE",
    "BACKWARD",
    "BACKWARD_TRANSITIVE",
    "FORWARD",
    "FORWARD_TRANSITIVE",
    "FULL",
    "FULL_TRANSITIVE",
)

# Of events in experiments.
Part = Literal["exposure", "outcome", "activation", "identity_link", "definition"]
MetricType = Literal["proportion", "mean", "ratio"]
Aggregation = Literal["sum", "count"]

# Role -> whether a contract has at most one field of it.
ROLES: Final[Mapping[str, bool]] = MappingProxyType(
    {
        "event_id": True,
        "event_time": True,
        "sent_time": True,
        "received_time": True,
        "source": True,
        "identity.user": True,
        "identity.anonymous": True,
        "identity.session": True,
        "trace_id": True,
        "experiment.unit_id": True,
        "experiment.experiment_key": True,
        "experiment.variant_key": True,
        "experiment.value": True,
        "experiment.assignment_reason": True,
        "experiment.dimension": False,
        "experiment.exclude_if_true.bot": False,
        "experiment.exclude_if_true.internal": False,
        "experiment.exclude_if_true.override": False,
    }
)

_DURATION: Final = re.compile(r"P(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)")
_SECONDS: Final = (7 * 86_400, 86_400, 3600, 60, 1)


def duration_seconds(text: str) -> int:
    """Return the length of an ISO 8601 duration of weeks, days, hours, minutes and seconds.

    Raises:
        ValueError: It is none; months and years have no fixed length.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is no duration such as P7D or PT12H")
    return sum(int(number) * unit for number, unit in zip(match.groups(), _SECONDS, strict=True) if number)
