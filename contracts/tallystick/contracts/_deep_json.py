"""A reader for JSON that nests deeper than Python's own reader can follow."""

from __future__ import annotations

import re
from collections.abc import Callable
from json import JSONDecodeError
from typing import Final, TypeAlias

from tallystick.contracts.errors import SchemaError
from tallystick.contracts.types import Json

__all__ = ["MAX_DEPTH", "read_deep"]

MAX_DEPTH: Final = 1000

_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_CLOSERS: Final = {list: "]", dict: "}"}
Reader: TypeAlias = Callable[[str, int], tuple[Json, int]]
# An array or object that is still open, and the key of its next value.
_Place: TypeAlias = tuple[list[Json] | dict[str, Json], str]


class _Cursor:
    """A place in a text."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at

    def skip(self, count: int = 0) -> None:
        """Go over so many characters and the blanks behind them."""
        self.at = _BLANKS.match(self.text, self.at + count).end()  # type: ignore[union-attr]  # it matches everywhere

    def sees(self, char: str) -> bool:
        return self.text.startswith(char, self.at)

    def expected(self, what: str) -> JSONDecodeError:
        return JSONDecodeError(f"Expecting {what}", self.text, self.at)


def read_deep(text: str, start: int, read: Reader) -> tuple[Json, int]:
    """Read the value that begins at `start`; return it and the place behind it.

    Args:
        text: The JSON.
        start: Where the value begins.
        read: Reads one value; it is asked for those without any inside only.

    Raises:
        JSONDecodeError: The text is not JSON.
        SchemaError: It nests deeper than `MAX_DEPTH`.
    """
    cursor = _Cursor(text, start)
    around: list[_Place] = []
    while True:
        value = _descend(cursor, around, read)
        whole, is_outermost = _ascend(cursor, around, read, value)
        if is_outermost:
            return whole, cursor.at


def _descend(cursor: _Cursor, around: list[_Place], read: Reader) -> Json:
    """Read the next value without any inside, noting what it stands in."""
    while cursor.sees("[") or cursor.sees("{"):
        holder: list[Json] | dict[str, Json] = [] if cursor.sees("[") else {}
        if len(around) == MAX_DEPTH:
            raise SchemaError(f"the JSON nests deeper than {MAX_DEPTH}", fix="name inner types and use them by name")
        cursor.skip(1)
        if cursor.sees(_CLOSERS[type(holder)]):
            cursor.at += 1
            return holder
        around.append((holder, _key(cursor, holder, read)))
    value, cursor.at = read(cursor.text, cursor.at)
    return value


def _ascend(cursor: _Cursor, around: list[_Place], read: Reader, value: Json) -> tuple[Json, bool]:
    """Put a value where it stands, and close what is whole with it; say whether that is the outermost value."""
    while around:
        holder, key = around.pop()
        if isinstance(holder, dict):
            holder[key] = value
        else:
            holder.append(value)
        cursor.skip()
        if cursor.sees(","):
            cursor.skip(1)
            around.append((holder, _key(cursor, holder, read)))
            return holder, False
        if not cursor.sees(_CLOSERS[type(holder)]):
            raise cursor.expected("',' delimiter")
        cursor.at += 1
        value = holder
    return value, True


def _key(cursor: _Cursor, holder: list[Json] | dict[str, Json], read: Reader) -> str:
    """Read an object's next key and its colon; an array has none."""
    if isinstance(holder, list):
        return ""
    key, end = read(cursor.text, cursor.at) if cursor.sees('"') else (None, 0)
    if not isinstance(key, str):
        raise cursor.expected("property name enclosed in double quotes")
    cursor.at = end
    cursor.skip()
    if not cursor.sees(":"):
        raise cursor.expected("':' delimiter")
    cursor.skip(1)
    return key
