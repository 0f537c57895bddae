"""JSON as Jackson reads and writes it for Java's Avro, byte for byte."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tallystick.contracts._deep_json import MAX_DEPTH, read_deep
from tallystick.contracts._doubles import double_text
from tallystick.contracts.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.contracts.types import Json

__all__ = ["check_depth", "quote", "read_json", "write_json"]

_MAX_DIGITS: Final = 1000
_MAX_NAME: Final = 50_000

_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_JAVA_BLANKS: Final = "".join(map(chr, range(0x21)))  # what String.trim takes off
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*+"')
_BRACKETS: Final = re.compile(r"[\[\]{}]")
_COLON: Final = re.compile(r"[ \t\n\r]*:")
_INFINITE: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
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


def read_json(text: str) -> Json:
    """Read one JSON value that fills the text; of a key that is there twice the last value counts.

    Raises:
        SchemaError: The text is not JSON, or goes beyond one of Jackson's limits.
    """
    start = _BLANKS.match(text).end()  # type: ignore[union-attr]  # it matches everywhere
    try:
        value, end = _read(text, start)
    except json.JSONDecodeError as error:
        fix = "move the comment into a doc" if text[error.pos : error.pos + 1] == "/" else ""
        raise SchemaError(f"not JSON: {error.msg}", line=error.lineno, column=error.colno, fix=fix) from None
    if text[end:].strip(_JAVA_BLANKS):
        raise SchemaError("not JSON: text follows after the schema's end", fix="remove what stands behind it")
    check_depth(text)
    _check_names(text)
    return value


def write_json(value: Json, *, sort_keys: bool = False) -> str:
    """Write a JSON value on one line, without blanks."""
    if not isinstance(value, (list, dict)):
        return _scalar(value)
    out: list[str] = []
    around: list[tuple[Iterator[Any], str]] = [(iter([value]), "")]
    while around:
        parts, closer = around[-1]
        for part in parts:
            if closer == "}":
                key, inner = part
                out.append(f"{quote(key)}:")
            else:
                inner = part
            if isinstance(inner, list):
                out.append("[")
                around.append((iter(inner), "]"))
                break
            if isinstance(inner, dict):
                out.append("{")
                around.append((iter(sorted(inner.items()) if sort_keys else inner.items()), "}"))
                break
            out += (_scalar(inner), ",")
        else:
            around.pop()
            if out[-1] == ",":
                out.pop()
            out += (closer, ",")
    return "".join(out[:-1])


def quote(text: str) -> str:
    """Write a JSON string; only what must be escaped is."""
    return f'"{_SPECIAL.sub(_escape, text)}"'


def _read(text: str, start: int) -> tuple[Json, int]:
    try:
        return _DECODER.raw_decode(text, start)
    except RecursionError:
        return read_deep(text, start, _DECODER.raw_decode)


def check_depth(text: str) -> None:
    """Refuse JSON that nests deeper than the cap.

    Raises:
        SchemaError: It does.
    """
    if text.count("[") + text.count("{") > MAX_DEPTH:
        depth = 0
        for bracket in _BRACKETS.findall(_STRING.sub("", text)):
            depth += 1 if bracket in "[{" else -1
            if depth > MAX_DEPTH:
                raise SchemaError(
                    f"the JSON nests deeper than {MAX_DEPTH}", fix="name inner types and use them by name"
                )


def _check_names(text: str) -> None:
    if len(text) > _MAX_NAME:
        for name in _STRING.finditer(text):
            is_long = name.end() - name.start() > _MAX_NAME and len(json.loads(name[0])) > _MAX_NAME
            if is_long and _COLON.match(text, name.end()):
                raise SchemaError(f"the name of a property has more than {_MAX_NAME} characters")


def _integer(text: str) -> int:
    _check_digits(text)
    return int(text)


def _double(text: str) -> float:
    _check_digits(text)
    return float(text)


def _check_digits(text: str) -> None:
    if len(text) > _MAX_DIGITS and sum(map(str.isdigit, text)) > _MAX_DIGITS:
        raise SchemaError(f"a number has more than {_MAX_DIGITS} digits")


def _no_constant(name: str) -> NoReturn:
    raise SchemaError(f"not JSON: {name} is no number")


_DECODER: Final = json.JSONDecoder(parse_int=_integer, parse_float=_double, parse_constant=_no_constant)


def _scalar(value: object) -> str:
    match value:
        case str():
            return quote(value)
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float():
            return double_text(value) if math.isfinite(value) else f'"{_INFINITE[str(value)]}"'
        case _:
            return str(value)


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES[match[0]]
