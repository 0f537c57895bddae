"""Exactly once: kill a batch anywhere, deliver in any order, cut the stream anywhere; the tables are the same."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from tests.streaming.conftest import (
    DEFINED,
    EXPOSED,
    ORDERED,
    START,
    TOPIC,
    World,
    definition,
    exposure,
    make_world,
    order,
)

from tallystick.streaming import delta
from tallystick.streaming.errors import CheckpointLostError, LakeError
from tallystick.streaming.silver.rebuild import compare, rebuild

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.slow]

# Each is reached after something has been written and before the rest is.
STEPS = (
    *("decode", "conflicts", "definitions", "typed", "exposures", "outcomes", "rejects"),
    *("events", "unit_changes", "experiment_units", "attributed_outcomes", "commit"),
)


class Crash(Exception):  # noqa: N818 - it stands for a killed process, not for a mistake
    pass


def crash_at(step: str) -> Callable[[str], None]:
    def reached(name: str) -> None:
        if name == step:
            raise Crash

    return reached


def history(seed: int, size: int) -> list[tuple[str, dict[str, Any]]]:
    """Random events of few units: late, repeated, contradictory, in both arms, around every edge."""
    random_ = random.Random(seed)
    numbers = count(1000)
    rows: list[tuple[str, dict[str, Any]]] = [
        (DEFINED, definition(1)),
        (DEFINED, definition(2, version=2, metrics=["revenue"])),
        (DEFINED, definition(3, key="pricing", multiple_exposure="FIRST_SEEN")),
    ]
    while len(rows) < size:
        unit = f"u{random_.randrange(size // 6)}"
        at, late = random_.uniform(-24, 15 * 24), random_.choice([0.5, 60.0, 5 * 86400.0])
        number = next(numbers)
        if random_.random() < 0.5:
            more = {"is_bot": random_.random() < 0.05, "country": random_.choice([None, "DE", "FR"])}
            variant, key = random_.choice(["control", "treatment"]), random_.choice(["checkout", "pricing"])
            rows.append((EXPOSED, exposure(number, at, unit, variant, key=key, late=late, **more)))
        else:
            rows.append((ORDERED, order(number, at, unit, f"{random_.randrange(10000) / 100:.2f}", late=late)))
        if random_.random() < 0.15:
            rows.append(rows[-1])
        if random_.random() < 0.05:
            other = f"u{random_.randrange(size // 6)}"
            rows.append((ORDERED, order(number, at, other, "1.00", late=late - 0.25)))
    random_.shuffle(rows)
    return rows


def test_a_batch_that_is_killed_after_every_step_in_turn_heals(world: World) -> None:
    rows = [world.value(name, record) for name, record in history(seed=1, size=80)]
    world.land(rows[:40])
    world.silver()
    # A definition, contradictions and bytes that are no event: every step has something to do.
    contested = [world.value(ORDERED, order(5000 + n, 30, "u1", "5.00", late=late)) for n in (0, 1) for late in (9.0,)]
    world.land([*contested])
    world.silver()
    earlier = [world.value(ORDERED, order(5000 + n, 30, "u2", "6.00", late=1.0)) for n in (0, 1)]
    redefined = world.value(DEFINED, definition(4, version=3, metrics=["order_conversion", "revenue"]))
    world.land([*rows[40:], *earlier, redefined, b"nothing"])
    done = []
    for step in STEPS:
        try:
            world.silver(reached=crash_at(step))
        except Crash:
            done.append(step)
    world.silver()
    assert done == list(STEPS)
    built = rebuild(world.spark, world.lake, world.registry, "again")
    assert [each for each in compare(world.spark, world.lake, built) if each] == []
    events = world.rows("events", "source", "event_id")
    assert len(events) == len(set(events))
    assert world.rows("_commits", "batch_id") == [(0,), (1,), (2,)]


def test_neither_the_order_of_arrival_nor_the_cuts_of_the_stream_move_an_answer(
    spark: SparkSession, tmp_path: Path, contracts: dict[str, str]
) -> None:
    lakes = []
    random_ = random.Random(7)
    for name, cuts in (("one", 1), ("other", 4)):
        world = make_world(spark, tmp_path / name, contracts.values())
        values = [world.value(kind, record) for kind, record in history(seed=7, size=150)]
        framed = [int.from_bytes(value[1:5]) for value in values]
        rows: list[tuple[Any, ...]] = [
            (TOPIC, 0, offset, START, 0, None, value, [], framed[offset], START, START.date())
            for offset, value in enumerate(values)
        ]
        random_.shuffle(rows)
        edges = sorted(random_.sample(range(1, len(rows)), cuts - 1))
        for start, end in zip([0, *edges], [*edges, len(rows)], strict=True):
            world.land_rows(rows[start:end])
        world.silver()
        assert len(world.progress) == cuts
        lakes.append(world.lake)
    differences = compare(spark, *lakes)
    assert len(differences) > 8
    assert [each for each in differences if each] == []


def test_a_lost_commit_is_written_again_and_changes_nothing(world: World) -> None:
    world.land([world.value(name, record) for name, record in history(seed=3, size=30)])
    world.silver()
    before = {name: world.table(name).count() for name in ("events", "exposures", "outcomes", "unit_changes")}
    commits = world.lake.checkpoint("silver") + "/commits"
    _delete(world.spark, f"{commits}/0")
    world.silver()
    assert {name: world.table(name).count() for name in before} == before
    assert len(world.progress) == 2


def test_a_lost_checkpoint_is_refused_instead_of_counted_twice(world: World) -> None:
    world.land([world.value(name, record) for name, record in history(seed=4, size=12)])
    world.silver()
    _delete(world.spark, world.lake.checkpoint("silver"))
    with pytest.raises(CheckpointLostError) as raised:
        world.silver()
    assert "--rebuild" in raised.value.fix


def test_silver_without_bronze_says_what_to_run_first(world: World) -> None:
    with pytest.raises(LakeError) as raised:
        world.silver()
    assert "stream bronze" in raised.value.fix


def test_a_build_is_never_written_over(world: World) -> None:
    world.land([world.value(DEFINED, definition(1))])
    rebuild(world.spark, world.lake, world.registry, "again")
    with pytest.raises(LakeError, match="there already"):
        rebuild(world.spark, world.lake, world.registry, "again")


def test_a_commit_names_the_versions_that_belong_together(world: World) -> None:
    world.land([world.value(name, record) for name, record in history(seed=5, size=12)])
    world.silver()
    (row,) = world.table("_commits").select("versions", "committed_at").collect()
    versions = row.versions
    assert versions["events"] == delta.table_version(world.spark, world.lake.silver("events"))
    then = delta.read(world.spark, world.lake.silver("events"), version=versions["events"])
    assert then.count() == world.table("events").count()
    assert row.committed_at.replace(tzinfo=UTC) > datetime(2026, 1, 1, tzinfo=UTC)


def _delete(spark: SparkSession, path: str) -> None:
    place, files = delta._files(spark, path)
    assert files.delete(place, True)
