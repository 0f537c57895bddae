"""The statistics give the published answers, and hold the identities that any right answer holds."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tallystick.streaming.gold.statistics import Arm, compare, holm, sample_ratio

HALF = Decimal("0.5")


def proportion(units: int, converters: int) -> Arm:
    return Arm(units, converters, converters)


@pytest.mark.parametrize(
    ("units", "p_value"),
    [((821588, 815482), 1.8218e-06), ((600, 400), 2.5396e-10), ((44700, 45489), 0.0086080)],
)
def test_the_sample_ratio_gives_the_known_p_values(units: tuple[int, int], p_value: float) -> None:
    found = sample_ratio(units, (HALF, HALF), alpha=0.001)
    assert found.p_value == pytest.approx(p_value, rel=5e-5)
    assert found.status == ("mismatch" if p_value < 0.001 else "ok")


@pytest.mark.parametrize(
    ("converters", "z", "p_value"),
    [((20034, 20119), -1.78409, 0.0744097), ((8502, 8279), -3.16436, 0.0015543)],
)
def test_cookie_cats_retention_gives_the_published_z(converters: tuple[int, int], z: float, p_value: float) -> None:
    found = compare(proportion(44700, converters[0]), proportion(45489, converters[1]), proportion=True)
    assert found is not None
    assert found.test == "pooled_z"
    assert found.statistic == pytest.approx(z, abs=5e-6)
    # The published 0.0015543 is 0.00155424998 rounded up in its last digit.
    assert found.p_value == pytest.approx(p_value, abs=5.1e-8)
    assert found.df is None


def test_cookie_cats_seventh_day_gives_the_published_welch_p_value_beside_z() -> None:
    found = compare(proportion(44700, 8502), proportion(45489, 8279), proportion=True)
    assert found is not None
    assert found.welch_p_value == pytest.approx(0.0015565, abs=5e-8)


def test_cookie_cats_rounds_give_the_published_welch_test() -> None:
    found = compare(Arm(44700, 2344795, 3068811771), Arm(45489, 2333530, 605052202), proportion=False)
    assert found is not None
    assert found.test == "welch"
    assert found.statistic == pytest.approx(-0.88544, abs=5e-6)
    assert found.df == pytest.approx(58595.5, abs=0.05)
    assert found.p_value == pytest.approx(0.37592, abs=5e-6)


def test_two_means_give_the_known_difference_and_interval() -> None:
    control = Arm(3407, Decimal("1396.87"), Decimal("52377.9767"))
    treatment = Arm(3461, Decimal("2422.7"), Decimal("134698.29"))
    found = compare(control, treatment, proportion=False)
    assert found is not None
    assert found.diff == pytest.approx(0.29, abs=5e-4)
    assert found.standard_error == pytest.approx(0.1247836, abs=5e-8)
    assert found.p_value == pytest.approx(0.0201584, abs=5e-8)
    assert (found.low, found.high) == pytest.approx((0.0453779, 0.5346221), abs=5e-5)


values = st.lists(st.integers(-50, 50), min_size=2, max_size=40)


@given(values, values)
def test_welch_from_sums_is_scipys_welch_from_values(control: list[int], treatment: list[int]) -> None:
    found = compare(_arm(control), _arm(treatment), proportion=False)
    assert found is not None
    if found.standard_error:
        expected = stats.ttest_ind(treatment, control, equal_var=False)
        assert found.statistic == pytest.approx(float(expected.statistic), rel=1e-9, abs=1e-12)
        assert found.p_value == pytest.approx(float(expected.pvalue), rel=1e-9, abs=1e-15)
        interval = expected.confidence_interval()
        assert (found.low, found.high) == pytest.approx((float(interval.low), float(interval.high)), rel=1e-9, abs=1e-9)
    else:
        assert found.p_value is None


@given(values, values)
def test_swapping_the_arms_turns_the_sign_and_nothing_else(control: list[int], treatment: list[int]) -> None:
    one = compare(_arm(control), _arm(treatment), proportion=False)
    other = compare(_arm(treatment), _arm(control), proportion=False)
    assert one is not None
    assert other is not None
    assert one.diff == -other.diff
    assert one.p_value == other.p_value


def test_a_large_offset_does_not_eat_the_variance() -> None:
    offset = 10**12
    small = Arm(3, 1 + 2 + 3, 1 + 4 + 9)
    shifted = [offset + value for value in (1, 2, 3)]
    large = Arm(3, sum(shifted), sum(value * value for value in shifted))
    assert large.variance == small.variance == 1.0


def test_undeclared_weights_give_no_p_value_and_never_assume_an_even_split() -> None:
    found = sample_ratio((600, 400), (HALF, None), alpha=0.001)
    assert (found.status, found.p_value, found.chi2) == ("undeclared", None, None)


def test_a_handful_of_units_is_too_few_to_judge_a_split() -> None:
    assert sample_ratio((5, 0), (HALF, HALF), alpha=0.001).status == "too_few"


def test_arms_without_units_are_not_compared() -> None:
    assert compare(Arm(0, 0, 0), proportion(100, 5), proportion=True) is None
    assert compare(proportion(100, 5), Arm(1, 1, 1), proportion=True) is None


def test_units_that_all_agree_give_no_p_value_but_an_interval() -> None:
    found = compare(proportion(10, 0), proportion(10, 0), proportion=True)
    assert found is not None
    assert (found.p_value, found.statistic, found.diff, found.low, found.high) == (None, None, 0.0, 0.0, 0.0)
    assert found.relative is None


def test_the_relative_interval_is_symmetric_on_the_log_scale_and_names_its_method() -> None:
    found = compare(proportion(1000, 100), proportion(1000, 130), proportion=True)
    assert found is not None
    assert found.relative is not None
    assert found.relative.method == "log"
    assert found.relative.lift == pytest.approx(0.3)
    assert found.relative.low is not None
    assert found.relative.high is not None
    middle = math.sqrt((1 + found.relative.low) * (1 + found.relative.high))
    assert middle == pytest.approx(1.3)


def test_holm_multiplies_the_smallest_by_all_and_never_decreases() -> None:
    assert holm((0.01, 0.04, 0.03, None)) == pytest.approx((0.03, 0.06, 0.06, None))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_never_makes_a_p_value_smaller(p_values: list[float]) -> None:
    adjusted = [each for each in holm(p_values) if each is not None]
    assert all(p <= after <= 1 for p, after in zip(p_values, adjusted, strict=True))
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    assert [adjusted[index] for index in order] == sorted(adjusted)


def _arm(numbers: list[int]) -> Arm:
    return Arm(len(numbers), sum(numbers), sum(number * number for number in numbers))
