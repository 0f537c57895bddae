"""Subjects on their way from one kind of registry into another: ids, texts and codes differ, meaning does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.dev.contracts import field, schema
from tests.peers import strict

from tallystick.contracts import Catalog, contract_hash, parse
from tallystick.dev.planning import Action, plan_all
from tallystick.dev.promotion import Fate, copy_one, plan_copies
from tallystick.dev.registration import Outcome, carry_out
from tallystick.sdk.registry import RegistryClient

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTE = field("note", default="", **{"confluent:tags": ["PII"]})


@pytest.fixture
def other() -> Iterator[RegistryClient]:
    with strict.running() as url, RegistryClient(url) as client:
        yield client


def fill(registry: RegistryClient, name: str) -> None:
    registry.register(name, json.dumps(schema(name)))
    registry.register(name, json.dumps(schema(name, NOTE)))
    registry.register(name, json.dumps(schema(name, NOTE, doc="Nothing but other words.")))
    registry.set_compatibility(name, "FULL_TRANSITIVE")


def meanings(registry: RegistryClient, name: str) -> list[str]:
    """What its versions mean, in order; those that mean the same count as one."""
    found = [contract_hash(parse(registry.version(name, number).text)) for number in registry.versions(name)]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("way", ["there", "back"])
def test_a_subject_keeps_its_meaning_and_its_level_both_ways(
    client: RegistryClient, other: RegistryClient, way: str
) -> None:
    name = f"promoted.{way.capitalize()}"
    source, target = (client, other) if way == "there" else (other, client)
    fill(source, name)

    done = [copy_one(each, source, target) for each in plan_copies(source, target, [name])]
    assert [(each.fate, each.reasons) for each in done] == [(Fate.COPY, ())]
    assert len(meanings(source, name)) == 2
    assert meanings(source, name) == meanings(target, name)
    assert target.compatibility(name) == "FULL_TRANSITIVE"
    assert [each.fate for each in plan_copies(source, target, [name])] == [Fate.SAME]


def test_a_plan_comes_true_and_then_has_nothing_to_do(client: RegistryClient) -> None:
    first, second = schema("planned.Paid"), schema("planned.Paid", NOTE)
    for text, action in ((first, Action.CREATE), (second, Action.CHANGE)):
        catalog = Catalog.of_texts({"planned": json.dumps(text)})
        (step,) = plan_all(catalog.messages, client)
        assert (step.action, carry_out(step, client).outcome) == (action, Outcome.CREATED)
        (step,) = plan_all(catalog.messages, client)
        assert step.is_idle, step


def test_a_plan_refuses_what_the_registry_would_refuse(client: RegistryClient) -> None:
    for total, action in (("long", Action.CREATE), ("string", Action.REFUSE)):
        catalog = Catalog.of_texts({"refused": json.dumps(schema("refused.Paid", field("total", total)))})
        (step,) = plan_all(catalog.messages, client)
        assert step.action is action
        done = carry_out(step, client)
    assert done.outcome is Outcome.REFUSED
    assert any("total: the new schema cannot read what version 1 wrote" in each for each in done.reasons)
    assert client.versions("refused.Paid") == (1,)
