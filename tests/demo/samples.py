"""A report's input, made up: two experiments, some refusals, checks that agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tallystick.dev.demo.findings import ArmFigures, Effect, Findings, MetricFindings, Rejection, TrialFindings
from tallystick.dev.demo.setting import Arm, Measure, Trial

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(days=7)


def trial(key: str, *arms: tuple[str, str], metrics: tuple[str, ...]) -> Trial:
    return Trial(
        key=key,
        start=START,
        end=START + 2 * WEEK,
        srm_alpha=Decimal("0.001"),
        arms=tuple(Arm(name, Decimal(weight), index == 0) for index, (name, weight) in enumerate(arms)),
        measures=tuple(Measure(name, name == "order_conversion", name == "revenue", WEEK) for name in metrics),
    )


CHECKOUT = trial(
    "checkout_cta",
    ("control", "0.5"),
    ("treatment", "0.5"),
    metrics=("order_conversion", "orders_per_user", "revenue"),
)
SEARCH = trial(
    "search_ranking",
    ("popularity", "0.5"),
    ("semantic", "0.25"),
    ("hybrid", "0.25"),
    metrics=("order_conversion", "revenue"),
)


def metric(control: float, lifts: dict[str, float], *, spread: float, name: str) -> MetricFindings:
    arms = {name: ArmFigures(5000, Decimal(str(round(control * 5000, 2))), Decimal(9000), control)}
    effects = {}
    for arm, lift in lifts.items():
        arms[arm] = ArmFigures(
            5000, Decimal(str(round(control * 5000 * (1 + lift), 2))), Decimal(9900), control * (1 + lift)
        )
        effects[arm] = Effect(
            diff=control * lift,
            low=control * (lift - spread),
            high=control * (lift + spread),
            relative=lift,
            relative_low=lift - spread,
            relative_high=lift + spread,
            statistic=lift / spread * 1.96,
            df=None,
            p_value=0.00003 if abs(lift) > spread else 0.412,
        )
    return MetricFindings(
        arms, effects, {"attributed": 2210, "before_exposure": 90, "after_window": 131, "excluded": 80}
    )


def findings() -> Findings:
    checkout = TrialFindings(
        units={
            "assigned": {"control": 4988, "treatment": 5041},
            "contaminated": {"control": 80, "treatment": 77},
            "excluded_bot": {"control": 75, "treatment": 81},
            "excluded_internal": {"control": 25, "treatment": 21},
            "excluded_override": {"control": 24, "treatment": 28},
            "unknown_variant": {"variant_of_last_year": 31},
        },
        srm_p=0.5964,
        is_trustworthy=True,
        metrics={
            "order_conversion": metric(0.36, {"treatment": 0.164}, spread=0.05, name="control"),
            "orders_per_user": metric(0.41, {"treatment": 0.151}, spread=0.062, name="control"),
            "revenue": metric(9.83, {"treatment": 0.142}, spread=0.081, name="control"),
        },
    )
    search = TrialFindings(
        units={"assigned": {"popularity": 5102, "semantic": 2514, "hybrid": 2533}, "contaminated": {"hybrid": 170}},
        srm_p=0.842,
        is_trustworthy=True,
        metrics={
            "order_conversion": metric(0.33, {"semantic": 0.004, "hybrid": 0.131}, spread=0.066, name="popularity"),
            "revenue": metric(9.1, {"semantic": -0.021, "hybrid": 0.102}, spread=0.093, name="popularity"),
        },
    )
    return Findings(
        accepted=112_874,
        definitions=2,
        rejected={"INVALID": 890, "UNKNOWN_TYPE": 65, "UNKNOWN_VERSION": 60, "MALFORMED_JSON": 60},
        undecodable={"UNKNOWN_SCHEMA": 2, "UNDECODABLE": 7},
        bronze=114_022,
        silver={"events": 107_402, "exposures": 31_002, "experiment_units": 20_812, "outcomes": 24_441, "rejects": 9},
        gold={"experiment_variant_metrics": 12, "experiment_results": 7, "experiment_health": 2},
        events={"shop.PageViewed": 68_000, "shop.ExperimentExposed": 31_002, "shop.OrderCompleted": 8_147},
        versions={"shop.OrderCompleted": {"1": 1441, "4": 6706}},
        lateness={"under 1 min": 96_640, "1 to 6 h": 2671, "6 to 24 h": 2604, "1 to 2 days": 2711, "2 to 5 days": 2776},
        outcomes={"order_conversion": 8147, "orders_per_user": 8147, "revenue": 8147},
        uncovered={"order_conversion": 611, "orders_per_user": 611, "revenue": 611},
        conflicts=0,
        rejections=(
            Rejection(
                "API", "INVALID", 66, "an amount as a JSON number", '{"type":"shop.OrderCompleted","total":12.5}'
            ),
            Rejection("API", "MALFORMED_JSON", 60, "<script>alert(1)</script>", "<script>alert(2)</script>"),
            Rejection("Spark", "UNKNOWN_SCHEMA", 2, "a schema id that no registry knows", "00 7f ff ff ff 02 61"),
        ),
        trials={"checkout_cta": checkout, "search_ranking": search},
    )
