"""Examples made from contracts: valid ones are taken, wrong ones refused, and the same seed gives the same ones."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.codegen.strategies import contracts
from tests.rules.orders import SCHEMA as ORDER

from tallystick.codegen import load
from tallystick.contracts import Catalog, load_catalog
from tallystick.contracts.types import Enum, Primitive, Union, walk
from tallystick.sdk._codec.binding import Binding
from tallystick.sdk.samples import SampleError, boundaries, mistakes, samples
from tallystick.sdk.samples._patterns import matching

if TYPE_CHECKING:
    from pathlib import Path

    from tallystick.sdk.record import Record

SOME = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def assert_good(cls: type[Record], record: Record) -> None:
    assert cls.from_json(record.to_json()) == record
    assert cls.from_avro(record.to_avro()) == record


@pytest.fixture(scope="module")
def classes(root: Path) -> dict[str, Any]:
    return load(load_catalog(root / "schemas"))


def ruled(*rules: str) -> type[Record]:
    stated = [{"name": f"rule {index}", "expr": text} for index, text in enumerate(rules)]
    text = json.dumps({**ORDER, "confluent:rules": stated})
    cls: type[Record] = load(Catalog.of_texts({"order": text}))["ruled.Order"]
    return cls


RULES = (
    "this.code.matches('^[A-Z]{3}-[0-9]{2,4}$')",
    "this.total >= 0.01 && this.total <= 100",
    "this.item_count == size(this.lines)",
    "this.lines.all(line, line.quantity > 0 && line.quantity <= 3)",
    "this.note == null || (size(this.note) <= 12 && this.note.startsWith('re: '))",
    "this.state in ['PAID', 'SENT']",
    "this.seen_at == null || this.seen_at >= this.at",
    "this.at > timestamp('2030-01-01T00:00:00Z')",
    "!this.is_gift || this.ratio == 0.5",
)


def test_every_contract_has_samples_that_it_takes_and_mistakes_that_it_refuses(classes: dict[str, Any]) -> None:
    for cls in classes.values():
        for record in samples(cls, count=5, seed=1):
            assert_good(cls, record)
        for each in boundaries(cls):
            assert_good(cls, each.record)
        found = mistakes(cls, count=25, seed=1)
        assert len({(each.told, each.path) for each in found}) > 10
        for mistake in found:
            assert mistake.violations
            assert any(fault.path.startswith(mistake.path) for fault in mistake.violations), mistake


@SOME
@given(contracts(), st.integers(0, 9))
def test_so_has_any_contract(cls: type[Record], seed: int) -> None:
    for record in [*samples(cls, count=2, seed=seed), *(each.record for each in boundaries(cls))]:
        assert_good(cls, record)
    assert mistakes(cls, count=3, seed=seed)[0].violations


def test_samples_hold_rules_and_mistakes_break_each_of_them_alone() -> None:
    cls = ruled(*RULES)
    assert len(cls.RULES) == len(RULES)
    for record in [*samples(cls, count=10, seed=5), *(each.record for each in boundaries(cls))]:
        assert_good(cls, record)
    told = {each.told for each in mistakes(cls, count=150, seed=2)}
    assert {f"it breaks rule rule {index}" for index in range(len(RULES))} <= told


def test_rules_that_contradict_each_other_are_told() -> None:
    with pytest.raises(SampleError, match=r"no ruled.Order was found that satisfies rule [01]"):
        samples(ruled("this.item_count > 5", "this.item_count < 5"))


def test_a_seed_gives_the_same_samples_and_another_one_others(classes: dict[str, Any]) -> None:
    cls = classes["shop.OrderCompleted"]
    assert samples(cls, count=3, seed=1) == samples(cls, count=3, seed=1)
    assert samples(cls, count=3, seed=1)[:2] == samples(cls, count=2, seed=1)
    assert samples(cls, seed=1) != samples(cls, seed=2)
    assert mistakes(cls, count=3, seed=1) == mistakes(cls, count=3, seed=1)


def test_boundaries_hold_every_end(classes: dict[str, Any]) -> None:
    for cls in classes.values():
        binding = Binding(cls)
        found = {each.name: each.record.to_json() for each in boundaries(cls)}
        unions = [each for each in walk(binding.root) if isinstance(each, Union)]
        assert set(found) >= {"typical", "least", "greatest", *(["branch 0", "branch 1"] if unions else [])}
        for each in walk(binding.root):
            if isinstance(each, Enum):
                assert f'"{each.symbols[0]}"' in found["least"] or f'"{each.symbols[0]}"' in found["typical"]
                assert f'"{each.symbols[-1]}"' in found["greatest"]
            if isinstance(each, Primitive) and each.name == "int" and each.logical is None:
                assert "2147483647" in found["greatest"]
        assert "null" in found["least"]


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z]{3}$",
        "a|bc+d?",
        r"^\d{4}-\d{2}$",
        "[^a-z]",
        "(?:tea|cup)-[0-9]*",
        r"^\S+@\w+\.org$",
        "x{2,}",
        ".",
        "[a-]",
    ],
)
def test_a_pattern_is_met(pattern: str) -> None:
    for seed in range(20):
        text = matching(pattern, random.Random(seed))
        assert text is not None
        assert re.search(pattern, text, re.ASCII)
