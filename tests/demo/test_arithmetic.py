"""The truth's own statistics, held against published figures and against scipy's tests."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tallystick.dev.demo.arithmetic import Sample, sample_ratio_p, two_proportions, welch
from tallystick.dev.demo.published import Published, published_figures

GATE_30, GATE_40 = 44_700, 45_489
amounts = st.lists(st.decimals(0, 1000, places=2), min_size=2, max_size=40)


def conversions(n: int, converted: int) -> Sample:
    return Sample(n, Decimal(converted), Decimal(converted))


@pytest.mark.parametrize(
    ("control", "challenger", "z", "p"),
    [(20_034, 20_119, -1.78409, 0.0744097), (8_502, 8_279, -3.16436, 0.00155425)],
)
def test_two_proportions_gives_the_published_retention(control: int, challenger: int, z: float, p: float) -> None:
    found = two_proportions(conversions(GATE_30, control), conversions(GATE_40, challenger))
    assert found.statistic == pytest.approx(z, abs=5e-6)
    assert found.p_value == pytest.approx(p, abs=5e-8)


def test_welch_gives_the_published_game_rounds() -> None:
    control = Sample(GATE_30, Decimal(2_344_795), Decimal(3_068_811_771))
    challenger = Sample(GATE_40, Decimal(2_333_530), Decimal(605_052_202))
    found = welch(control, challenger)
    assert found.statistic == pytest.approx(-0.88544, abs=5e-6)
    assert found.df == pytest.approx(58_595.5, abs=0.05)
    assert found.p_value == pytest.approx(0.37592, abs=5e-6)


def test_sample_ratio_gives_the_known_answers() -> None:
    even = {"a": Decimal("0.5"), "b": Decimal("0.5")}
    assert sample_ratio_p({"a": 44_700, "b": 45_489}, even) == pytest.approx(0.0086080, abs=5e-8)
    assert sample_ratio_p({"a": 821_588, "b": 815_482}, even) == pytest.approx(1.8218e-06, rel=1e-4)
    assert sample_ratio_p({"a": 600, "b": 400}, even) == pytest.approx(2.5396e-10, rel=1e-4)


def test_sample_ratio_takes_weights_that_do_not_add_up_to_one() -> None:
    units = {"a": 510, "b": 240, "c": 250}
    halves = {"a": Decimal("0.5"), "b": Decimal("0.25"), "c": Decimal("0.25")}
    assert sample_ratio_p(units, {arm: 4 * weight for arm, weight in halves.items()}) == sample_ratio_p(units, halves)
    assert sample_ratio_p(units, halves) == pytest.approx(stats.chisquare([510, 240, 250], [500, 250, 250]).pvalue)


@pytest.mark.filterwarnings("ignore:Precision loss")
@given(control=amounts, challenger=amounts)
def test_welch_agrees_with_scipy(control: list[Decimal], challenger: list[Decimal]) -> None:
    found = welch(Sample.of(control, n=len(control)), Sample.of(challenger, n=len(challenger)))
    if len(set(control)) == len(set(challenger)) == 1:
        assert found.p_value is None
        return
    oracle = stats.ttest_ind(np.array(challenger, float), np.array(control, float), equal_var=False)
    assert found.statistic == pytest.approx(oracle.statistic, rel=1e-6, abs=1e-9)
    assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-6, abs=1e-12)


def test_units_without_an_outcome_count_as_zero() -> None:
    sample = Sample.of([Decimal(10), Decimal(20)], n=4)
    assert sample.mean == 7.5
    assert float(sample.variance) == pytest.approx(np.var([10, 20, 0, 0], ddof=1))


@pytest.mark.parametrize("sizes", [(0, 0), (0, 5), (1, 1)])
def test_an_empty_arm_has_no_p_value(sizes: tuple[int, int]) -> None:
    control, challenger = (Sample(n, Decimal(0), Decimal(0)) for n in sizes)
    assert two_proportions(control, challenger).p_value is None
    assert welch(control, challenger).p_value is None


def test_a_printed_figure_agrees_to_its_digits_and_no_further() -> None:
    figure = Published("retention_1", "p_value", "0.0744097")
    assert figure.agrees(0.07440965529691916)
    assert not figure.agrees(0.0744095)
    assert not figure.agrees(0.0744099)
    assert Published("", "units", "44700", "gate_30").agrees(44_700)
    assert not Published("", "units", "44700", "gate_30").agrees(44_701)


def test_only_the_published_file_has_published_figures() -> None:
    assert published_figures("0" * 64) == ()
