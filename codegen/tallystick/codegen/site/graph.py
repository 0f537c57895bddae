"""A layered graph as coordinates: columns from left to right, nodes ordered so that few lines cross.

A line that passes a column gets a gap in it, so that no line runs behind a box.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from tallystick.codegen.site.words import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["COMPACT", "WIDE", "Drawing", "Edge", "Node", "Size", "draw"]

_HEIGHT: Final = 44  # of a box
_SPACE: Final = 14  # between boxes
_PASSAGE: Final = 16  # for a line that passes
_MARGIN: Final = 8
_SWEEPS: Final = 6
_SCREEN: Final = 900  # beyond it nobody sees a graph at once, and columns begin at the top
_LAST: Final = 2.0  # behind every row, which are between 0 and 1


@dataclass(frozen=True, slots=True)
class Size:
    """How wide boxes and the space between columns are, and how many letters fit into a box."""

    width: int
    gap: int
    letters: int
    small_letters: int


WIDE: Final = Size(width=224, gap=84, letters=27, small_letters=35)
COMPACT: Final = Size(width=172, gap=46, letters=20, small_letters=26)


@dataclass(frozen=True, slots=True)
class Node:
    """A box.

    Attributes:
        key: What edges call it.
        column: Its column, from 0.
        label: Its name.
        note: What it is, in small letters.
        kind: `type`, `event`, `metric`, `experiment` or `more`.
        target: The page that it leads to; empty for none.
    """

    key: str
    column: int
    label: str
    note: str
    kind: str
    target: str = ""


Edge: TypeAlias = tuple[str, str]
_Cell: TypeAlias = str | tuple[str, str, int]  # a node's key, or where an edge passes a column


@dataclass(frozen=True, slots=True)
class Box:
    """A node in its place, its texts cut to its width."""

    node: Node
    x: int
    y: int
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph in its place: boxes, and curves as `(from, to, SVG path)`."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    curves: tuple[tuple[str, str, str], ...]
    box_width: int
    box_height: int = _HEIGHT


def draw(nodes: Iterable[Node], edges: Iterable[Edge], size: Size = WIDE) -> Drawing | None:
    """Lay a graph out; None where there is nothing to see.

    Empty columns take no room. Edges between nodes of one column, or to nodes that are not there, are not drawn.
    """
    known = {each.key: each for each in nodes}
    used = sorted({node.column for node in known.values()})
    column_of = {key: used.index(node.column) for key, node in known.items()}
    lines = sorted(
        {(a, b) for a, b in edges if a in known and b in known and column_of[a] < column_of[b]},
    )
    if not lines:
        return None
    columns: list[list[_Cell]] = [[key for key in known if column_of[key] == index] for index in range(len(used))]
    ways: dict[Edge, list[_Cell]] = {}
    for a, b in lines:
        passages: list[_Cell] = [(a, b, index) for index in range(column_of[a] + 1, column_of[b])]
        for index, passage in enumerate(passages, column_of[a] + 1):
            columns[index].append(passage)
        ways[a, b] = [a, *passages, b]
    for sweep in range(_SWEEPS):
        _sort(columns, list(ways.values()), leftwards=sweep % 2 == 1)
    return _placed(known, columns, ways, size)


def _placed(
    known: Mapping[str, Node], columns: list[list[_Cell]], ways: Mapping[Edge, list[_Cell]], size: Size
) -> Drawing:
    heights = [sum(_tall(cell) + _SPACE for cell in column) - _SPACE for column in columns]
    places: dict[_Cell, tuple[int, int]] = {}
    for index, column in enumerate(columns):
        y = _MARGIN + ((max(heights) - heights[index]) // 2 if max(heights) <= _SCREEN else 0)
        for cell in column:
            places[cell] = (_MARGIN + index * (size.width + size.gap), y)
            y += _tall(cell) + _SPACE
    boxes = tuple(
        Box(node, *places[key], shortened(node.label, size.letters), shortened(node.note, size.small_letters))
        for key, node in sorted(known.items(), key=lambda each: places[each[0]])
    )
    curves = tuple((a, b, _path(way, places, size)) for (a, b), way in ways.items())
    width = 2 * _MARGIN + len(columns) * (size.width + size.gap) - size.gap
    return Drawing(width, 2 * _MARGIN + max(heights), boxes, curves, size.width)


def _tall(cell: _Cell) -> int:
    return _HEIGHT if isinstance(cell, str) else _PASSAGE


def _sort(columns: list[list[_Cell]], ways: Sequence[Sequence[_Cell]], *, leftwards: bool) -> None:
    """Bring each column into the order of the middles of its neighbours; what has none comes last."""
    neighbours: dict[_Cell, list[_Cell]] = {}
    for way in ways:
        for a, b in pairwise(way):
            neighbours.setdefault(a, []).append(b)
            neighbours.setdefault(b, []).append(a)
    rows = {cell: (row + 0.5) / len(column) for column in columns for row, cell in enumerate(column)}
    for column in reversed(columns) if leftwards else columns:
        middles = {cell: _middle(neighbours.get(cell, ()), rows) for cell in column}
        column.sort(key=lambda cell: (middles[cell], rows[cell]))
        rows |= {cell: (row + 0.5) / len(column) for row, cell in enumerate(column)}


def _middle(near: Sequence[_Cell], rows: Mapping[_Cell, float]) -> float:
    return round(sum(rows[each] for each in near) / len(near), 9) if near else _LAST


def _path(way: Sequence[_Cell], places: Mapping[_Cell, tuple[int, int]], size: Size) -> str:
    """A curve from box to box: level through the columns that it passes, bent between them."""
    x, y = places[way[0]]
    text = f"M{x + size.width} {y + _HEIGHT // 2}"
    for a, b in pairwise(way):
        from_x, from_y = places[a][0] + size.width, places[a][1] + _tall(a) // 2
        to_x, to_y = places[b][0], places[b][1] + _tall(b) // 2
        bend = (to_x - from_x) // 2
        text += f"C{from_x + bend} {from_y} {to_x - bend} {to_y} {to_x} {to_y}"
        if not isinstance(b, str):
            text += f"H{to_x + size.width}"
    return text
