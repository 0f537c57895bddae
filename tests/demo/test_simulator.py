"""The simulated shop: the same from the same seed, as untidy as promised, and honest about its own truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.demo.samples import CHECKOUT, SEARCH

from tallystick.dev.demo.mistakes import wire
from tallystick.dev.demo.simulator import simulate
from tallystick.events.shop import ExperimentExposed, OrderCompleted, PageViewed
from tallystick.events.tallystick import Reason

if TYPE_CHECKING:
    from datetime import datetime

    from tallystick.dev.demo.traffic import Send, Traffic

TRIALS = (CHECKOUT, SEARCH)
seeds = st.integers(0, 2**32)
few = settings(max_examples=8, deadline=None)


@cache
def shop(seed: int = 7, users: int = 1500) -> Traffic:
    return simulate(seed=seed, users=users, trials=TRIALS)


def originals(traffic: Traffic) -> list[Send]:
    return [send for send in traffic.sends if not send.is_copy]


def times(send: Send) -> tuple[datetime, datetime, datetime]:
    meta = vars(send.event)["meta"]
    return meta.event_time, meta.sent_at, meta.received_at


def received(send: Send) -> datetime:
    return times(send)[2]


def corrected(send: Send) -> datetime:
    """Rule R1, by hand."""
    occurred, sent, arrived = times(send)
    moment = occurred + (arrived - sent)
    return arrived if moment > arrived + timedelta(minutes=5) else moment


@given(seed=seeds)
@few
def test_the_same_seed_gives_the_same_traffic_to_the_byte(seed: int) -> None:
    first, second = (simulate(seed=seed, users=40, trials=TRIALS) for _ in range(2))
    assert [send.event.to_avro() for send in first.sends] == [send.event.to_avro() for send in second.sends]
    assert first.bad_lines == second.bad_lines
    assert first.truth == second.truth


def test_another_seed_gives_other_traffic() -> None:
    assert shop(7).truth != shop(8).truth


@given(seed=seeds)
@few
def test_events_come_in_the_order_of_their_arrival(seed: int) -> None:
    traffic = simulate(seed=seed, users=60, trials=TRIALS)
    assert all(a.arrives_at <= b.arrives_at for a, b in pairwise(traffic.sends))
    assert all(a.arrives_at <= b.arrives_at for a, b in pairwise(traffic.bad_lines))
    assert all(received(send) <= send.arrives_at for send in traffic.sends)


@given(seed=seeds)
@few
def test_the_shares_of_late_doubled_and_malformed_are_as_promised(seed: int) -> None:
    traffic = simulate(seed=seed, users=300, trials=TRIALS)
    sent = originals(traffic)
    late = [send.lateness for send in sent if send.lateness > timedelta(minutes=1)]
    copies = len(traffic.sends) - len(sent)
    assert 0.06 < len(late) / len(sent) < 0.14
    assert timedelta(days=2) < max(late) <= timedelta(days=5)
    assert 0.03 < copies / len(sent) < 0.07
    assert len(traffic.bad_lines) == round(0.01 * len(sent))


@given(seed=seeds)
@few
def test_the_truth_adds_up(seed: int) -> None:
    traffic = simulate(seed=seed, users=200, trials=TRIALS)
    truth = traffic.truth
    assert truth.accepted == len(traffic.sends)
    assert sum(truth.events.values()) == truth.accepted - truth.copies == sum(truth.lateness.values())
    assert sum(truth.rejected.values()) == len(traffic.bad_lines)
    for trial in TRIALS:
        found = truth.trials[trial.key]
        for metric in found.metrics.values():
            assert {arm: sample.n for arm, sample in metric.samples.items()} == {
                arm.key: found.units["assigned"][arm.key] for arm in trial.arms
            }
            assert sum(metric.outcomes.values()) <= truth.events[OrderCompleted.SUBJECT]
        orders, revenue = found.metrics["order_conversion"], found.metrics["revenue"]
        assert orders.outcomes == revenue.outcomes
        assert all(orders.samples[arm].total <= revenue.samples[arm].total for arm in orders.samples)


def test_a_copy_has_the_same_id_and_says_the_same() -> None:
    attempts: dict[str, list[Send]] = defaultdict(list)
    for send in shop().sends:
        attempts[send.event_id].append(send)
    doubled = [sends for sends in attempts.values() if len(sends) > 1]
    assert doubled
    for sends in doubled:
        assert [send.is_copy for send in sorted(sends, key=received)] == [False, True]
        said = [send.event.model_copy(update={"meta": None}) for send in sends]
        assert said[0] == said[1]


def test_some_copies_overtake_their_original() -> None:
    order = Counter[bool]()
    seen: dict[str, bool] = {}
    for send in shop().sends:
        if send.event_id in seen:
            order[seen[send.event_id]] += 1
        seen[send.event_id] = send.is_copy
    assert order[True] > 0
    assert order[False] > order[True]


def test_wrong_clocks_are_put_right_by_the_times_of_sending_and_receipt() -> None:
    """Every corrected time lies within the network's two seconds of what truly happened."""
    off = 0
    for send in originals(shop()):
        off += abs(times(send)[0] - corrected(send)) > timedelta(minutes=5)
        assert timedelta(0) <= corrected(send) - (received(send) - send.lateness) < timedelta(seconds=2)
    assert off > 50


