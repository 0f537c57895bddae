"""Gold: the figures follow from Silver alone, and say first whether they can be believed."""

from __future__ import annotations

import math
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tests.streaming.conftest import DEFINED, EXPOSED, ORDERED, START, World, definition, exposure, make_world, order

from tallystick.streaming import delta, gold
from tallystick.streaming.errors import LakeError
from tallystick.streaming.gold import GoldOptions
from tallystick.streaming.gold.statistics import Arm, compare

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

CONTROLS, TREATMENTS = 30, 20


@pytest.fixture(scope="module")
def told(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, contracts: dict[str, str]) -> World:
    """Fifty units in two arms, of which some buy; one in both arms; one experiment with three arms and no weights."""
    world = make_world(spark, tmp_path_factory.mktemp("gold"), contracts.values())
    three = [{"variant_key": key, "weight": None, "is_control": key == "a"} for key in ("a", "b", "c")]
    rows: list[tuple[str, dict[str, Any]]] = [
        (DEFINED, definition(1, metrics=["order_conversion", "revenue", "never_seen"])),
        (DEFINED, definition(2, key="three", variants=three, metrics=["order_conversion"])),
    ]
    for index in range(CONTROLS + TREATMENTS):
        arm = "control" if index < CONTROLS else "treatment"
        rows.append((EXPOSED, exposure(100 + index, 1, f"u{index}", arm)))
        rows.append((EXPOSED, exposure(300 + index, 1, f"u{index}", "abc"[index % 3], key="three")))
        if index % 3 == 0:
            rows.append((ORDERED, order(500 + index, 2, f"u{index}", f"{index}.50")))
        if index % 6 == 0:
            rows.append((ORDERED, order(700 + index, 3, f"u{index}", "1.25")))
    rows.append((EXPOSED, exposure(900, 1, "both", "control", late=7200.0)))
    rows.append((EXPOSED, exposure(901, 2, "both", "treatment")))
    world.land([world.value(name, record) for name, record in rows])
    world.silver()
    gold.run(spark, world.lake, GoldOptions(once=True))
    return world


def rows(world: World, table: str, key: str = "checkout", *, as_of: str = "min") -> list[dict[str, Any]]:
    """The rows of an experiment for the earliest or the latest time that Gold was computed for."""
    every = delta.read(world.spark, world.lake.gold(table))
    moment = every.selectExpr(f"{as_of}(as_of) AS as_of")
    found = every.join(moment, "as_of").where(f"experiment_key = '{key}'").collect()
    return [row.asDict() for row in found]


def expected_arm(indices: range) -> list[Decimal]:
    totals = []
    for index in indices:
        total = Decimal(f"{index}.50") if index % 3 == 0 else Decimal(0)
        totals.append(total + (Decimal("1.25") if index % 6 == 0 else 0))
    return totals


def test_every_assigned_unit_counts_with_zero_where_it_has_no_outcome(told: World) -> None:
    found = {(row["metric_key"], row["variant_key"]): row for row in rows(told, "experiment_variant_metrics")}
    for variant, indices in (("control", range(CONTROLS)), ("treatment", range(CONTROLS, CONTROLS + TREATMENTS))):
        totals = expected_arm(indices)
        row = found["revenue", variant]
        assert (row["units"], row["sum"]) == (len(totals), sum(totals))
        assert row["sum_squares"] == sum(total * total for total in totals)
        assert row["mean"] == pytest.approx(float(sum(totals)) / len(totals))
        assert row["converters"] == sum(total > 0 for total in totals)
        converted = found["order_conversion", variant]
        assert converted["sum"] == converted["sum_squares"] == converted["converters"]
    assert {key for key, _ in found} == {"order_conversion", "revenue"}  # no outcome of the third was ever seen


