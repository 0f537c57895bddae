"""Experiment definitions: read strictly, and held against the contracts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tallystick.contracts import CatalogError, check_experiments, load_catalog, load_experiments

if TYPE_CHECKING:
    from tests.contracts_model.conftest import Write

ROOT = Path(__file__).parents[2]
GOOD = """
experiment_key: cta
phase: 1
version: 1
unit_type: user
exposure_event: shop.ExperimentExposed
variants:
  - {variant_key: control, weight: "0.5", is_control: true}
  - {variant_key: treatment, weight: 0.5}
start_at: 2026-01-05T00:00:00Z
metrics: [revenue]
"""


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(CatalogError) as caught:
        load_experiments(folder)
    return [str(each) for each in caught.value.faults]


def test_the_definitions_of_the_project_fit_its_contracts() -> None:
    definitions = load_experiments(ROOT / "experiments")
    assert [each.experiment_key for each in definitions] == sorted(each.experiment_key for each in definitions)
    assert check_experiments(definitions, load_catalog(ROOT / "schemas")) == ()


def test_a_definition_is_read_with_its_defaults(write: Write) -> None:
    (definition,) = load_experiments(write({"cta.yaml": GOOD}))
    assert definition.start_at == datetime(2026, 1, 5, tzinfo=UTC)
    assert definition.end_at is None
    assert definition.srm_alpha == Decimal("0.001")
    assert definition.multiple_exposure == "EXCLUDE"
    assert [each.weight for each in definition.variants] == [Decimal("0.5"), Decimal("0.5")]
    assert [each.is_control for each in definition.variants] == [True, False]


def test_weights_may_be_left_out_by_all(write: Write) -> None:
    text = GOOD.replace('weight: "0.5", ', "").replace(", weight: 0.5", "")
    (definition,) = load_experiments(write({"cta.yaml": text}))
    assert [each.weight for each in definition.variants] == [None, None]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("phase: 1", "fase: 1", "unknown key 'fase' (did you mean 'phase'?)"),
        ("phase: 1", "", "lacks phase"),
        ("phase: 1", "phase: 0", "phase in the definition is no whole number from 1"),
        ("version: 1", "version: true", "is no whole number"),
        ("unit_type: user", "unit_type: 7", "is no text"),
        ("weight: 0.5", "weight: 0.4", "the weights sum to 0.9, not to 1"),
        (", weight: 0.5", "", "either every variant has a weight or none"),
        ("weight: 0.5", "weight: 0.1234567", "at most 6 digits"),
        ("weight: 0.5", "weight: .nan", "is not within 0 and 1"),
        ("weight: 0.5", "weight: -1", "is not within 0 and 1"),
        ("weight: 0.5", "wieght: 0.5", "did you mean 'weight'?"),
        (", is_control: true", "", "exactly one variant is the control"),
        ("weight: 0.5}", "weight: 0.5, is_control: true}", "exactly one variant is the control"),
        ("variant_key: treatment", "variant_key: control", "the same variant_key"),
        ("2026-01-05T00:00:00Z", "2026-01-05T00:00:00", "no time with offset"),
        ("2026-01-05T00:00:00Z", "2026-01-05", "no time with offset"),
        ("2026-01-05T00:00:00Z", "soon", "no time with offset"),
        ("metrics: [revenue]", "end_at: 2026-01-05T00:00:00Z", "end_at is not after start_at"),
        ("metrics: [revenue]", "metrics: [revenue, revenue]", "no list of different texts"),
        ("metrics: [revenue]", "multiple_exposure: SOMETIMES", "neither EXCLUDE nor FIRST_SEEN"),
        ("metrics: [revenue]", "srm_alpha: high", "is no number"),
    ],
)
def test_mistakes_are_told(write: Write, old: str, new: str, words: str) -> None:
    assert old in GOOD
    assert any(words in fault for fault in faults_of(write({"cta.yaml": GOOD.replace(old, new)})))


def test_every_fault_of_every_file_is_told_at_once(write: Write) -> None:
    folder = write({"a.yaml": GOOD.replace("phase: 1", "phase: x"), "b.yaml": "[]", "c.yaml": ": :"})
    assert {fault.split(":")[0].rpartition("/")[2] for fault in faults_of(folder)} == {"a.yaml", "b.yaml", "c.yaml"}


def test_one_version_is_defined_once(write: Write) -> None:
    (fault,) = faults_of(write({"a.yaml": GOOD, "b.yaml": GOOD}))
    assert "is there twice" in fault


def test_what_the_contracts_do_not_bear_out_is_told_with_a_hint(write: Write) -> None:
    text = GOOD.replace("[revenue]", "[revenu, retention_1]").replace("shop.ExperimentExposed", "shop.ExperimentExposd")
    faults = check_experiments(load_experiments(write({"cta.yaml": text})), load_catalog(ROOT / "schemas"))
    told = [str(each) for each in faults]
    assert any("did you mean 'shop.ExperimentExposed'?" in each for each in told)
    assert any("did you mean 'revenue'?" in each for each in told)
    assert any("counts per player, not per user" in each for each in told)


def test_the_unit_must_be_that_of_the_exposure(write: Write) -> None:
    text = GOOD.replace("shop.ExperimentExposed", "game.GateExposed")
    faults = check_experiments(load_experiments(write({"cta.yaml": text})), load_catalog(ROOT / "schemas"))
    assert any("game.GateExposed exposes a player, not a user" in str(each) for each in faults)
