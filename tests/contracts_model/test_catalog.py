"""Folders of contracts, as one catalogue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.contracts_model.conftest import faults_of, record

from tallystick.contracts import Catalog, CatalogError, load_catalog, parse

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contracts_model.conftest import Write

MONEY = record("shop.Money", {"name": "amount", "type": "long"}, {"name": "currency", "type": "shop.Currency"})
CURRENCY = {"type": "enum", "name": "shop.Currency", "symbols": ["UNKNOWN", "EUR"], "default": "UNKNOWN"}
ORDER = record("shop.Order", {"name": "total", "type": "shop.Money"}, {"name": "tip", "type": ["null", "shop.Money"]})


def test_every_contract_of_the_project_is_self_contained(root: Path) -> None:
    catalog = load_catalog(root / "schemas")
    assert [each.name for each in catalog] == sorted(each.name for each in catalog)
    for contract in catalog:
        assert parse(contract.text).text == contract.text
        assert contract.subject == contract.name
        assert (root / "schemas" / contract.origin).exists()


def test_events_messages_and_shared_types_are_told_apart(root: Path) -> None:
    catalog = load_catalog(root / "schemas")
    events = {each.name for each in catalog.events}
    messages = {each.name for each in catalog.messages}
    assert "shop.OrderCompleted" in events
    assert messages - events == {"tallystick.DeadLetter"}
    assert {each.name for each in catalog} - messages == {"tallystick.Meta"}


def test_types_are_shared_across_files_by_full_name_in_any_order(write: Write) -> None:
    catalog = load_catalog(write({"a/Order.avsc": ORDER, "b/Money.avsc": MONEY, "c/Currency.avsc": CURRENCY}))
    order = catalog["shop.Order"]
    assert set(order.schema.named) == {"shop.Order", "shop.Money", "shop.Currency"}
    assert {name: each.name for name, each in catalog.owners(order).items()} == {
        "shop.Money": "shop.Money",
        "shop.Currency": "shop.Currency",
    }


def test_a_name_without_namespace_is_looked_up_in_its_own(write: Write) -> None:
    order = {**ORDER, "name": "Order", "namespace": "shop", "fields": [{"name": "total", "type": "Money"}]}
    catalog = load_catalog(write({"Order.avsc": order, "Money.avsc": MONEY, "Currency.avsc": CURRENCY}))
    assert "shop.Money" in catalog["shop.Order"].schema.named


def test_texts_of_a_registry_make_the_same_catalogue(root: Path) -> None:
    files = load_catalog(root / "schemas")
    texts = Catalog.of_texts({each.name: each.text for each in files})
    for contract in files:
        twin = texts[contract.name]
        assert (twin.text, twin.contract_hash, twin.roles) == (contract.text, contract.contract_hash, contract.roles)
        assert {k: v.name for k, v in texts.owners(twin).items()} == {
            k: v.name for k, v in files.owners(contract).items()
        }


def test_a_text_that_holds_an_older_version_of_a_shared_type_keeps_it_to_itself() -> None:
    money = record("shop.Money", {"name": "amount", "type": "long"})
    older = record("shop.Money", {"name": "amount", "type": "int"})
    old = record("shop.Order", {"name": "total", "type": older})
    catalog = Catalog.of_texts({"1": json.dumps(money), "2": json.dumps(old)})
    assert not catalog.owners(catalog["shop.Order"])


def test_contracts_that_contain_each_other_belong_to_themselves() -> None:
    def within(outer: str, inner: str) -> str:
        node = record(inner, {"name": outer.lower(), "type": ["null", outer]})
        return json.dumps(record(outer, {"name": inner.lower(), "type": ["null", node]}))

    catalog = Catalog.of_texts({"a": within("A", "B"), "b": within("B", "A")})
    assert not catalog.owners(catalog["A"])
    assert not catalog.owners(catalog["B"])


def test_every_fault_of_every_file_is_told_at_once(write: Write) -> None:
    folder = write(
        {
            "Empty.avsc": "",
            "Blank.avsc": " \n\t",
            "Bom.avsc": b"\xef\xbb\xbf{}",
            "Binary.avsc": b"\x89PNG\r\n\x1a\n\x00",
            "Broken.avsc": '{"type": "record",',
            "Nan.avsc": '{"type":"record","name":"Nan","fields":[{"name":"a","type":"double","default":NaN}]}',
            "List.avsc": "[1, 2]",
            "Primitive.avsc": '"string"',
            "Deep.avsc": "[" * 100_000,
            "Unknown.avsc": record("Unknown", {"name": "a", "type": "Nowhere"}),
            "Illegal.avsc": record("Illegal", {"name": "a-b", "type": "int"}),
            "Good.avsc": record("Good", {"name": "a", "type": "int"}),
        }
    )
    faults = faults_of(folder)
    assert {each.split(":")[0] for each in faults} == {
        "Empty.avsc",
        "Blank.avsc",
        "Bom.avsc",
        "Binary.avsc",
        "Broken.avsc",
        "Nan.avsc",
        "List.avsc",
        "Primitive.avsc",
        "Deep.avsc",
        "Unknown.avsc",
        "Illegal.avsc",
    }
    assert all("\n" not in each for each in faults)


def test_one_name_in_two_files_is_a_fault_that_names_both(write: Write) -> None:
    (fault,) = faults_of(write({"a/Money.avsc": CURRENCY, "b/Money.avsc": CURRENCY}))
    assert "b/Money.avsc" in fault
    assert "a/Money.avsc" in fault


def test_files_that_use_each_other_are_a_fault_that_shows_the_circle(write: Write) -> None:
    a = record("A", {"name": "b", "type": "B"})
    b = record("B", {"name": "a", "type": "A"})
    (fault,) = faults_of(write({"A.avsc": a, "B.avsc": b}))
    assert "A uses B uses A" in fault or "B uses A uses B" in fault


def test_a_file_is_not_blamed_for_one_that_it_uses(write: Write) -> None:
    bad = record("Bad", {"name": "a", "type": "Nowhere"})
    user = record("User", {"name": "bad", "type": "Bad"})
    (fault,) = faults_of(write({"Bad.avsc": bad, "User.avsc": user}))
    assert fault.startswith("Bad.avsc")


def test_a_type_nested_in_another_file_cannot_be_borrowed(write: Write) -> None:
    outer = record("Outer", {"name": "inner", "type": record("Inner", {"name": "a", "type": "int"})})
    thief = record("Thief", {"name": "inner", "type": "Inner"})
    (fault,) = faults_of(write({"Outer.avsc": outer, "Thief.avsc": thief}))
    assert fault.startswith("Thief.avsc")
    assert "Inner" in fault


def test_links_in_circles_and_links_to_nothing_are_survived(write: Write) -> None:
    folder = write({"shop/Currency.avsc": CURRENCY})
    (folder / "shop" / "again").symlink_to(folder, target_is_directory=True)
    assert [each.name for each in load_catalog(folder)] == ["shop.Currency"]
    (folder / "Ghost.avsc").symlink_to(folder / "nowhere")
    (folder / "Loop.avsc").symlink_to(folder / "Loop.avsc")
    assert {each.split(":")[0] for each in faults_of(folder)} == {"Ghost.avsc", "Loop.avsc"}


def test_a_file_that_may_not_be_read_is_a_fault(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    folder = write({"Currency.avsc": CURRENCY})
    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    (fault,) = faults_of(folder)
    assert fault == "Currency.avsc: cannot be read: Permission denied"


def test_a_file_of_many_megabytes_is_refused_unread(write: Write) -> None:
    (fault,) = faults_of(write({"Huge.avsc": b" " * 5_000_000}))
    assert "larger than" in fault


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path / "nowhere")
    assert "no such folder" in fault


def test_line_ends_of_windows_are_no_matter(write: Write) -> None:
    catalog = load_catalog(
        write({"Currency.avsc": b'{"type":"enum",\r\n"name":"shop.Currency",\r\n"symbols":["A"]}\r\n'})
    )
    assert "shop.Currency" in catalog


def test_texts_are_judged_like_files() -> None:
    with pytest.raises(CatalogError) as caught:
        Catalog.of_texts({"one": '"string"', "two": "{", "three": '{"type":"fixed","name":"F","size":1}'})
    assert [each.origin for each in caught.value.faults] == ["one", "two"]


def test_two_texts_of_one_name_are_a_fault() -> None:
    text = '{"type":"fixed","name":"F","size":1}'
    with pytest.raises(CatalogError, match="already"):
        Catalog.of_texts({"one": text, "two": text})


def test_types_nest_as_deep_as_every_reader_can_follow(write: Write) -> None:
    def nested(levels: int) -> dict[str, object]:
        kind: object = "int"
        for _ in range(levels - 2):
            kind = {"type": "array", "items": kind}
        return record("Deep", {"name": "a", "type": kind})

    assert len(load_catalog(write({"Deep.avsc": nested(64)}))["Deep"].contract_hash) == 64
    (fault,) = faults_of(write({"Deep.avsc": nested(65)}))
    assert fault == "Deep.avsc: its types nest deeper than 64 levels (flatten it)"
    (fault,) = faults_of(write({"Deep.avsc": nested(300)}))
    assert "64 levels" in fault
