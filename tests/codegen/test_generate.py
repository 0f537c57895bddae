"""What the generator writes: pure, stable, marked, and nothing where the namespace must stay open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.codegen.hostile import field, record

from tallystick.codegen import HEADER, generate, load
from tallystick.contracts import Catalog, load_catalog

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(ROOT / "schemas")


def test_it_is_a_function_of_the_contracts_alone(catalog: Catalog) -> None:
    again = Catalog(tuple(reversed(load_catalog(ROOT / "schemas").contracts)))
    assert generate(catalog) == generate(again)


def test_what_is_committed_is_what_it_writes(catalog: Catalog) -> None:
    for name, text in generate(catalog).items():
        assert (ROOT / "sdk" / name).read_text(encoding="utf-8") == text, f"{name}: run tallystick generate"


def test_every_file_says_where_it_comes_from(catalog: Catalog) -> None:
    for name, text in generate(catalog).items():
        assert text.startswith(HEADER)
        assert "20" not in text.splitlines()[0].partition("fingerprint")[0], f"{name} bears a date"


def test_the_namespace_tallystick_stays_open(catalog: Catalog) -> None:
    assert "tallystick/__init__.py" not in generate(catalog)
    assert "tallystick/events/__init__.py" in generate(catalog)
    assert "acme/__init__.py" not in generate(catalog, "acme.events")


def test_a_shared_type_is_generated_once_and_imported(catalog: Catalog) -> None:
    files = generate(catalog, "acme.events")
    assert [name for name, text in files.items() if "class Meta(" in text] == ["acme/events/tallystick/meta.py"]
    assert "from acme.events.tallystick.meta import Meta" in files["acme/events/shop/order_completed.py"]


def test_a_type_of_two_texts_that_differ_is_generated_for_each() -> None:
    new = record("Money", field("amount", "long"))
    old = record("Price", field("money", record("Money", field("amount", "int"))))
    files = generate(Catalog.of_texts({"new": json.dumps(new), "old": json.dumps(old)}), "acme")
    assert "class Money(" in files["acme/x/money.py"]
    assert "class Money(" in files["acme/x/price.py"]
    exported = files["acme/x/__init__.py"]
    assert "from acme.x.money import Money" in exported
    assert "from acme.x.price import Price\n" in exported


def test_a_class_reads_as_if_written_by_hand(catalog: Catalog) -> None:
    text = generate(catalog)["tallystick/events/shop/order_completed.py"]
    for line in (
        "class OrderCompleted(Event):",
        '    """An order was placed and paid."""',
        "    meta: Meta | None = None",
        "    total: Annotated[Decimal, Precision(18, scale=2)]",
        '    """What the customer paid, in the order\'s currency."""',
        "    lines: Array[OrderLine] = ()",
        "    coupon_code: str | None = None",
    ):
        assert line in text.splitlines()


def test_personal_data_is_hidden_from_repr_and_deprecation_is_told() -> None:
    schema = record(
        "Person",
        field("email", "string", **{"confluent:tags": ["PII"]}),
        field("nick", ["null", "string"], default=None, **{"tallystick:deprecated": {"use": "email"}}),
    )
    person = load(Catalog.of_texts({"a": json.dumps(schema)}))["x.Person"](email="a@example.com")
    assert "example.com" not in repr(person)
    with pytest.warns(DeprecationWarning, match="use email"):
        assert person.nick is None


def test_loading_leaves_nothing_behind(catalog: Catalog) -> None:
    import sys

    before = set(sys.modules)
    classes = load(catalog)
    assert set(sys.modules) - before == set()
    assert set(classes) == {each.name for each in catalog}


def test_versions_of_one_contract_can_be_loaded_side_by_side() -> None:
    first = json.dumps(record("Money", field("amount", "int")))
    second = json.dumps(record("Money", field("amount", "long"), field("note", ["null", "string"], default=None)))
    one = load(Catalog.of_texts({"1": first}))["x.Money"]
    two = load(Catalog.of_texts({"2": second}))["x.Money"]
    body = one(amount=7).to_avro()
    assert two.from_avro(body, writer=one.SCHEMA) == two(amount=7, note=None)


def test_loaded_classes_are_freed_with_their_last_user() -> None:
    import gc
    import weakref

    cls = load(Catalog.of_texts({"a": json.dumps(record("Money", field("amount")))}))["x.Money"]
    cls(amount=1).to_avro()
    there = weakref.ref(cls)
    del cls
    gc.collect()
    assert there() is None
