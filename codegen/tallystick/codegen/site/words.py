"""Small things in words: types as Avro says them, values, durations."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from tallystick.contracts.types import Array, Enum, Fixed, Map, Primitive, Record, Ref, Type, Union

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["avro_type", "duration", "json_block", "json_pretty", "plural", "shortened", "value_text"]

_DURATION: Final = re.compile(r"P(\d+)([DWMY])|PT(\d+)([HMS])")
_UNITS: Final[Mapping[str, str]] = {"D": "day", "W": "week", "M": "month", "Y": "year"}
_CLOCK_UNITS: Final[Mapping[str, str]] = {"H": "hour", "M": "minute", "S": "second"}


def avro_type(node: Type) -> str:
    """A type in Avro's own words, on one line: `null | string`, `array<OrderLine>`, `bytes decimal(18,2)`."""
    match node:
        case Record() | Enum() | Ref():
            return _simple(node.name) if isinstance(node, Ref) else f"{node.kind} {node.simple_name}"
        case Fixed():
            return _logical(node, f"fixed({node.size})")
        case Primitive():
            return _logical(node, node.name)
        case Array():
            return f"array<{avro_type(node.items)}>"
        case Map():
            return f"map<{avro_type(node.values)}>"
        case Union():
            return " | ".join(avro_type(each) for each in node.branches)


def _logical(node: Primitive | Fixed, word: str) -> str:
    logical = node.logical
    if logical is None:
        return word
    if logical.name == "decimal":
        return f"{word} decimal({logical.precision},{logical.scale or 0})"
    return f"{word} {logical.name}"


def _simple(name: str) -> str:
    return name.rpartition(".")[2]


def duration(text: object) -> str:
    """An ISO 8601 duration of one unit in words; any other as it is."""
    match = _DURATION.fullmatch(str(text))
    if match is None:
        return str(text)
    number, unit = (match[1], _UNITS[match[2]]) if match[1] else (match[3], _CLOCK_UNITS[match[4]])
    return plural(int(number), unit)


def plural(count: int, noun: str) -> str:
    """A number of things."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{count:,} {noun}s"


def shortened(text: str, limit: int) -> str:
    """A text on one line, cut at a word where it is long."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    cut = flat[: limit - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(".,;:") + "\N{HORIZONTAL ELLIPSIS}"


def value_text(value: Any) -> str:  # noqa: ANN401 - JSON, or what YAML makes of it
    """A value as JSON on one line; what JSON has no form for as its text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def json_block(value: Any) -> str:  # noqa: ANN401 - JSON, or what YAML makes of it
    """A value as JSON over many lines."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def json_pretty(text: str) -> str:
    """A text that is JSON, over many lines."""
    return json_block(json.loads(text))
