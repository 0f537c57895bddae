"""The reader that knows where everything stands."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.contracts.findings import Lines
from tallystick.contracts.jsonspans import MAX_DEPTH, Node, read_json

JsonValue: TypeAlias = Any

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(value=_VALUES, indent=st.sampled_from([None, 1, 4]), is_ascii=st.booleans())
def test_it_reads_what_the_standard_library_reads(value: JsonValue, indent: int | None, *, is_ascii: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=is_ascii)

    tree = read_json(text)

    assert tree.faults == ()
    assert tree.root is not None
    assert tree.root.value == value


@given(value=_VALUES)
def test_every_node_covers_exactly_its_own_text(value: JsonValue) -> None:
    text = json.dumps(value, indent=2)
    tree = read_json(text)
    assert tree.root is not None
    pending: list[Node] = [tree.root]
    while pending:
        node = pending.pop()
        assert json.loads(text[node.start : node.end]) == node.value
        pending += [*node.items, *(part for pair in node.members for part in pair)]


@given(text=st.text(alphabet="{}[]\",:0123456789.eE+-truefalsn \n\\u/*#'", max_size=60))
def test_it_accepts_exactly_the_texts_that_are_json(text: str) -> None:
    def refuse(constant: str) -> float:
        raise ValueError(constant)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        assert read_json(text).root is None
        assert read_json(text).faults
    else:
        assert read_json(text).root is not None


@given(text=st.text(max_size=80))
def test_a_fault_points_into_the_text_whatever_the_text(text: str) -> None:
    for fault in read_json(text).faults:
        assert 0 <= fault.start <= fault.end <= len(text) + 1
        assert "\n" not in fault.message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ('{"a": 1,}', "there is a comma before `}`"),
        ('{"a" 1}', "a colon is missing"),
        ('{"a": 1 "b": 2}', "a comma is missing after this value: add it"),
        ('{"a": 1 ; "b": 2}', "a comma or `}` is missing after this value"),
        ('{"a": [1, 2}', "the `[` of line 1 is not closed here: add `]` before this"),
        ('{"a": "x, "b": 1}', 'add the closing " behind its last word'),
        ('{"a": "a "big" one"}', 'write \\" for a quotation mark inside it'),
        ('{"a" = 1}', "a colon, not `=`"),
        ('{"a": ...}', "`...` stands for something left out"),
        ('{"a":\N{NO-BREAK SPACE}1}', "U+00A0 looks like a space and is none"),
        ('{"a": \N{LEFT DOUBLE QUOTATION MARK}x\N{RIGHT DOUBLE QUOTATION MARK}}', 'write "x"'),
        ('{"a": "x\ty"}', "may not stand in a string: write \\t"),
        ('{"a": 1,\n<<<<<<< HEAD\n"b": 1}', "a merge conflict is left here"),
        ('{"a": 1}\n>>>>>>> main\n', "a merge conflict is left here"),
        ("{a: 1}", 'stands without quotes: write "a"'),
        ("{'a': 1}", "strings stand in double quotes"),
        ('{"a": NaN}', "NaN is no JSON"),
        ('{"a": -Infinity}', "-Infinity is no JSON"),
        ('{"a": None}', "write null"),
        ('{"a": 01}', "is no JSON number"),
        ('{"a": "b\nc"}', "does not end on its line"),
        ('{"a": "\\q"}', "is no escape of JSON"),
        ("{} {}", "the contract ends before this"),
        ('{"a": 1', "the file ends before the `{` of line 1 is closed"),
        ('{"a": 1 # b\n}', "JSON has no comments"),
        ("{“a”: 1}", "is a typographic quote"),
        ("9" * 5_000, "more than 4,000 digits"),
    ],
)
def test_a_mistake_is_told_in_words_that_help(text: str, told: str) -> None:
    (fault,) = read_json(text).faults

    assert told in fault.message


def test_duplicates_and_lone_surrogates_are_all_reported_and_the_value_is_still_there() -> None:
    tree = read_json('{"a": 1, "a": 2, "b": "\\ud800", "b": {"c": 1, "c": 2}}')

    assert [fault.kind for fault in tree.faults] == ["duplicate", "surrogate", "duplicate", "duplicate"]
    assert tree.root is not None
    assert tree.root.value == {"a": 2, "b": {"c": 2}}


def test_depth_costs_no_stack_and_has_a_cap() -> None:
    assert read_json("[" * MAX_DEPTH + "]" * MAX_DEPTH).root is not None

    (fault,) = read_json("[" * 100_000).faults

    assert (fault.kind, fault.start) == ("depth", MAX_DEPTH)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_the_author_ended_them(end: str) -> None:
    span = Lines(f"one{end}two{end}three").span(3 + len(end), 6 + len(end))

    assert (span.line, span.column, span.end_line, span.end_column) == (2, 1, 2, 4)
