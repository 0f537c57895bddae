"""Sidecars: layers of YAML that merge, and mistakes in them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.contracts_model.conftest import faults_of, record

from tallystick.contracts import load_catalog

if TYPE_CHECKING:
    from tests.contracts_model.conftest import Write

PAID = record("Paid", {"name": "a", "type": "int"})


def test_a_contract_without_yaml_has_the_defaults(write: Write) -> None:
    sidecar = load_catalog(write({"Paid.avsc": PAID}))["Paid"].sidecar
    assert (sidecar.owner, sidecar.status, sidecar.kafka.topic) == (None, "active", "tallystick.events")
    assert sidecar.kafka.compatibility == "FULL_TRANSITIVE"


def test_the_innermost_layer_has_the_last_word_key_by_key(write: Write) -> None:
    folder = write(
        {
            "_domain.yaml": "owner: everybody\nkafka: {topic: all, compatibility: FULL}\nsla: {retention: P1D}",
            "shop/_domain.yaml": "owner: shop\nkafka: {topic: shop}",
            "shop/Paid.avsc": PAID,
            "shop/Paid.yaml": "status: draft\nsla: {latency: PT1M}\nsources: [web]",
        }
    )
    sidecar = load_catalog(folder)["Paid"].sidecar
    assert (sidecar.owner, sidecar.status, sidecar.sources) == ("shop", "draft", ("web",))
    assert (sidecar.kafka.topic, sidecar.kafka.compatibility) == ("shop", "FULL")
    assert (sidecar.sla.latency, sidecar.sla.retention) == ("PT1M", "P1D")


def test_the_tags_of_the_project_say_how_they_are_handled() -> None:
    tags = load_catalog(Path(__file__).parents[2] / "schemas").tags
    assert tags["PII"].handling == "drop"
    assert all(tag.doc for tag in tags.values())


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("Paid.yaml", "ownr: me", "unknown key 'ownr' (did you mean 'owner'?)"),
        ("Paid.yaml", "status: activ", "did you mean 'active'?"),
        ("Paid.yaml", "kafka: {compatibility: FULL_TRANSITVE}", "did you mean 'FULL_TRANSITIVE'?"),
        ("Paid.yaml", "kafka: {topik: x}", "did you mean 'topic'?"),
        ("Paid.yaml", "owner: [a]", "owner in the sidecar is not a text"),
        ("Paid.yaml", "sources: web", "sources in the sidecar is not a list"),
        ("Paid.yaml", "- owner", "no mapping"),
        ("Paid.yaml", "1: 2", "no mapping"),
        ("Paid.yaml", "owner: a\nowner: b", "the key 'owner' is there twice at line 2"),
        ("Paid.yaml", "owner: &a [x]\nsources: *a", "aliases are not allowed"),
        ("Paid.yaml", "owner: !!python/object/apply:os.system [x]", "is not YAML"),
        ("Paid.yaml", "owner: [", "is not YAML"),
        ("Payd.yaml", "owner: me", "there is no Payd.avsc beside it (did you mean 'Paid'?)"),
        ("tags.yaml", "PII: {handling: dropp}", "did you mean 'drop'?"),
        ("tags.yaml", "PII: {hanling: drop}", "did you mean 'handling'?"),
        ("_domain.yaml", "statu: x", "_domain.yaml: the sidecar has an unknown key 'statu'"),
    ],
)
def test_mistakes_are_told_where_they_are(write: Write, name: str, text: str, words: str) -> None:
    (fault,) = faults_of(write({"Paid.avsc": PAID, name: text}))
    assert fault.startswith(f"{name}: ")
    assert words in fault


def test_a_fault_in_a_domain_is_told_once_for_all_its_contracts(write: Write) -> None:
    other = record("Refunded", {"name": "a", "type": "int"})
    folder = write({"Paid.avsc": PAID, "Refunded.avsc": other, "_domain.yaml": "status: nope"})
    assert len(faults_of(folder)) == 1


def test_without_pyyaml_contracts_load_and_sidecars_say_what_to_install(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    folder = write({"Paid.avsc": PAID})
    assert "Paid" in load_catalog(folder)
    write({"Paid.yaml": "owner: me"})
    (fault,) = faults_of(folder)
    assert "pip install" in fault
