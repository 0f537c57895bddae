"""`tallystick fmt`: one way to write a schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tallystick.cli.fmt import command
from tallystick.contracts import parse
from tallystick.contracts.formatting import NotFormattableError, format_schema

JsonValue: TypeAlias = Any

_SCHEMAS = sorted((Path(__file__).parents[2] / "schemas").rglob("*.avsc"))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["type", "name", "fields", "items", "doc", "x"]), inner)
    ),
    max_leaves=40,
)


@pytest.mark.parametrize("path", _SCHEMAS, ids=lambda path: path.stem)
def test_the_contracts_of_this_repository_are_formatted(path: Path) -> None:
    assert format_schema(path.read_text()) == path.read_text()


@pytest.mark.parametrize("path", _SCHEMAS, ids=lambda path: path.stem)
@pytest.mark.parametrize("indent", [None, 7])
def test_however_it_was_written_the_result_is_the_same(path: Path, indent: int | None) -> None:
    assert format_schema(json.dumps(json.loads(path.read_text()), indent=indent)) == path.read_text()


@given(value=_VALUES)
def test_it_is_idempotent_and_keeps_every_value(value: JsonValue) -> None:
    formatted = format_schema(json.dumps(value))

    assert json.loads(formatted) == value
    assert format_schema(formatted) == formatted


def test_keys_get_their_order_and_unknown_ones_keep_theirs() -> None:
    text = (
        '{"fields": [{"zebra": 1, "doc": "A.", "default": {"b": 1, "a": 2}, "type": {"values": "int", "type": "map"}, '
        '"apple": 2, "tallystick:role": [], "name": "x"}], "name": "R", "own": 1, "doc": "B.", "type": "record"}'
    )

    assert format_schema(text) == (
        '{\n  "type": "record",\n  "name": "R",\n  "doc": "B.",\n  "own": 1,\n  "fields": [\n    {\n'
        '      "name": "x",\n      "type": {"type": "map", "values": "int"},\n      "doc": "A.",\n'
        '      "default": {"b": 1, "a": 2},\n      "tallystick:role": [],\n      "zebra": 1,\n      "apple": 2\n'
        "    }\n  ]\n}\n"
    )


def test_numbers_and_strings_keep_the_characters_that_were_typed() -> None:
    text = '{"type":"record","name":"R","doc":"\\u00e9 \\/ é","fields":[],"x":1.50e+3,"y":-0.0}'

    assert (
        format_schema(text)
        == '{"type": "record", "name": "R", "doc": "\\u00e9 \\/ é", "x": 1.50e+3, "y": -0.0, "fields": []}\n'
    )


def test_a_formatted_schema_means_the_same() -> None:
    text = (
        '{"fields":[{"default":"A","type":{"default":"A","symbols":["A","B"],"name":"E","type":"enum"},"name":"e"},'
        '{"type":"E","name":"f"}],"namespace":"n","name":"R","type":"record"}'
    )

    assert parse(format_schema(text)).canonical == parse(text).canonical


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"a": 1,}', "", "[" * 2_000])
def test_what_would_lose_something_is_left_alone(text: str) -> None:
    with pytest.raises(NotFormattableError):
        format_schema(text)


def test_depth_costs_no_stack() -> None:
    text = '{"type": "array", "items": ' * 900 + '"int"' + "}" * 900

    assert format_schema(format_schema(text)) == format_schema(text)


def test_the_command_formats_what_it_can_and_tells_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    good, bad = tmp_path / "schemas/Good.avsc", tmp_path / "schemas/Bad.avsc"
    good.write_text('{"name":"Good","type":"enum","symbols":["A"]}')
    bad.write_bytes(b"\xff\xfe")

    checked = CliRunner().invoke(command, ["--check"])
    assert (checked.exit_code, good.read_text()[:7]) == (1, '{"name"')
    assert "would format schemas/Good.avsc" in checked.output
    assert "fix: tallystick fmt" in checked.output

    formatted = CliRunner().invoke(command, [])
    assert formatted.exit_code == 1
    assert "schemas/Bad.avsc: left alone: the file is UTF-16" in formatted.output
    assert good.read_text() == '{"type": "enum", "name": "Good", "symbols": ["A"]}\n'

    bad.unlink()
    assert CliRunner().invoke(command, ["--check"]).exit_code == 0
