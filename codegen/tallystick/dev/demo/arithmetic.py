"""The statistics of the truth, written from textbook formulas so that they share nothing with Gold's.

Sums stay exact (`Decimal`, `Fraction`) up to the last step; only the distribution functions are floating point.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from scipy import special

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Comparison", "Sample", "sample_ratio_p", "two_proportions", "welch"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One arm's values of one metric, summed; a unit without an outcome counts as 0."""

    n: int
    total: Decimal
    squares: Decimal

    @classmethod
    def of(cls, values: Iterable[Decimal | int], *, n: int) -> Sample:
        """Sum the values of the units that have one, out of `n` units."""
        total = squares = Decimal(0)
        for value in values:
            total += value
            squares += Decimal(value) * value
        return cls(n, total, squares)

    @property
    def mean(self) -> float:
        """Mean over all units, or 0 where there are none."""
        return float(Fraction(self.total) / self.n) if self.n else 0.0

    @property
    def variance(self) -> Fraction:
        """Unbiased variance, exactly."""
        total = Fraction(self.total)
        return (Fraction(self.squares) - total * total / self.n) / (self.n - 1)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A challenger against the control; `p_value` is None where no test is possible."""

    diff: float
    statistic: float | None
    df: float | None
    p_value: float | None


def two_proportions(control: Sample, challenger: Sample) -> Comparison:
    """The z test of two proportions with the pooled variance, two-sided."""
    if not control.n or not challenger.n:
        return _untestable(control, challenger)
    pooled = Fraction(control.total + challenger.total) / (control.n + challenger.n)
    variance = pooled * (1 - pooled) * (Fraction(1, control.n) + Fraction(1, challenger.n))
    if not variance:
        return _untestable(control, challenger)
    diff = Fraction(challenger.total) / challenger.n - Fraction(control.total) / control.n
    z = float(diff) / math.sqrt(variance)
    return Comparison(float(diff), z, None, math.erfc(abs(z) / math.sqrt(2)))


def welch(control: Sample, challenger: Sample) -> Comparison:
    """Welch's t test of two means, two-sided."""
    if min(control.n, challenger.n) < 2 or not (control.variance or challenger.variance):  # noqa: PLR2004 - a variance needs two
        return _untestable(control, challenger)
    error_a, error_b = control.variance / control.n, challenger.variance / challenger.n
    error = error_a + error_b
    df = float(error * error / (error_a * error_a / (control.n - 1) + error_b * error_b / (challenger.n - 1)))
    diff = Fraction(challenger.total) / challenger.n - Fraction(control.total) / control.n
    t = float(diff) / math.sqrt(error)
    # Student's tail as an incomplete beta function, which is another road than a library's t distribution.
    return Comparison(float(diff), t, df, float(special.betainc(df / 2, 0.5, df / (df + t * t))))


def sample_ratio_p(units: Mapping[str, int], weights: Mapping[str, Decimal]) -> float | None:
    """Chi-square goodness of fit of the units per arm to the planned weights."""
    everyone, planned = sum(units.values()), sum(weights.values())
    if not everyone or len(weights) < 2:  # noqa: PLR2004 - one arm has no split
        return None
    expected = {arm: Fraction(weight) / Fraction(planned) * everyone for arm, weight in weights.items()}
    chi_square = sum((units.get(arm, 0) - share) ** 2 / share for arm, share in expected.items())
    return float(special.gammaincc((len(weights) - 1) / 2, float(chi_square) / 2))


def _untestable(control: Sample, challenger: Sample) -> Comparison:
    return Comparison(challenger.mean - control.mean, None, None, None)