def test_the_comparison_is_that_of_the_counted_sums(told: World) -> None:
    found = {row["metric_key"]: row for row in rows(told, "experiment_results")}
    arms = [expected_arm(indices) for indices in (range(CONTROLS), range(CONTROLS, CONTROLS + TREATMENTS))]
    control, treatment = (Arm(len(each), sum(each), sum(total * total for total in each)) for each in arms)
    expected = compare(control, treatment, proportion=False)
    assert expected is not None
    row = found["revenue"]
    assert (row["variant_key"], row["control_key"], row["test"]) == ("treatment", "control", "welch")
    assert (row["diff"], row["p_value"], row["ci_low"]) == (expected.diff, expected.p_value, expected.low)
    assert row["p_value_adjusted"] == row["p_value"]
    assert found["order_conversion"]["test"] == "pooled_z"
    assert found["order_conversion"]["welch_p_value"] is not None


def test_undeclared_weights_leave_the_sample_ratio_untested(told: World) -> None:
    (health,) = rows(told, "experiment_health", "three")
    assert (health["srm_status"], health["srm_p"], health["trustworthy"]) == ("undeclared", None, True)
    assert health["units_by_variant"] == {"a": 17, "b": 17, "c": 16}


def test_several_treatments_are_adjusted_for_each_other(told: World) -> None:
    found = rows(told, "experiment_results", "three")
    assert sorted(row["variant_key"] for row in found) == ["b", "c"]
    for row in found:
        assert row["adjustment"] == "holm"
        assert row["p_value_adjusted"] is None or row["p_value_adjusted"] >= row["p_value"]


def test_health_counts_what_was_left_out_and_how_late_things_came(told: World) -> None:
    (health,) = rows(told, "experiment_health")
    assert health["units_by_variant"] == {"control": CONTROLS, "treatment": TREATMENTS}
    assert health["contaminated_by_first_variant"] == {"control": 1, "treatment": 0}
    assert health["excluded_by_status"] == {"contaminated": 1}
    assert health["late_share"] == pytest.approx(1 / 52)
    assert health["srm_status"] == "ok"
    assert math.isclose(health["srm_chi2"], 2.0)
    assert health["is_finalized"] is False


def test_units_whose_window_is_open_are_counted_as_in_progress(told: World) -> None:
    found = {row["variant_key"]: row["units_in_progress"] for row in rows(told, "experiment_variant_metrics")}
    assert found == {"control": CONTROLS, "treatment": TREATMENTS}
    gold.compute(told.spark, told.lake, START + timedelta(days=30))
    later = rows(told, "experiment_variant_metrics", as_of="max")
    assert {row["units_in_progress"] for row in later} == {0}


def test_the_same_silver_gives_the_same_gold_and_no_more_rows(told: World) -> None:
    before = rows(told, "experiment_results")
    gold.run(told.spark, told.lake, GoldOptions(once=True))
    after = rows(told, "experiment_results")
    assert sorted(map(repr, after)) == sorted(map(repr, before))


def test_a_broken_split_marks_every_result_as_not_trustworthy(world: World) -> None:
    records = [(DEFINED, definition(1, metrics=["order_conversion"]))]
    records += [(EXPOSED, exposure(100 + n, 1, f"u{n}", "control" if n % 10 else "treatment")) for n in range(100)]
    records += [(ORDERED, order(500 + n, 2, f"u{n}", "1.00")) for n in range(0, 100, 7)]
    world.land([world.value(name, record) for name, record in records])
    world.silver()
    gold.run(world.spark, world.lake, GoldOptions(once=True))
    (health,) = rows(world, "experiment_health")
    assert (health["srm_status"], health["trustworthy"]) == ("mismatch", False)
    assert {row["trustworthy"] for row in rows(world, "experiment_results")} == {False}


def test_gold_without_silver_says_what_to_run_first(world: World) -> None:
    with pytest.raises(LakeError) as raised:
        gold.run(world.spark, world.lake, GoldOptions(once=True))
    assert "stream silver" in raised.value.fix
