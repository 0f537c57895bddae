"""Compatibility of pairs and levels; Java is asked in test_against_java."""

from __future__ import annotations

import pytest

from tallystick.contracts import (
    LEVELS,
    AmbiguousAliasError,
    Direction,
    Incompatibility,
    Schema,
    SchemaError,
    check,
    compatibility,
    parse,
)


def record(*fields: str, name: str = "A", rest: str = "") -> Schema:
    return parse(f'{{"type":"record","name":"{name}","fields":[{",".join(fields)}]{rest}}}')


def field(name: str, kind: str = '"int"', rest: str = "") -> str:
    return f'{{"name":"{name}","type":{kind}{rest}}}'


OPTIONAL = field("b", rest=',"default":0')


@pytest.mark.parametrize(
    ("reader", "writer", "findings"),
    [
        (parse('"long"'), parse('"int"'), []),
        (parse('"string"'), parse('"bytes"'), []),
        (
            parse('"int"'),
            parse('"long"'),
            [("TYPE_MISMATCH", "/", "reader type: INT not compatible with writer type: LONG")],
        ),
        (record(field("a"), OPTIONAL), record(field("a")), []),
        (
            record(field("a"), field("b")),
            record(field("a")),
            [("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/1", "b")],
        ),
        (record(field("b", rest=',"aliases":["a"]')), record(field("a")), []),
        (record(name="A"), record(name="B"), [("NAME_MISMATCH", "/name", "expected: B")]),
        (record(name="moved.A"), record(name="A"), []),
        (record(name="B", rest=',"aliases":["A"]'), record(name="A"), []),
        (
            parse('{"type":"enum","name":"E","symbols":["X"]}'),
            parse('{"type":"enum","name":"E","symbols":["Z","X","Y"]}'),
            [("MISSING_ENUM_SYMBOLS", "/symbols", "[Y, Z]")],
        ),
        (
            parse('{"type":"enum","name":"E","symbols":["X"],"default":"X"}'),
            parse('{"type":"enum","name":"E","symbols":["Z"]}'),
            [],
        ),
        (
            parse('{"type":"map","values":{"type":"fixed","name":"F","size":1}}'),
            parse('{"type":"map","values":{"type":"fixed","name":"F","size":2}}'),
            [("FIXED_SIZE_MISMATCH", "/values/size", "expected: 2, found: 1")],
        ),
        (
            parse('["null","int"]'),
            parse('["null","string"]'),
            [("MISSING_UNION_BRANCH", "/1", "reader union lacking writer type: STRING")],
        ),
        (
            parse('{"type":"array","items":["null","int"]}'),
            parse('{"type":"array","items":"string"}'),
            [("MISSING_UNION_BRANCH", "/items", "reader union lacking writer type: STRING")],
        ),
    ],
)
def test_a_pair_is_judged_as_by_java(reader: Schema, writer: Schema, findings: list[tuple[str, str, str]]) -> None:
    assert compatibility(reader=reader, writer=writer) == tuple(Incompatibility(*each) for each in findings)


def test_a_recursive_type_is_compatible_with_itself() -> None:
    tree = record(field("left", '["null","A"]'), field("right", '{"type":"array","items":"A"}'))
    assert compatibility(reader=tree, writer=tree) == ()


def test_a_field_that_stands_for_two_is_an_error_with_a_name() -> None:
    reader = record(field("a", rest=',"aliases":["b"]'))
    with pytest.raises(AmbiguousAliasError, match="a, b") as error:
        compatibility(reader=reader, writer=record(field("a"), field("b")))
    assert isinstance(error.value, SchemaError)
    assert (error.value.record, error.value.field, error.value.matches) == ("A", "a", ("a", "b"))
    assert error.value.pointer == "/fields/0"


def test_depth_is_no_recursion_error() -> None:
    deep = [parse('{"type":"array","items":' * 1000 + f'"{kind}"' + "}" * 1000) for kind in ("int", "string")]
    (finding,) = compatibility(reader=deep[0], writer=deep[1])
    assert finding.location == "/items" * 1000


def doubling(kind: str, levels: int = 60) -> str:
    """Write a schema whose types use each other twice at every level, at the bottom some kind of value."""
    text = f'{{"type":"record","name":"R0","fields":[{field("a", kind)}]}}'
    for level in range(1, levels):
        fields = f"{field('a', text)},{field('b', f'{chr(34)}R{level - 1}{chr(34)}')}"
        text = f'{{"type":"record","name":"R{level}","fields":[{fields}]}}'
    return text


def test_findings_that_double_at_every_level_are_cut_off() -> None:
    findings = compatibility(reader=parse(doubling('"int"')), writer=parse(doubling('"string"')))
    assert len(findings) == 100_000


FIRST = record(field("a"))
SECOND = record(field("a"), OPTIONAL)
THIRD = record(field("b"))


@pytest.mark.parametrize(
    ("level", "new", "previous", "failures"),
    [
        ("NONE", parse('"int"'), [FIRST], set()),
        ("BACKWARD", SECOND, [FIRST], set()),
        ("BACKWARD", THIRD, [SECOND, FIRST], set()),
        ("BACKWARD_TRANSITIVE", THIRD, [SECOND, FIRST], {(1, Direction.BACKWARD)}),
        ("FORWARD", FIRST, [SECOND], set()),
        ("FORWARD", THIRD, [SECOND, FIRST], {(0, Direction.FORWARD)}),
        ("FORWARD_TRANSITIVE", THIRD, [THIRD, FIRST], {(1, Direction.FORWARD)}),
        ("FULL", THIRD, [FIRST, SECOND], {(0, Direction.FORWARD), (0, Direction.BACKWARD)}),
        ("FULL_TRANSITIVE", SECOND, [SECOND, FIRST], set()),
        ("FULL_TRANSITIVE", SECOND, [], set()),
    ],
)
def test_a_level_is_directions_and_reach(
    level: str, new: Schema, previous: list[Schema], failures: set[tuple[int, Direction]]
) -> None:
    findings = check(LEVELS[level], new, previous)
    assert {(finding.index, finding.direction) for finding in findings} == failures


def test_a_full_check_tells_of_the_forward_direction_first_as_confluent_does() -> None:
    directions = [finding.direction for finding in check(LEVELS["FULL"], THIRD, [FIRST])]
    assert directions == [Direction.FORWARD, Direction.BACKWARD]
