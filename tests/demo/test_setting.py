"""What the demo reads off the contracts before it begins, and the past that it derives from them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from tests.demo.samples import CHECKOUT, SEARCH

from tallystick.contracts import compatibility, load_catalog, load_experiments, parse
from tallystick.dev.demo.errors import SettingError
from tallystick.dev.demo.legacy import derive_old_release
from tallystick.dev.demo.setting import trials_of
from tallystick.dev.demo.simulator import simulate
from tallystick.events.shop import ExperimentExposed, OrderCompleted

if TYPE_CHECKING:
    from pathlib import Path


def test_the_experiments_are_those_of_the_project(root: Path) -> None:
    catalog, definitions = load_catalog(root / "schemas"), load_experiments(root / "experiments")
    trials = trials_of(catalog, definitions, exposure_event=ExperimentExposed.SUBJECT)
    assert [trial.key for trial in trials] == ["checkout_cta", "search_ranking"]
    checkout, search = trials
    assert checkout.control.key == "control"
    assert [(arm.key, arm.weight) for arm in search.challengers] == [
        ("semantic", Decimal("0.25")),
        ("hybrid", Decimal("0.25")),
    ]
    assert {measure.key: (measure.is_proportion, measure.adds_value) for measure in checkout.measures} == {
        "order_conversion": (True, False),
        "orders_per_user": (False, False),
        "revenue": (False, True),
    }
    assert all(measure.window == timedelta(days=7) for trial in trials for measure in trial.measures)


def test_of_several_versions_the_last_one_counts(root: Path) -> None:
    catalog, (first, *_) = load_catalog(root / "schemas"), load_experiments(root / "experiments")
    later = replace(first, version=2, end_at=first.start_at + timedelta(days=3))
    (trial,) = trials_of(catalog, [later, first], exposure_event=first.exposure_event)
    assert trial.end - trial.start == timedelta(days=3)


def test_an_experiment_that_cannot_be_played_through_is_named(root: Path) -> None:
    catalog, (first, *_) = load_catalog(root / "schemas"), load_experiments(root / "experiments")
    unweighed = replace(first, variants=tuple(replace(each, weight=None) for each in first.variants))
    for broken in (replace(first, end_at=None), replace(first, metrics=("joy",)), unweighed):
        with pytest.raises(SettingError, match=first.experiment_key):
            trials_of(catalog, [broken], exposure_event=broken.exposure_event)
    with pytest.raises(SettingError, match="no experiment"):
        trials_of(catalog, [], exposure_event="shop.Nothing")


def test_the_older_contract_lacks_one_optional_field_and_nothing_else(root: Path, tmp_path: Path) -> None:
    old = derive_old_release(root / "schemas", OrderCompleted.SUBJECT, folder=tmp_path / "before")
    then, now = json.loads(old.text)["fields"], json.loads(OrderCompleted.SCHEMA)["fields"]
    assert [field["name"] for field in then] == [field["name"] for field in now if field["name"] != old.field]
    assert len(then) == len(now) - 1
    today, past = parse(OrderCompleted.SCHEMA), parse(old.text)
    assert compatibility(reader=today, writer=past) == compatibility(reader=past, writer=today) == ()
    others = {each.name: each.text for each in load_catalog(old.schemas) if each.name != old.subject}
    assert others == {each.name: each.text for each in load_catalog(root / "schemas") if each.name != old.subject}


def test_old_apps_send_the_older_contract_and_new_ones_the_newer(root: Path, tmp_path: Path) -> None:
    old = derive_old_release(root / "schemas", OrderCompleted.SUBJECT, folder=tmp_path / "before")
    traffic = simulate(seed=3, users=400, trials=(CHECKOUT, SEARCH), downgrade=old.downgrade)
    orders = [send for send in traffic.sends if send.event.SUBJECT == OrderCompleted.SUBJECT]
    kinds = {type(send.event) for send in orders}
    assert kinds == {OrderCompleted, old.record}
    assert {send.app for send in orders if type(send.event) is old.record} == {"shop-app"}
    for send in orders:
        assert send.event.from_avro(send.event.to_avro()) == send.event


def test_a_contract_without_an_optional_field_has_no_past(root: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no optional field"):
        derive_old_release(root / "schemas", "game.RoundsPlayed", folder=tmp_path / "before")
    with pytest.raises(SettingError, match="no contract"):
        derive_old_release(root / "schemas", "shop.Nothing", folder=tmp_path / "before")
