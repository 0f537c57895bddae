"""The statistics of an experiment, as pure functions of sums: no Spark, no clock, no randomness.

    Arm ── units, sum, sum of squares          what the lake counts exactly, as decimals
     │
     └─► compare(control, treatment)           difference, interval, p-value, relative lift
         holm(p-values)                        adjusted for several treatments
         sample_ratio(units, weights)          did the split come out as planned?

A difference is always treatment minus control.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

__all__ = [
    "CONFIDENCE",
    "Arm",
    "Comparison",
    "RelativeLift",
    "SampleRatio",
    "compare",
    "holm",
    "relative_lift",
    "sample_ratio",
]

CONFIDENCE: Final = 0.95
# A chi-squared test is worth nothing where a variant expects fewer units than this.
MIN_EXPECTED: Final = 5


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant's units: every unit counts, with 0 where it has no outcome.

    Attributes:
        units: How many.
        total: Sum over the units.
        squares: Sum of the units' squares.
    """

    units: int
    total: Decimal | int
    squares: Decimal | int

    @property
    def mean(self) -> float | None:
        """The mean per unit; None without units."""
        return float(Fraction(self.total) / self.units) if self.units else None

    @property
    def variance(self) -> float | None:
        """The sample variance; None below two units. Computed exactly: the difference of two large sums is small."""
        if self.units < 2:  # noqa: PLR2004 - a variance needs two
            return None
        total, squares = Fraction(self.total), Fraction(self.squares)
        return float((squares - total * total / self.units) / (self.units - 1))

    @property
    def squared_error(self) -> float | None:
        """The squared standard error of the mean."""
        variance = self.variance
        return None if variance is None else variance / self.units


@dataclass(frozen=True, slots=True)
class RelativeLift:
    """The treatment's mean relative to the control's, less one.

    Attributes:
        lift: The ratio of the means, less one.
        low: Lower end of its interval.
        high: Upper end of its interval.
        method: How the interval came about: `log` takes it on the logarithm of the ratio (delta method).
    """

    lift: float
    low: float | None
    high: float | None
    method: str = "log"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A treatment against the control.

    Attributes:
        test: `pooled_z` for proportions, `welch` for means.
        diff: Difference of the means.
        standard_error: Of the difference, unpooled.
        low: Lower end of the difference's interval (Welch).
        high: Upper end.
        statistic: z or t of the test.
        df: Degrees of freedom; None for z.
        p_value: Two-sided, of the test.
        welch_p_value: Two-sided, of Welch's test, whatever the test is.
        relative: Relative lift; None where the control's mean is not positive.
    """

    test: str
    diff: float
    standard_error: float
    low: float
    high: float
    statistic: float | None
    df: float | None
    p_value: float | None
    welch_p_value: float | None
    relative: RelativeLift | None


def compare(control: Arm, treatment: Arm, *, proportion: bool, confidence: float = CONFIDENCE) -> Comparison | None:
    """Compare two arms; None where one has fewer than two units.

    Args:
        control: What is compared with.
        treatment: What is compared.
        proportion: Whether each unit's number is 0 or 1: then the test is the pooled z.
        confidence: Of the intervals.
    """
    mean_c, mean_t, error_c, error_t = control.mean, treatment.mean, control.squared_error, treatment.squared_error
    if mean_c is None or mean_t is None or error_c is None or error_t is None:
        return None
    diff, error = mean_t - mean_c, math.sqrt(error_c + error_t)
    df = _welch_df(control, treatment, error_c, error_t)
    quantile = float(stats.t.ppf((1 + confidence) / 2, df))
    welch_t = diff / error if error else None
    welch_p = None if welch_t is None else 2 * float(stats.t.sf(abs(welch_t), df))
    z = _pooled_z(control, treatment) if proportion else None
    return Comparison(
        test="pooled_z" if proportion else "welch",
        diff=diff,
        standard_error=error,
        low=diff - quantile * error,
        high=diff + quantile * error,
        statistic=z if proportion else welch_t,
        df=None if proportion else df,
        p_value=(None if z is None else 2 * float(stats.norm.sf(abs(z)))) if proportion else welch_p,
        welch_p_value=welch_p,
        relative=relative_lift(control, treatment, quantile=quantile),
    )


def relative_lift(control: Arm, treatment: Arm, *, quantile: float) -> RelativeLift | None:
    """The relative lift, its interval taken on the log scale, where it cannot reach below -100 %."""
    mean_c, mean_t, error_c, error_t = control.mean, treatment.mean, control.squared_error, treatment.squared_error
    if not mean_c or mean_c < 0 or mean_t is None or mean_t < 0 or error_c is None or error_t is None:
        return None
    lift = mean_t / mean_c - 1
    if not mean_t:
        return RelativeLift(lift, None, None)
    half = quantile * math.sqrt(error_t / mean_t**2 + error_c / mean_c**2)
    ratio = math.log(mean_t / mean_c)
    return RelativeLift(lift, math.exp(ratio - half) - 1, math.exp(ratio + half) - 1)


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Holm's adjustment: the chance of even one false alarm among these tests stays below the level."""
    tested = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, index) in enumerate(tested):
        highest = max(highest, min(1.0, (len(tested) - rank) * p))
        adjusted[index] = highest
    return tuple(adjusted)


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Whether the units are split as planned.

    Attributes:
        status: ok | mismatch | undeclared (there are no weights to test against) | too_few.
        chi2: The statistic; None without a test.
        p_value: Its p-value; None without a test.
    """

    status: str
    chi2: float | None = None
    p_value: float | None = None


def sample_ratio(units: Sequence[int], weights: Sequence[Decimal | None], *, alpha: float) -> SampleRatio:
    """Test the split of units against the planned weights.

    Args:
        units: Units by variant.
        weights: Planned shares in the same order; one that is None means that the split was never declared.
        alpha: Below this p-value the split is called broken.
    """
    declared = [Fraction(weight) for weight in weights if weight is not None]
    whole = sum(declared)
    if len(declared) != len(weights) or not declared or whole <= 0:
        return SampleRatio("undeclared")
    expected = [float(sum(units) * weight / whole) for weight in declared]
    if len(units) < 2 or min(expected) < MIN_EXPECTED:  # noqa: PLR2004 - a split has two sides
        return SampleRatio("too_few")
    chi2, p_value = (float(each) for each in stats.chisquare(units, expected))
    return SampleRatio("mismatch" if p_value < alpha else "ok", chi2, p_value)


def _welch_df(control: Arm, treatment: Arm, error_c: float, error_t: float) -> float:
    """Welch and Satterthwaite's degrees of freedom; those of the pooled test where nothing varies."""
    if not error_c and not error_t:
        return float(control.units + treatment.units - 2)
    return (error_c + error_t) ** 2 / (error_c**2 / (control.units - 1) + error_t**2 / (treatment.units - 1))


def _pooled_z(control: Arm, treatment: Arm) -> float | None:
    """The two-proportion z with one variance for both; None where all units agree."""
    units = control.units + treatment.units
    share = float(Fraction(control.total) + Fraction(treatment.total)) / units
    error = math.sqrt(share * (1 - share) * (1 / control.units + 1 / treatment.units))
    mean_c, mean_t = control.mean, treatment.mean
    return None if not error or mean_c is None or mean_t is None else (mean_t - mean_c) / error
