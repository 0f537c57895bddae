"""Doubles as Java 17's `Double.toString` writes them.

Up to Java 18 that method often gives more digits than needed (JDK-4511638: 2e23 becomes 1.9999999999999998E23), and
the text of a schema is what Java writes. So this repeats its way, not its aim: whole numbers below 2^63 are cut where
their bits end, all others are divided out digit by digit until the rest is less than half a unit in the last place,
with machine words where they seem to suffice and their overflows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

__all__ = ["double_text"]

_PRECISION: Final = 53
_MIN_EXPONENT: Final = -1074
_LONG_BITS: Final = 63
_SCIENTIFIC_FROM: Final = 8  # digits before the point
_SCIENTIFIC_BELOW: Final = -2
_PLAIN_POWER: Final = -3
_WORDS: Final = (32, 64)
_TABLED_POWERS: Final = 27


def double_text(value: float) -> str:
    """Write a finite double; a whole one keeps `.0`, a very large or small one gets an exponent."""
    sign = "-" if math.copysign(1, value) < 0 else ""
    digits, point = _digits(abs(value)) if value else ("0", 1)
    if 0 < point < _SCIENTIFIC_FROM:
        return f"{sign}{digits[:point].ljust(point, '0')}.{digits[point:] or '0'}"
    if _SCIENTIFIC_BELOW <= point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{point - 1}"


def _digits(value: float) -> tuple[str, int]:
    """Return the significant digits of a positive double and how many of them stand before its point."""
    numerator, denominator = value.as_integer_ratio()
    zeros = (numerator & -numerator).bit_length() - 1
    exponent = zeros - denominator.bit_length() + 1
    top = numerator.bit_length() - denominator.bit_length()
    if exponent >= 0 and top < _LONG_BITS:
        digits, point = _cut(numerator, top)
    else:
        digits, point = _divide(_Division.of(numerator >> zeros, exponent, top))
    return digits.rstrip("0"), point


def _cut(whole: int, top: int) -> tuple[str, int]:
    """Round a whole number whose highest bit is `top` where no bit of a double stands behind its digits."""
    spare = top - _PRECISION - 1
    dropped = int(spare * math.log10(2)) if spare > 1 else 0
    kept, rest = divmod(whole, 10**dropped)
    digits = str(kept + (dropped > 0 and 2 * rest >= 10**dropped))
    return digits, len(digits) + dropped


@dataclass(slots=True)
class _Division:
    """A double as `rest / divisor * 10**power`, beside half a unit in its last place as `slack / divisor`.

    `word` is the width of the machine word in which Java reckons; 0 if it needs more than one.
    """

    rest: int
    slack: int
    divisor: int
    power: int
    word: int

    @classmethod
    def of(cls, mantissa: int, exponent: int, top: int) -> _Division:
        """Set up the division of `mantissa * 2**exponent`, the mantissa being odd."""
        fraction = mantissa / (1 << (mantissa.bit_length() - 1))
        power = math.floor((fraction - 1.5) * 0.289529654 + 0.176091259 + top * 0.301029995663981)
        rest_fives, divisor_fives = max(-power, 0), max(power, 0)
        rest_twos = rest_fives + max(exponent, 0)
        divisor_twos = divisor_fives + max(-exponent, 0)
        slack_twos = rest_fives + max(top - _PRECISION, _MIN_EXPONENT - 1) + max(-exponent, 0)
        common = min(rest_twos, divisor_twos)
        slack_twos -= common + (mantissa == 1)  # the neighbour below a power of two is half as far away
        common += min(slack_twos, 0)
        rest_twos, divisor_twos, slack_twos = rest_twos - common, divisor_twos - common, max(slack_twos, 0)
        bits = max(
            mantissa.bit_length() + rest_twos + _bits_of_five(rest_fives),
            divisor_twos + 1 + _bits_of_five(divisor_fives + 1),
        )
        return cls(
            rest=mantissa * 5**rest_fives << rest_twos,
            slack=5**rest_fives << slack_twos,
            divisor=5**divisor_fives << divisor_twos,
            power=power,
            word=next((word for word in _WORDS if bits < word), 0),
        )

    def next_digit(self) -> tuple[int, bool, bool]:
        """Return a digit, and whether it and the digit above it are near enough to tell the double."""
        digit, self.rest = divmod(self.rest, self.divisor)
        self.rest *= 10
        self.slack *= 10
        tens, above = self.divisor * 10, self.rest + self.slack
        if not self.word:
            return digit, self.rest < self.slack, above >= tens
        if self.slack >> (self.word - 1):
            return digit, True, True
        return digit, self.rest < self.slack, self._wrapped(above) > tens

    def rounds_up(self, last: int) -> bool:
        """Tell whether the rest is more than half a digit, or half of an odd one."""
        difference = self.rest * 2 - self.divisor * 10
        if self.word:
            difference = self._wrapped(difference)
        return difference > 0 or (difference == 0 and last % 2 == 1)

    def _wrapped(self, value: int) -> int:
        half = 1 << (self.word - 1)
        return (value + half) % (2 * half) - half


def _divide(division: _Division) -> tuple[str, int]:
    digits: list[int] = []
    low = high = False
    first = True
    while not (low or high):
        digit, low, high = division.next_digit()
        if not first or digit or high:
            digits.append(digit)
        else:
            division.power -= 1
        if first and not _PLAIN_POWER <= division.power < _SCIENTIFIC_FROM:
            low = high = False  # the form with an exponent has two digits at least
        first = False
    up = high and (not low or division.rounds_up(digits[-1]))
    text = "".join(map(str, digits))
    rounded = str(int(text) + up).zfill(len(text))
    return rounded, division.power + 1 + len(rounded) - len(text)


def _bits_of_five(power: int) -> int:
    return (5**power).bit_length() if 0 < power < _TABLED_POWERS else 3 * power
