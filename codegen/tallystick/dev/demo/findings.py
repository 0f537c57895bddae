"""What the pipeline made of the traffic, as it was read back from the lake and from the API's answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

__all__ = ["ArmFigures", "Check", "Effect", "Findings", "MetricFindings", "Rejection", "TrialFindings"]


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """One arm's figures of one metric, as Gold has them."""

    n: int
    total: Decimal
    squares: Decimal
    mean: float


@dataclass(frozen=True, slots=True)
class Effect:
    """One challenger against the control, as Gold has it; None where Gold could not tell."""

    diff: float | None
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    statistic: float | None
    df: float | None
    p_value: float | None
    welch_p_value: float | None = None


@dataclass(frozen=True, slots=True)
class MetricFindings:
    """One metric of one experiment."""

    arms: Mapping[str, ArmFigures]
    effects: Mapping[str, Effect]
    outcomes: Mapping[str, int]
    """Rows of `attributed_outcomes` by status."""


@dataclass(frozen=True, slots=True)
class TrialFindings:
    """One experiment."""

    units: Mapping[str, Mapping[str, int]]
    """Status -> first variant -> units."""
    srm_p: float | None
    is_trustworthy: bool
    metrics: Mapping[str, MetricFindings]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Records that were refused for the same reason at the same place."""

    stage: str
    reason: str
    count: int
    fault: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the pipeline says."""

    accepted: int
    definitions: int
    rejected: Mapping[str, int]
    """Reason of the dead letter -> how many the API refused."""
    undecodable: Mapping[str, int]
    """Reason -> records that Spark rejected."""
    bronze: int
    silver: Mapping[str, int]
    gold: Mapping[str, int]
    events: Mapping[str, int]
    versions: Mapping[str, Mapping[str, int]]
    """Event type -> schema id -> events, for types that came in more than one version."""
    lateness: Mapping[str, int]
    outcomes: Mapping[str, int]
    uncovered: Mapping[str, int]
    conflicts: int
    rejections: tuple[Rejection, ...]
    trials: Mapping[str, TrialFindings]


@dataclass(frozen=True, slots=True)
class Check:
    """One figure of the pipeline beside the truth."""

    area: str
    name: str
    expected: object
    got: object
    ok: bool
