"""JSON as Jackson reads and writes it for Java's Avro, byte for byte."""

from __future__ import annotations

import json
import math
import re
from typing import Final, NoReturn

from tallystick.contracts.errors import SchemaError
from tallystick.contracts.types import Json

__all__ = ["quote", "read_json", "write_double", "write_json"]

MAX_NUMBER_LENGTH: Final = 1000
_JAVA_BLANKS: Final = "".join(map(chr, range(0x21)))
_WHITESPACE: Final = re.compile(r"[ \t\n\r]*")
_SPECIAL: Final = re.compile(r'[\x00-\x1f"\\]')
_ESCAPES: Final = {chr(code): f"\\u{code:04X}" for code in range(0x20)} | {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
}
_WORDS: Final = {None: "null", True: "true", False: "false"}
_PLAIN_FROM: Final = 1e-3
_PLAIN_BELOW: Final = 1e7


def read_json(text: str) -> Json:
    """Read one JSON value that fills the text; of a key that is there twice the last value counts.

    Raises:
        SchemaError: The text is not JSON, or it breaks one of the limits.
    """
    start = _WHITESPACE.match(text).end()  # type: ignore[union-attr]  # matches everywhere
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise SchemaError(f"the text is not JSON: {error.msg}", line=error.lineno, column=error.colno) from None
    if text[end:].strip(_JAVA_BLANKS):
        raise SchemaError("text follows after the schema's end")
    return value  # type: ignore[no-any-return]  # json is typed with Any


def write_json(value: Json) -> str:
    """Write a JSON value on one line, without blanks."""
    if not isinstance(value, (dict, list)):
        return _scalar(value)
    out: list[str] = []
    todo: list[_Verbatim | Json] = [value]
    while todo:
        piece = todo.pop()
        match piece:
            case _Verbatim():
                out.append(piece)
            case list():
                todo.extend(reversed(_list_pieces(piece)))
            case dict():
                todo.extend(reversed(_dict_pieces(piece)))
            case _:
                out.append(_scalar(piece))
    return "".join(out)


def quote(text: str) -> str:
    """Write a JSON string."""
    return f'"{_SPECIAL.sub(_escape, text)}"'


def write_double(value: float) -> str:
    """Write a double as Java's `Double.toString`, and what JSON cannot say as a string."""
    if not math.isfinite(value):
        return '"NaN"' if math.isnan(value) else '"Infinity"' if value > 0 else '"-Infinity"'
    return repr(value)


class _Verbatim(str):
    """Text that is already JSON."""

    __slots__ = ()


def _list_pieces(values: list[Json]) -> list[_Verbatim | Json]:
    pieces: list[_Verbatim | Json] = [_Verbatim("[" if values else "[]")]
    for value in values:
        pieces += (value, _Verbatim(","))
    if values:
        pieces[-1] = _Verbatim("]")
    return pieces


def _dict_pieces(values: dict[str, Json]) -> list[_Verbatim | Json]:
    pieces: list[_Verbatim | Json] = [_Verbatim("{" if values else "{}")]
    for key, value in values.items():
        pieces += (_Verbatim(quote(key) + ":"), value, _Verbatim(","))
    if values:
        pieces[-1] = _Verbatim("}")
    return pieces


def _scalar(value: Json) -> str:
    match value:
        case str():
            return quote(value)
        case float():
            return write_double(value)
        case None | bool():
            return _WORDS[value]
        case _:  # an int: not looked up among the words, for 0 == False
            return str(value)


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES[match[0]]


def _integer(digits: str) -> int:
    if len(digits.removeprefix("-")) > MAX_NUMBER_LENGTH:
        raise SchemaError(f"a number has more than {MAX_NUMBER_LENGTH} digits")
    return int(digits)


def _no_constant(name: str) -> NoReturn:
    raise SchemaError(f"the text is not JSON: {name} is no number")


_DECODER: Final = json.JSONDecoder(parse_int=_integer, parse_constant=_no_constant)
