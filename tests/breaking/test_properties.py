"""What holds of any contracts: the same ones break nothing, and whatever is told is told completely."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.breaking.states import NOW, event, files, found, snapshot

from tallystick.cli._findings import FORMATS, Report, render
from tallystick.contracts.breaking import BREAKING_RULES, CATEGORIES, Options, breaking

NAMES = st.sampled_from(["note", "total", "Total", "coupon", "coupon_code", "paid_at", "wait_ms", "wait_s", "class"])
SYMBOLS = st.lists(st.sampled_from(["PAID", "SENT", "LOST", "UNKNOWN"]), min_size=1, unique=True)
LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(["string", "bytes", "int", "long", "float", "double", "boolean"]),
    st.builds(
        lambda precision, scale: {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale},
        st.integers(4, 20),
        st.integers(0, 4),
    ),
    st.builds(lambda unit: {"type": "long", "logicalType": f"timestamp-{unit}"}, st.sampled_from(["millis", "micros"])),
)
TYPES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda values: {"type": "map", "values": values}, inner),
    ),
    max_leaves=3,
)


@st.composite
def fields(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The fields of an event, each perhaps nullable, tagged, aliased or with rules."""
    found_fields = []
    for index, name in enumerate(draw(st.lists(NAMES, max_size=5, unique=True))):
        kind = draw(TYPES)
        if draw(st.integers(0, 4)) == 0:
            namespace = draw(st.sampled_from(["shop", "shop.goods"]))
            kind = {"type": "enum", "name": f"E{index}", "namespace": namespace, "symbols": draw(SYMBOLS)}
        field: dict[str, Any] = {"name": name, "type": kind}
        if draw(st.booleans()):
            field |= {"type": ["null", kind], "default": None}
        if draw(st.booleans()):
            field["confluent:tags"] = ["PII"]
        if draw(st.booleans()):
            field["aliases"] = [draw(NAMES)]
        found_fields.append(field)
    return found_fields


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fields())
def test_identical_contracts_break_nothing(each: list[dict[str, Any]]) -> None:
    text = event(*each)
    spaced = json.dumps(json.loads(text), indent=4)

    assert found(files(text), files(text)) == []
    assert found(files(text), files(spaced)) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fields(), fields())
def test_every_finding_is_complete_and_every_format_can_show_it(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    new = snapshot(files(event(*after)))
    findings = breaking(snapshot(files(event(*before)), told="main"), new, Options(now=NOW))

    texts = {path: data.decode() for path, data in new.files.items() if isinstance(data, bytes)}
    report = Report(findings=tuple(findings), files=tuple(texts), texts=texts)
    for member in json.loads(render("json", report))["findings"]:
        assert member["rule"] in BREAKING_RULES
        assert member["category"] in CATEGORIES
        for key in ("baseline", "event", "old", "new", "consequence", "recommendation", "message", "why"):
            assert isinstance(member[key], str), key
            assert member[key], key
        assert isinstance(member["path"], str)
        assert isinstance(member["consumers"], list)
        assert member["fix"]["description"] == member["recommendation"]
        assert 1 <= member["line"] <= member["end_line"] <= texts[member["file"]].count("\n") + 1
    for style in FORMATS:
        assert isinstance(render(style, report), str)
