"""A single place in a JSON text, found without a tree: the same as in the tree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.contracts.jsonplaces import place_of
from tallystick.contracts.jsonspans import read_json
from tallystick.contracts.levels import LEVELS
from tallystick.contracts.lint.document import read_document
from tallystick.contracts.vocabulary import LEVEL_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.contracts.jsonspans import Json, Node

_LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


def _places(
    node: Node, key: Node, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Node, Node]]:
    yield path, key, node
    for name, child in node.members:
        yield from _places(child, name, (*path, str(name.value)))
    for index, child in enumerate(node.items):
        yield from _places(child, child, (*path, index))


@settings(max_examples=60, deadline=None)
@given(_VALUES, st.sampled_from([None, 2]), st.booleans())
def test_every_place_is_where_the_tree_has_it(value: Json, indent: int | None, plain: bool) -> None:  # noqa: FBT001 -- hypothesis gives it
    text = f" {json.dumps(value, indent=indent, ensure_ascii=plain)}\n"
    root = read_json(text).root
    assert root is not None
    for path, key, node in _places(root, root):
        assert place_of(text, path) == ((key.start, key.end), (node.start, node.end))
        assert place_of(text, (*path, "no such key", 7)) in (
            place_of(text, path),
            place_of(text, (*path, "no such key")),
        )


def test_a_path_that_leads_nowhere_ends_at_the_nearest_part() -> None:
    text = '{"a": [1, {"b": 2}], "c": []}'

    assert place_of(text, ("a", 2, "b")) == place_of(text, ("a",))
    assert place_of(text, ("a", 1, "x")) == place_of(text, ("a", 1))
    assert place_of(text, ("a", "b")) == place_of(text, ("a",))
    assert place_of(text, ("c", 0)) == ((21, 24), (26, 28))


def test_a_whole_file_is_blamed_at_its_first_key_whichever_way_it_was_read() -> None:
    sound = read_document("a.avsc", "schema", b'{"type": "record"}')
    doubled = read_document("a.avsc", "schema", b'{"type": "record", "type": "enum"}')

    assert sound.span(()) == doubled.span(()) == sound.span(("type",), "key")


def test_lint_knows_the_compatibility_levels_that_there_are() -> None:
    assert tuple(LEVELS) == LEVEL_NAMES
