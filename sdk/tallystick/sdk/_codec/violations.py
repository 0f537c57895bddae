"""What is wrong with a value, as facts: where, which rule, what is expected, what came; never the value itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tallystick.sdk._codec.leaf import EXPECTED_BY_PATTERN
from tallystick.sdk._codec.wire import MARK
from tallystick.sdk.rules import CODE as RULE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

__all__ = ["Violation", "violations"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule.

    Attributes:
        path: Where in the record, as a JSON pointer; empty for the whole.
        code: The rule: `type`, `missing`, `unknown_field`, `unknown_symbol`, `format`, `out_of_range`, `length`,
            `malformed_json`, `too_deep`, `invalid`, or `rule:` and the name of a rule that the contract states.
        expected: What the contract asks for.
        got: The kind of thing that came, in JSON's words; None where nothing came.
    """

    path: str
    code: str
    expected: str
    got: str | None


def violations(error: ValidationError) -> tuple[Violation, ...]:
    """Return every broken rule of a failed validation, without any value."""
    details = error.errors(include_url=False)
    return tuple(Violation(_pointer(each["loc"]), _code(each), _expected(each), _got(each)) for each in details)


_CODES: Final = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "enum": "unknown_symbol",
    "string_pattern_mismatch": "format",
    "string_unicode": "format",
    "base64": "format",
    "uuid_parsing": "format",
    "uuid_format": "format",
    "timezone_aware": "format",
    "timezone_naive": "format",
    "date_parsing": "format",
    "date_from_datetime_parsing": "format",
    "date_from_datetime_inexact": "format",
    "time_parsing": "format",
    "datetime_parsing": "format",
    "datetime_from_date_parsing": "format",
    "datetime_object_invalid": "format",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "int_parsing_size": "out_of_range",
    "finite_number": "out_of_range",
    "decimal_max_digits": "out_of_range",
    "decimal_max_places": "out_of_range",
    "decimal_whole_digits": "out_of_range",
    "bytes_too_short": "length",
    "bytes_too_long": "length",
    "string_too_long": "length",
    "json_invalid": "malformed_json",
    "recursion_depth_exceeded": "too_deep",
    "recursion_loop": "too_deep",
    "union": "type",
}
_TOO_DEEP: Final = "recursion limit exceeded"
_TYPE_SUFFIXES: Final = ("_type", "_attributes_type", "_required", "_from_float", "_instance_of")

_WORDS: Final[dict[str, str]] = {
    "int_type": "integer",
    "int_from_float": "integer",
    "int_parsing_size": "integer of at most 64 bits",
    "float_type": "number",
    "finite_number": "finite number",
    "string_type": "string",
    "string_unicode": "string of Unicode characters",
    "bool_type": "boolean",
    "bytes_type": "bytes",
    "tuple_type": "array",
    "dict_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
    "none_required": "null",
    "missing": "a value",
    "extra_forbidden": "no such field",
    "base64": "base64",
    "json_invalid": "JSON",
    "recursion_depth_exceeded": "fewer levels",
    "recursion_loop": "fewer levels",
    "timezone_aware": "time with offset",
    "timezone_naive": "time without offset",
}
_TEMPLATES: Final[dict[str, str]] = {
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "decimal_max_digits": "at most {max_digits} digits",
    "decimal_max_places": "at most {decimal_places} digits behind the point",
    "decimal_whole_digits": "at most {whole_digits} digits before the point",
    "bytes_too_short": "at least {min_length} bytes",
    "bytes_too_long": "at most {max_length} bytes",
    "enum": "{expected}",
    "union": "{expected}",
    RULE: "{expects}",
}


def _code(details: ErrorDetails) -> str:
    kind = details["type"]
    if kind == RULE:
        return f"rule:{details['ctx']['rule']}"
    if kind == "json_invalid" and str(details.get("ctx", {}).get("error", "")).startswith(_TOO_DEEP):
        return "too_deep"
    return _CODES.get(kind) or ("type" if kind.endswith(_TYPE_SUFFIXES) else "invalid")


def _expected(details: ErrorDetails) -> str:
    kind = details["type"]
    context: Mapping[str, Any] = details.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return EXPECTED_BY_PATTERN.get(context["pattern"], "another form")
    if kind in _TEMPLATES:
        return _TEMPLATES[kind].format_map(context)
    return _WORDS.get(kind) or details["msg"].removeprefix("Input should be ")


def _pointer(location: tuple[int | str, ...]) -> str:
    steps = [str(each) for each in location if not (isinstance(each, str) and each.startswith(MARK))]
    return "".join("/" + each.replace("~", "~0").replace("/", "~1") for each in steps)


_NOTHING_CAME: Final = frozenset({"missing", RULE})  # a rule minds the value, not its kind
_GOT: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (type(None), "null"),
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    ((bytes, bytearray), "bytes"),
    ((list, tuple), "array"),
    (dict, "object"),
)


def _got(details: ErrorDetails) -> str | None:
    if details["type"] in _NOTHING_CAME:
        return None
    value = details["input"]
    return next((word for cls, word in _GOT if isinstance(value, cls)), type(value).__name__)
