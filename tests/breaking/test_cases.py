"""The cases that the page on contracts settles, and what tells one change from another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.breaking.states import (
    DOMAIN,
    EXPERIMENT,
    META,
    NOW,
    change,
    enum,
    event,
    field,
    files,
    found,
    money,
    rules,
    snapshot,
)

from tallystick.contracts import CatalogError
from tallystick.contracts.breaking import Options, Snapshot, breaking

if TYPE_CHECKING:
    from tallystick.contracts.findings import Finding

NULLABLE = ["null", "string"]


def categories(findings: list[Finding]) -> set[object]:
    return {each.facts["category"] for each in findings}


# --- settled questions -------------------------------------------------------------------------------


def test_a_new_event_passes() -> None:
    assert found(files(event(field("note"))), files(event(field("note")), event(field("x"), name="shop.TeaMade"))) == []


def test_a_required_field_that_is_added_with_a_default_is_no_break_of_a_table() -> None:
    assert change(None, field("note", default="")) == []


@pytest.mark.parametrize(
    ("old", "new"), [(money(10, 2), money(18, 2)), ("int", "long"), ("float", "double"), ("int", "double")]
)
def test_what_widens_is_clean_but_for_the_registry(old: object, new: object) -> None:
    findings = change(field("total", old), field("total", new), level="BACKWARD")
    assert rules(findings) <= ({"B403"} if new == "double" and old == "int" else set())
    assert categories(change(field("total", old), field("total", new))) <= {"WIRE", "SOURCE"}


def test_a_deleted_event_is_source_and_policy() -> None:
    other = event(field("x"), name="shop.TeaMade")
    findings = found(files(event(field("note")), other), files(other))

    assert rules(findings) == {"B406", "B508"}
    assert {each.file for each in findings} == {"shop/OrderPlaced.avsc"}
    assert {each.facts["new"] for each in findings} == {"nothing"}


def test_a_renamed_event_is_source_and_policy_and_told_from_a_deletion() -> None:
    fields = [field("note"), field("price", money(10, 2)), field("tea")]
    findings = found(files(event(*fields)), files(event(*fields, name="shop.OrderBooked")))

    assert rules(findings) == {"B406", "B508"}
    assert {each.facts["new"] for each in findings} == {"shop.OrderBooked"}
    assert {each.file for each in findings} == {"shop/OrderBooked.avsc"}


def test_a_moved_event_is_seen_by_logical_too_since_java_calls_it_compatible() -> None:
    fields = [field("note"), field("price", money(10, 2))]
    after = files(event(*fields, name="checkout.OrderPlaced"), sidecars={"checkout/_domain.yaml": DOMAIN})
    findings = found(files(event(*fields)), after)

    assert rules(findings) == {"B206", "B406", "B508"}
    assert categories(findings) == {"LOGICAL", "SOURCE", "POLICY"}


def test_a_moved_file_with_the_same_event_breaks_nothing() -> None:
    before = files(event(field("note")))
    after = {
        **before,
        "store/OrderPlaced.avsc": before["shop/OrderPlaced.avsc"],
        "store/_domain.yaml": before["shop/_domain.yaml"],
    }
    del after["shop/OrderPlaced.avsc"]

    assert found(before, after) == []


def test_a_rename_with_an_alias_is_not_logical() -> None:
    findings = change(
        field("coupon", NULLABLE, default=None), field("coupon_code", NULLABLE, default=None, aliases=["coupon"])
    )

    assert rules(findings) == {"B301", "B401"}


def test_a_rename_without_an_alias_is_told_from_a_deletion_and_an_addition() -> None:
    findings = change(field("coupon", NULLABLE, default=None), field("coupon_code", NULLABLE, default=None))

    assert rules(findings) == {"B214", "B301", "B401"}
    assert {(each.facts["old"], each.facts["new"]) for each in findings} == {("coupon", "coupon_code")}


def test_two_fields_that_have_nothing_in_common_are_no_rename() -> None:
    findings = change(field("coupon", NULLABLE, default=None), field("weight_kg", ["null", "double"], default=None))

    assert rules(findings) == {"B301", "B401"}
    assert {each.facts["new"] for each in findings} == {"no column", "nothing"}


def test_required_to_nullable_is_source_and_at_full_the_registrys_too() -> None:
    assert rules(change(field("note"), field("note", NULLABLE, default=None), level="BACKWARD")) == {"B404"}
    assert rules(change(field("note"), field("note", NULLABLE, default=None))) == {"B102", "B404"}


def test_nullable_to_required_is_a_break_of_table_source_and_wire() -> None:
    findings = change(field("note", NULLABLE, default=None), field("note", default=""))

    assert {"B305", "B404"} < rules(findings)
    assert "WIRE" in categories(findings)


# --- wire ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "expected"),
    [("NONE", set()), ("BACKWARD", set()), ("FORWARD", {"B102"}), ("FULL", {"B102"}), ("FULL_TRANSITIVE", {"B102"})],
)
def test_wire_goes_by_the_subjects_level(level: str, expected: set[str]) -> None:
    findings = change(field("count", "int"), field("count", "long"), level=level)

    assert rules(findings) == expected
    assert all("TYPE_MISMATCH at /fields/1/type" in str(each.facts["consequence"]) for each in findings)


def test_wire_speaks_in_names_and_of_both_directions_once() -> None:
    (finding,) = [each for each in change(field("note"), field("note", "int")) if each.rule == "B102"]

    assert finding.message.startswith("`note` of shop.OrderPlaced: type changes from string to int: ")
    assert "cannot read events that were written before" in finding.message
    assert "readers of the old schema cannot read new events" in finding.message


def test_a_transitive_level_looks_at_every_version_of_a_registry() -> None:
    first, second, third = (
        event(*each)
        for each in (
            [field("note", "int", default=0)],
            [],
            [field("note", "string", default="")],
        )
    )
    before = snapshot(files(third))
    registered = Snapshot(registered={"shop.OrderPlaced": [inlined(second), inlined(first)]}, told="registry")
    findings = breaking(registered, before, Options(now=NOW, categories=["WIRE"]))

    assert rules(findings) == {"B102"}


def inlined(text: str) -> str:
    return text.replace('"tallystick.Meta"', META)


# --- types that contracts share --------------------------------------------------------------------------


def test_a_change_of_a_shared_type_is_told_once_where_it_stands() -> None:
    events = [event(field("note"), name=f"shop.Event{letter}") for letter in "ABC"]
    before, after = files(*events), files(*events)
    meta = json.loads(META)
    meta["fields"].append({"name": "source", "type": "string", "doc": "Sender."})
    after["tallystick/Meta.avsc"] = json.dumps(meta, indent=1)

    findings = found(before, after)

    assert {each.file for each in findings} == {"tallystick/Meta.avsc"}
    assert sorted(each.rule for each in findings) == ["B101", "B304", "B402"]
    assert all(each.span.line > 5 for each in findings)
    assert any("used by shop.EventA, shop.EventB, shop.EventC" in each.facts["consumers"] for each in findings)  # type: ignore[operator]


def test_a_type_that_moves_into_a_file_of_its_own_breaks_nothing() -> None:
    line = {"type": "record", "name": "Line", "doc": "A line.", "fields": [field("sku")]}
    inside = event(field("lines", {"type": "array", "items": line}))
    outside = event(field("lines", {"type": "array", "items": "shop.Line"}))

    assert found(files(inside), files(outside, json.dumps({"namespace": "shop", **line}))) == []
    assert found(files(outside, json.dumps({"namespace": "shop", **line})), files(inside)) == []


def test_a_nested_field_is_told_by_its_whole_path() -> None:
    def order(kind: object) -> str:
        line = {"type": "record", "name": "Line", "doc": "A line.", "fields": [field("price", kind)]}
        return event(field("lines", {"type": "array", "items": ["null", line]}))

    findings = found(files(order(money(18, 2))), files(order(money(18, 4))), categories=["LOGICAL"])

    assert [(each.rule, each.facts["path"]) for each in findings] == [("B201", "lines[].price")]


def test_a_recursive_record_ends() -> None:
    def tree(kind: str) -> str:
        node = {
            "type": "record",
            "name": "Node",
            "fields": [field("size", kind), field("next", ["null", "Node"], default=None)],
        }
        return event(field("root", node))

    assert rules(found(files(tree("long")), files(tree("int")), categories=["SOURCE"])) == {"B403"}


# --- values ----------------------------------------------------------------------------------------------


def test_every_symbol_that_is_lost_is_told_with_what_it_becomes() -> None:
    findings = change(
        field("status", enum("PAID", "SENT", "LOST", "UNKNOWN")), field("status", enum("PAID", "UNKNOWN"))
    )

    assert {each.facts["old"] for each in findings if each.rule == "B211"} == {"LOST", "SENT"}
    assert all("reads as UNKNOWN" in each.message for each in findings if each.rule == "B211")


def test_zero_and_false_are_different_defaults() -> None:
    assert "B213" in rules(
        change(field("x", ["long", "boolean"], default=0), field("x", ["boolean", "long"], default=False))
    )
    assert change(field("x", "long", default=0), field("x", "long", default=0)) == []


def test_an_alias_may_move_on_with_its_field() -> None:
    before = field("coupon", NULLABLE, default=None, aliases=["voucher"])
    after = field("coupon_code", NULLABLE, default=None, aliases=["voucher", "coupon"])

    assert "B215" not in rules(change(before, after))
    assert "B215" in rules(change(before, {**after, "aliases": ["coupon"]}))


# --- policy ----------------------------------------------------------------------------------------------

PAID = {
    "tallystick__experiment": {
        "role": "outcome",
        "unit_type": "user",
        "metrics": [{"key": "paid", "type": "mean", "aggregation": "sum", "value": "total", "window": "P7D"}],
    }
}
ENDED = EXPERIMENT.replace("end_at: 2026-12-01", "end_at: 2026-11-10")


def paid(window: str = "P7D", role: tuple[str, ...] = ("experiment.value",)) -> str:
    properties = json.loads(json.dumps(PAID))
    properties["tallystick__experiment"]["metrics"][0]["window"] = window
    total = field("total", money(10, 2), **({"tallystick__role": list(role)} if role else {}))
    return event(total, field("buyer", tallystick__role=["experiment.unit_id"]), **properties)


@pytest.mark.parametrize(("experiment", "severity"), [(EXPERIMENT, "error"), (ENDED, "warning")])
def test_a_metric_is_an_error_while_an_experiment_that_reads_it_is_live(experiment: str, severity: str) -> None:
    (finding,) = found(files(paid()), files(paid("P14D")), experiment)

    assert (finding.rule, finding.severity) == ("B506", severity)
    assert finding.facts["consumers"] == [
        "metric paid",
        "experiment free_tea (live)" if severity == "error" else "experiment free_tea",
    ]


@pytest.mark.parametrize(("experiment", "severity"), [(EXPERIMENT, "error"), (ENDED, "warning")])
def test_a_role_is_an_error_while_an_experiment_reads_it(experiment: str, severity: str) -> None:
    (finding,) = found(files(paid()), files(paid(role=())), experiment)

    assert (finding.rule, finding.severity, finding.facts["path"]) == ("B505", severity, "total")


def test_a_finding_names_who_reads_the_field() -> None:
    before, after = paid(), paid().replace('"precision": 10', '"precision": 8')
    sidecars = {"shop/OrderPlaced.yaml": "kafka:\n  key: total\nfields:\n  total:\n    consumers: [finance report]\n"}

    findings = found(
        files(before, sidecars=sidecars), files(after, sidecars=sidecars), EXPERIMENT, categories=["LOGICAL"]
    )

    assert [each.facts["consumers"] for each in findings] == [
        ["metric paid", "experiment free_tea (live)", "the key of topic tallystick.events", "finance report"]
    ]


def test_a_default_of_a_domain_that_changes_is_told_once_for_all_its_contracts() -> None:
    events = [event(field("note"), name=f"shop.Event{letter}") for letter in "ABC"]
    before, after = files(*events), files(*events)
    after["shop/_domain.yaml"] = after["shop/_domain.yaml"].replace("shop-web", "search")

    (finding,) = found(before, after)

    assert (finding.rule, finding.file, finding.span.line) == ("B504", "shop/_domain.yaml", 1)
    assert finding.facts["events"] == ["shop.EventA", "shop.EventB", "shop.EventC"]
    assert finding.message.endswith("(and 2 more)")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("size(this.note) <= 100", "size(this.note) <= 200", {"B507"}),
        ("size(this.note) <= 200", "size(this.note) <= 100", {"B407"}),
        ("size(this.note) >= 1", "size(this.note) >= 2", {"B407"}),
        ("!(size(this.note) <= 200)", "!(size(this.note) <= 100)", {"B507", "B407"}),
        ("size(this.note) <= 200", "this.note != 'x'", {"B507", "B407"}),
        ("size(this.note)  <=  200", "size(this.note) <= 200", set()),
    ],
)
def test_a_rule_that_cannot_be_shown_to_be_tighter_counts_as_loosened(old: str, new: str, expected: set[str]) -> None:
    def stated(text: str) -> dict[str, object]:
        return field("note", confluent__rules=[{"name": "note_is_short", "expr": text}])

    assert rules(change(stated(old), stated(new))) == expected


# --- the states themselves ---------------------------------------------------------------------------------


def test_an_old_contract_that_cannot_be_read_has_no_part_in_it() -> None:
    before = files(event(field("note")))
    before["shop/OrderPlaced.avsc"] = '{"type": "record", "name":'
    after = files(event(field("note")))
    old = snapshot(before)

    assert breaking(old, snapshot(after), Options(now=NOW)) == []
    assert [fault.origin for fault in old.faults] == ["shop/OrderPlaced.avsc"]


def test_a_new_contract_that_cannot_be_read_is_an_error_with_every_fault() -> None:
    before, after = files(event(field("note"))), files(event(field("note")), event(field("x"), name="shop.TeaMade"))
    after["shop/OrderPlaced.avsc"] = '{"type": "record", "name":'

    with pytest.raises(CatalogError, match="OrderPlaced"):
        found(before, after)