def test_what_the_events_tell_is_what_the_truth_says() -> None:
    """An analyst's own count, from the originals with their times put right."""
    traffic = shop()
    for trial in TRIALS:
        exposures: dict[str, list[tuple[datetime, str, ExperimentExposed]]] = defaultdict(list)
        for send in originals(traffic):
            event = send.event
            if isinstance(event, ExperimentExposed) and event.experiment_key == trial.key:
                at = corrected(send)
                if trial.start <= at < trial.end:
                    exposures[event.unit_id].append((at, send.event_id, event))
        clean = {
            unit: min(seen)
            for unit, seen in exposures.items()
            if len({event.variant_key for *_, event in seen}) == 1
            and {event.variant_key for *_, event in seen} <= {arm.key for arm in trial.arms}
            and not any(event.is_bot or event.is_internal or event.is_override for *_, event in seen)
        }
        counted = Counter(event.variant_key for *_, event in clean.values())
        assert counted == traffic.truth.trials[trial.key].units["assigned"]
        revenue: Counter[str] = Counter()
        for send in originals(traffic):
            order = send.event
            if isinstance(order, OrderCompleted) and order.customer_id in clean:
                first, _, exposure = clean[order.customer_id]
                if timedelta(0) <= corrected(send) - first < timedelta(days=7):
                    revenue[exposure.variant_key] += order.total  # type: ignore[assignment]  # a Counter of money
        samples = traffic.truth.trials[trial.key].metrics["revenue"].samples
        assert {arm: Decimal(total) for arm, total in revenue.items()} == {arm: s.total for arm, s in samples.items()}


def test_every_kind_of_trouble_is_there() -> None:
    traffic = shop(users=8000)
    for trial in TRIALS:
        statuses = traffic.truth.trials[trial.key].units
        assert set(statuses) == {
            "assigned",
            "contaminated",
            "excluded_bot",
            "excluded_internal",
            "excluded_override",
            "unknown_variant",
        }
        for metric in traffic.truth.trials[trial.key].metrics.values():
            assert set(metric.outcomes) == {"attributed", "before_exposure", "after_window", "excluded"}
    viewers = [vars(send.event)["meta"] for send in traffic.sends if isinstance(send.event, PageViewed)]
    assert any(viewer.user_id is None for viewer in viewers)
    assert any(viewer.user_id and viewer.anonymous_id for viewer in viewers)


def test_the_button_helps_and_half_of_the_search_does_not() -> None:
    trials = shop(users=8000).truth.trials

    def p_value(experiment: str, arm: str) -> float:
        return trials[experiment].metrics["order_conversion"].comparisons[arm].p_value or 0.0

    assert p_value("checkout_cta", "treatment") < 0.001
    assert p_value("search_ranking", "hybrid") < 0.05
    assert p_value("search_ranking", "semantic") > 0.05


def test_bad_lines_cover_the_reasons_and_are_no_events_of_ours() -> None:
    traffic = shop()
    assert {line.reason for line in traffic.bad_lines} == {
        Reason.INVALID,
        Reason.UNKNOWN_TYPE,
        Reason.UNKNOWN_VERSION,
        Reason.MALFORMED_JSON,
    }
    ids = {send.event_id.encode() for send in traffic.sends}
    assert not any(identity in line.line for line in traffic.bad_lines for identity in ids)
    assert not any(b"\n" in line.line for line in traffic.bad_lines)


@pytest.mark.parametrize("kind", [PageViewed, ExperimentExposed, OrderCompleted])
def test_what_is_spoilt_was_sound_before(kind: type[PageViewed | ExperimentExposed | OrderCompleted]) -> None:
    event = next(send.event for send in shop().sends if isinstance(send.event, kind))
    fields = wire(event)
    assert fields.pop("type") == kind.SUBJECT
    assert fields.pop("contract_hash") == kind.CONTRACT_HASH
    assert kind.from_plain(fields) == event
