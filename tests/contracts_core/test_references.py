"""Schemas that use the types of other schemas."""

from __future__ import annotations

import pytest

from tallystick.contracts import SchemaError, parse
from tallystick.contracts.types import Record, Ref

SOURCE = '{"type":"record","name":"Source","fields":[{"name":"app","type":"string"}]}'
META = f'{{"type":"record","name":"Meta","namespace":"t","fields":[{{"name":"source","type":{SOURCE}}}]}}'
ORDER = """{"type":"record","name":"shop.Order","fields":[
    {"name":"meta","type":"t.Meta"},{"name":"again","type":"t.Meta"},{"name":"source","type":"t.Source"}]}"""


def test_a_schema_with_references_stands_on_its_own() -> None:
    meta = parse(META)
    order = parse(ORDER, references=[meta])
    assert list(order.named) == ["shop.Order", "t.Meta", "t.Source"]
    assert order == parse(order.text)
    assert order.root == parse(order.text).root
    assert isinstance(order.root, Record)
    assert [type(field.type) for field in order.root.fields] == [Record, Ref, Ref]


def test_beside_its_references_a_schema_names_them_only() -> None:
    meta = parse(META)
    order = parse(ORDER, references=[meta])
    # Java keeps the names of the references themselves, not of the types inside: Source is written out.
    assert order.text_beside([meta]) == (
        '{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"meta","type":"t.Meta"},'
        '{"name":"again","type":"t.Meta"},{"name":"source","type":{"type":"record","name":"Source","namespace":"t",'
        '"fields":[{"name":"app","type":"string"}]}}]}'
    )
    assert parse(order.text_beside([meta]), references=[meta]) == order


def test_references_that_share_a_type_agree_on_it() -> None:
    meta, order = parse(META), parse(ORDER, references=[parse(META)])
    both = parse('["t.Meta", "shop.Order"]', references=[meta, order])
    assert list(both.named) == ["t.Meta", "t.Source", "shop.Order"]
    other = parse('{"type":"fixed","name":"t.Meta","size":1}')
    with pytest.raises(SchemaError, match=r"t\.Meta is defined twice, differently"):
        parse('"t.Meta"', references=[meta, other])


def test_a_reference_that_is_not_used_leaves_no_trace() -> None:
    assert parse('"int"', references=[parse(META)]).named == {}


def test_a_recursive_reference_can_be_used() -> None:
    tree = parse('{"type":"record","name":"Tree","fields":[{"name":"left","type":["null","Tree"],"default":null}]}')
    assert parse('{"type":"map","values":"Tree"}', references=[tree]).text == f'{{"type":"map","values":{tree.text}}}'
