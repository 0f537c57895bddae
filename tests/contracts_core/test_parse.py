"""What `parse` accepts and how it writes it back; a Java test asks Java's Avro the same."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.contracts import SchemaError, parse
from tallystick.contracts.types import Array, Enum, Fixed, Json, Logical, Primitive, Record, Ref, Union, walk

if TYPE_CHECKING:
    from tests.contracts_core.conftest import Oracle


def record(*fields: str, **more: object) -> str:
    rest = "".join(f",{json.dumps(key)}:{json.dumps(value)}" for key, value in more.items())
    return f'{{"type":"record","name":"A","fields":[{",".join(fields)}]{rest}}}'


def field(kind: str, rest: str = "", name: str = "x") -> str:
    return f'{{"name":"{name}","type":{kind}{"," if rest else ""}{rest}}}'


B = '{"type":"record","name":"B","fields":[]}'
ENUM = '{"type":"enum","name":"E","symbols":["X"]}'

# What one would not expect, and Java does: text -> what is written, where it is accepted.
ACCEPTED = {
    "a property that is null": ('{"type":"int","p":null}', '{"type":"int","p":null}'),
    "a null property of a record": (record(p=None), record(p=None)),
    "a key that is there twice": ('{"type":"int","p":1,"q":2,"p":3}', '{"type":"int","p":3,"q":2}'),
    "control characters behind the end": ('"int"\x00\x01 \n', '"int"'),
    "a primitive as an object": ('{"type":"int","doc":"gone","name":"gone"}', '"int"'),
    "a union without branches": ("[]", "[]"),
    "an enum without symbols": (
        '{"type":"enum","name":"E","symbols":[]}',
        '{"type":"enum","name":"E","symbols":[]}',
    ),
    "an enum default that is no string": (
        '{"type":"enum","name":"E","symbols":["X"],"default":1}',
        '{"type":"enum","name":"E","symbols":["X"]}',
    ),
    "a doc that is no string": (record(doc=1), record()),
    "a default of any branch of a union": (
        record(field('["null","int"]', '"default":7')),
        record(field('["null","int"]', '"default":7')),
    ),
    "a default that is no symbol": (
        record(field(ENUM, '"default":"nope"')),
        record(field(ENUM, '"default":"nope"')),
    ),
    "a double in quotes": (
        record(field('"double"', '"default":" 0x1p3 "')),
        record(field('"double"', '"default":8.0')),
    ),
    "not a number": (record(field('"float"', '"default":"NaN"')), record(field('"float"', '"default":"NaN"'))),
    "a double beyond all doubles": ('{"type":"int","p":-1e400}', '{"type":"int","p":"-Infinity"}'),
    "a double of Java 17": (
        '{"type":"int","p":[2e23,1e7,0.001,1E-4]}',
        '{"type":"int","p":[1.9999999999999998E23,1.0E7,0.001,1.0E-4]}',
    ),
    "an integer of any size": (
        '{"type":"int","p":-12345678901234567890123}',
        '{"type":"int","p":-12345678901234567890123}',
    ),
    "minus nought": ('{"type":"int","p":[-0,-0.0]}', '{"type":"int","p":[0,-0.0]}'),
    "a sort order in any case": (
        record(field('"int"', '"order":"Descending"')),
        record(field('"int"', '"order":"descending"')),
    ),
    "names in any script": (
        '{"type":"fixed","name":"größe.名前","size":1}',
        '{"type":"fixed","name":"名前","namespace":"größe","size":1}',
    ),
    "a name that begins with a dot": (
        '{"type":"fixed","name":".F","namespace":"a","size":1}',
        '{"type":"fixed","name":"F","size":1}',
    ),
    "a type that is named like a kind": (
        '{"type":"record","name":"a.record","fields":[{"name":"x","type":"a.record"}]}',
        '{"type":"record","name":"record","namespace":"a","fields":[{"name":"x","type":"a.record"}]}',
    ),
    "an alias without a namespace, which looks like one with": (
        '{"type":"record","name":"ns.C","fields":[],"aliases":[".D","E","o.F","ns.union"]}',
        '{"type":"record","name":"C","namespace":"ns","fields":[],"aliases":["D","E","o.F","ns.union"]}',
    ),
    "a use before the definition": (
        record(field('"B"'), field(B, name="y")),
        record(field(B), field('"B"', name="y")),
    ),
    "a definition that comes twice": (record(field(B), field(B, name="y")), record(field(B), field('"B"', name="y"))),
    "a default inside a recursive array": (
        record(field('{"type":"array","items":"A"}', '"default":[]')),
        record(field('{"type":"array","items":"A"}', '"default":[]')),
    ),
    "control characters and lone surrogates": (
        '{"type":"int","p":"\\u001f\\ud800\\/\x7f"}',
        '{"type":"int","p":"\\u001F\ud800/\x7f"}',
    ),
    "a scale above the precision": (
        '{"type":"bytes","logicalType":"decimal","precision":2,"scale":3}',
        '{"type":"bytes","logicalType":"decimal","precision":2,"scale":3}',
    ),
}

REFUSED = {
    "nothing": "",
    "blanks": " \n",
    "a byte order mark": '\ufeff"int"',
    "text behind the end": '"int" x',
    "a number": "1",
    "null": "null",
    "NaN": '{"type":"int","p":NaN}',
    "an unknown type": '"nope"',
    "a type in a type": '{"type":{"type":"int"}}',
    "a record without fields": '{"type":"record","name":"A"}',
    "a record without a name": '{"type":"record","fields":[]}',
    "two fields of a name": record(field('"int"'), field('"int"')),
    "a field without a type": record('{"name":"x"}'),
    "a field that is a string": record('"x"'),
    "a bad field name": record('{"name":"a-b","type":"int"}'),
    "a name outside of the basic plane": '{"type":"fixed","name":"\U0001d49c","size":1}',
    "a bad part of a namespace": '{"type":"fixed","name":"F","namespace":"a..b","size":1}',
    "a name of a primitive": '{"type":"fixed","name":"int","size":1}',
    "aliases that are null": record(aliases=None),
    "an alias that is no name": record(aliases=["1"]),
    "a union in a union": '[["null"]]',
    "a branch twice": '["int","int"]',
    "a branch twice, one before its definition": record(field('["B","B"]'), field(B, name="y")),
    "a symbol twice": '{"type":"enum","name":"E","symbols":["X","X"]}',
    "an enum default that is no symbol": '{"type":"enum","name":"E","symbols":["X"],"default":"Y"}',
    "a size that is no integer": '{"type":"fixed","name":"F","size":4.0}',
    "a negative size": '{"type":"fixed","name":"F","size":-1}',
    "a default of the wrong type": record(field('"int"', '"default":1.0')),
    "a default beyond an int": record(field('"int"', '"default":2147483648')),
    "a null default of a string": record(field('"string"', '"default":null')),
    "a double that is no number": record(field('"double"', '"default":"x"')),
    "an unknown sort order": record(field('"int"', '"order":"up"')),
    "a sort order that is null": record(field('"int"', '"order":null')),
    "a default inside a recursive type": record(field('"A"', '"default":{}')),
    "a default inside a recursive union": record(field('["null","A"]', '"default":{}')),
    "two definitions that differ": record(field(B), field('{"type":"fixed","name":"B","size":1}', name="y")),
    "a recursive definition twice": '["null",'
    + ",".join(f'{{"type":"array","items":{record(field(chr(34) + "A" + chr(34)))}}}' for _ in range(2))
    + "]",
    "an integer beyond 64 bits on a record": record(p=2**63),
    "an integer beyond 64 bits inside a property": record(p=[{"a": -(2**63) - 1}]),
    "a number of 1001 digits": '{"type":"int","p":%s}' % ("1" * 1001),
    "JSON 1001 deep": '{"type":"int","p":%s}' % ("[" * 1000 + "]" * 1000),
    "a property name of 50001 characters": '{"type":"int","%s":1}' % ("a" * 50001),
    "a bare control character": '{"type":"int","p":"\t"}',
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_parse_accepts(case: str) -> None:
    text, written = ACCEPTED[case]
    assert parse(text).text == written


@pytest.mark.parametrize("case", REFUSED)
def test_parse_refuses(case: str) -> None:
    with pytest.raises(SchemaError):
        parse(REFUSED[case])


@pytest.mark.java
@pytest.mark.slow
def test_java_accepts_and_refuses_the_same(oracle: Oracle) -> None:
    answers = oracle.ask({"text": text} for text, _ in ACCEPTED.values())
    assert [answer.get("text") for answer in answers] == [written for _, written in ACCEPTED.values()]
    answers = oracle.ask({"text": text} for text in REFUSED.values())
    assert [case for case, answer in zip(REFUSED, answers, strict=True) if "refused" not in answer] == []


@pytest.mark.parametrize("text", ['/* first */ "int"', '{"type": // a comment\n "int"}'])
def test_comments_are_refused_though_java_takes_them(text: str) -> None:
    with pytest.raises(SchemaError, match="not JSON") as refused:
        parse(text)
    assert "doc" in refused.value.fix


def test_text_far_behind_a_long_schema_is_refused_though_java_overlooks_it() -> None:
    with pytest.raises(SchemaError, match="text follows"):
        parse(f'{{"type":"int","p":"{"x" * 40_000}"}}{" " * 9_000}garbage')


def test_types_are_values_and_a_later_use_is_a_ref() -> None:
    text = """{"type": "record", "name": "shop.Order", "doc": "d", "fields": [
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2, "unit": 1}},
        {"name": "parent", "type": ["null", "Order"], "default": null, "aliases": ["up"]},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["A"], "default": "A"}, "x:y": [1]},
        {"name": "states", "type": {"type": "array", "items": "State"}}]}"""
    schema = parse(text)
    total, parent, state, states = schema.root.fields if isinstance(schema.root, Record) else ()
    props: dict[str, Json] = {"logicalType": "decimal", "precision": 9, "scale": 2, "unit": 1}
    assert total.type == Primitive("bytes", Logical("decimal", 9, 2), props)
    assert parent.type == Union((Primitive("null"), Ref("shop.Order")))
    assert parent.default is None
    assert parent.has_default
    assert parent.aliases == ("up",)
    assert state.type == Enum("shop.State", symbols=("A",), default="A")
    assert state.props == {"x:y": [1]}
    assert not state.has_default
    assert states.type == Array(Ref("shop.State"))
    assert schema.name == "shop.Order"
    assert list(schema.named) == ["shop.Order", "shop.State"]
    assert schema.resolve(Ref("shop.State")) is state.type
    assert [type(node).__name__ for node in walk(schema.root)][:4] == ["Record", "Primitive", "Union", "Primitive"]


def test_a_logical_type_that_does_not_fit_is_ignored_but_seen() -> None:
    schema = parse('{"type":"int","logicalType":"uuid"}')
    assert schema.root == Primitive("int", None, {"logicalType": "uuid"})
    assert parse('{"type":"fixed","name":"F","size":12,"logicalType":"duration"}').root == Fixed(
        "F", size=12, logical=Logical("duration"), props={"logicalType": "duration"}
    )


def test_schemas_are_equal_if_their_texts_are() -> None:
    one, other = parse(record(doc="d")), parse(' {"doc":"d", "fields":[], "name":"A", "type":"record"} ')
    assert one == other
    assert len({one, other, parse(record())}) == 2
    assert one != "a text"


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        (record(field('{"type":"array","items":"nope"}')), "/fields/0/type/items"),
        (record(field('["null",{"type":"map","values":["int","int"]}]')), "/fields/0/type/1/values/1"),
        (record(field('"int"', '"default":"x"', name="a")), "/fields/0/default"),
        ('{"type":"enum","name":"E","symbols":["X","1"]}', "/symbols/1"),
        (record(field('"A"', '"default":{}')), "/fields/0/default"),
        (record(**{"a/b": 2**64}), "/a~1b"),
    ],
)
def test_an_error_tells_where(text: str, pointer: str) -> None:
    with pytest.raises(SchemaError) as refused:
        parse(text)
    assert refused.value.pointer == pointer
    assert pointer in str(refused.value)


def test_an_error_in_the_json_tells_line_and_column() -> None:
    with pytest.raises(SchemaError) as refused:
        parse('{"type":\n  "int" "x"}')
    assert (refused.value.line, refused.value.column) == (2, 9)
    assert "line 2, column 9" in str(refused.value)


@pytest.mark.parametrize(
    "text", ['"' + "x" * 10**6 + '"', record(field('"int"', '"default":"\\ud800"')), "[" * 999 + "]" * 999]
)
def test_an_error_is_one_short_line_that_can_be_printed(text: str) -> None:
    with pytest.raises(SchemaError) as refused:
        parse(text)
    line = str(refused.value)
    assert len(line.encode()) < 500
    assert "\n" not in line


def nested_records(depth: int) -> str:
    text = '"int"'
    for level in range(depth):
        text = f'{{"type":"record","name":"R{level}","fields":[{{"name":"x","type":{text}}}]}}'
    return text


@pytest.mark.parametrize(
    ("text", "legal"),
    [
        (nested_records(333), True),
        (nested_records(334), False),
        ('{"type":"array","items":' * 1000 + '"int"' + "}" * 1000, True),
        ('{"type":"array","items":' * 1001 + '"int"' + "}" * 1001, False),
        ('{"type":"int","p":' + '{"a":' * 999 + "1" + "}" * 1000, True),
        ("[" * 100_000, False),
        (
            record(field('{"type":"array","items":' * 900 + '"int"' + "}" * 900, '"default":' + "[" * 900 + "]" * 900)),
            True,
        ),
    ],
)
def test_depth_is_capped_at_1000_and_never_a_recursion_error(text: str, *, legal: bool) -> None:
    if not legal:
        with pytest.raises(SchemaError):
            parse(text)
        return
    schema = parse(text)
    assert parse(schema.text) == schema
    assert parse(schema.canonical).canonical == schema.canonical
    assert schema.fingerprint


def test_a_text_that_would_nest_too_deep_is_not_written() -> None:
    chain = [
        field(nested_records(1).replace("R0", f"R{i}").replace('"int"', f'"R{i + 1}"'), name=f"f{i}")
        for i in range(400)
    ]
    schema = parse(record(*chain, field(nested_records(1).replace("R0", "R400"), name="last")))
    assert len(schema.named) == 402
    with pytest.raises(SchemaError, match="deeper than 1000"):
        _ = schema.text


MEGABYTES = {
    "fields": record(
        *(
            field(
                '["null",{"type":"long","logicalType":"timestamp-micros"}]',
                f'"doc":"{"d" * 60}","default":null',
                f"f{i}",
            )
            for i in range(6_500)
        )
    ),
    "symbols": json.dumps({"type": "enum", "name": "E", "symbols": [f"S{i}" for i in range(100_000)]}),
    "a property": json.dumps({"type": "int", "p": [[1, "x"]] * 100_000}),
    "escapes": '{"type":"int","p":"' + '\\"' * 500_000 + '"}',
}


def seconds_for(text: str) -> float:
    start = time.process_time()
    assert len(parse(text).text) > 800_000
    return time.process_time() - start


@pytest.mark.parametrize("kind", MEGABYTES)
def test_a_schema_of_a_megabyte_takes_well_under_a_second(kind: str) -> None:
    text = MEGABYTES[kind]
    assert len(text) > 950_000
    assert min(seconds_for(text) for _ in range(3)) < 1


def test_defaults_that_double_at_every_level_are_judged_once() -> None:
    kind = '{"type":"record","name":"R0","fields":[]}'
    for level in range(1, 60):
        fields = field(kind, '"default":{}', "a"), field(f'"R{level - 1}"', '"default":{}', "b")
        kind = f'{{"type":"record","name":"R{level}","fields":[{",".join(fields)}]}}'
    assert len(parse(record(field(kind, '"default":{}'), field('["null","A"]', name="self"))).named) == 61


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_properties_survive_the_way_through_a_schema(value: Json) -> None:
    schema = parse(json.dumps({"type": "map", "values": "int", "p": value}))
    assert json.loads(schema.text) == {"type": "map", "values": "int", "p": value}
    assert parse(schema.text) == schema


@given(st.text())
def test_any_text_is_a_schema_or_a_schema_error(text: str) -> None:
    with suppress(SchemaError):
        assert parse(parse(text).text) == parse(text)
