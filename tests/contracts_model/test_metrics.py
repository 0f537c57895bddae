"""What contracts say about experiments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.contracts_model.conftest import faults_of, record

from tallystick.contracts import load_catalog
from tallystick.contracts.vocabulary import duration_seconds

if TYPE_CHECKING:
    from tests.contracts_model.conftest import Json, Write


def outcome(*metrics: Json, **other: Json) -> dict[str, Json]:
    fields = [{"name": "total", "type": "long"}, {"name": "day", "type": "int"}]
    return record("Paid", *fields, **{"tallystick:experiment": {"role": "outcome", "metrics": list(metrics), **other}})


def metric(**other: Json) -> dict[str, Json]:
    return {"key": "revenue", "type": "mean", "aggregation": "sum", "value": "total", **other}


def test_metrics_of_the_project_are_read() -> None:
    part = load_catalog(Path(__file__).parents[2] / "schemas")["game.PlayerReturned"].experiment
    assert part is not None
    assert (part.role, part.unit_type) == ("outcome", "player")
    first, second = part.metrics
    assert (first.key, first.type, first.aggregation, first.value) == ("retention_1", "proportion", "count", ())
    assert dict(second.where) == {("days_since_install",): 7}
    assert second.window_seconds == 8 * 86_400


def test_an_event_without_the_property_plays_no_part() -> None:
    assert load_catalog(Path(__file__).parents[2] / "schemas")["shop.PageViewed"].experiment is None


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (outcome(metric(agregation="sum")), "unknown key 'agregation' (did you mean 'aggregation'?)"),
        (outcome(metric(aggregation="avg")), "has aggregation 'avg'"),
        (outcome(metric(type="means")), "did you mean 'mean'?"),
        (outcome(metric(value="totl")), "did you mean 'total'?"),
        (outcome(metric(where={"dya": 1})), "did you mean 'day'?"),
        (outcome(metric(window="7 days")), "'7 days' is no duration"),
        (outcome(metric(value=None)), "names no value"),
        (outcome(metric(key=7)), "needs a text under 'key'"),
        (outcome("revenue"), "a metric is no object"),
        (outcome(role="outcom"), "did you mean 'outcome'?"),
        (outcome(metrics={}), "needs a list under 'metrics'"),
        (record("R", **{"tallystick:experiment": "outcome"}), "is no object"),
    ],
)
def test_what_cannot_be_is_a_fault_with_a_hint(write: Write, schema: Json, words: str) -> None:
    assert any(words in fault for fault in faults_of(write({"Paid.avsc": schema})))


def test_all_faults_of_a_contract_are_told(write: Write) -> None:
    assert len(faults_of(write({"Paid.avsc": outcome(metric(type="x", window="y", value="z"))}))) == 3


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("P7D", 604_800), ("PT12H", 43_200), ("P1DT2H3M4S", 93_784), ("P2W", 1_209_600), ("PT0S", 0)],
)
def test_durations_are_read(text: str, seconds: int) -> None:
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "7D", "P1M", "P1Y", "P-1D", "P1.5D", "p1d", "P1DT"])
def test_what_is_no_fixed_length_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        duration_seconds(text)
