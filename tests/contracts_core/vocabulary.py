"""The words, numbers and texts that random schemas are made of."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = Any

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
NAMES = ("A", "B", "C", "D", "E", "Order", "Ünit", "_x", "名前", "r2")
ODD_NAMES = (
    "int",
    "record",
    "union",
    "map",
    "a.b.C",
    ".A",
    "x.int",
    "1a",
    "",
    "a-b",
    "a b",
    "a.",
    "\U0001d49c",
    "x٣",
    "٣x",
    "ª",
)
FIELDS = ("a", "b", "c", "d", "e", "f", "größe", "_1")
SPACES = ("", "ns", "ns.sub", "other", "ns")
ODD_SPACES = ("a..b", ".", "ns.", "1x", "ü", "int", "a b")
SYMBOLS = ("X", "Y", "Z", "W", "é", "_")
DOCS = ("", "plain", 'with "quotes" and \\ back', "line\nbreak\ttab", "ünïcödé \u2028 \x7f", "\x01\x1f", "\ud800", "😀")
WORDS = (
    "p",
    "logicalType",
    "tallystick:role",
    "confluent:tags",
    "ü",
    "default",
    "order",
    "precision",
    "namespace",
    "x y",
)
LOGICAL = {
    "int": ("date", "time-millis", "timestamp-millis", "nope"),
    "long": (
        *("timestamp-millis", "timestamp-micros", "timestamp-nanos", "time-micros"),
        *("local-timestamp-millis", "local-timestamp-micros", "local-timestamp-nanos", "date"),
    ),
    "bytes": ("decimal", "big-decimal", "uuid"),
    "string": ("uuid", "decimal"),
    "fixed": ("decimal", "duration", "uuid"),
}
NUMBERS = (
    *("0", "-0", "1", "-1", "2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807"),
    *("9223372036854775808", "-9223372036854775808", "-9223372036854775809", "123456789012345678901234567890"),
    *("0.0", "-0.0", "1.0", "1e0", "1E3", "0.001", "0.00099", "9999999.0", "1e7", "12345678.9", "1e-5", "3.14", "1e22"),
    *(
        "2e23",
        "1e23",
        "1.7976931348623157e308",
        "1e400",
        "-1e400",
        "5e-324",
        "2.2250738585072014E-308",
        "1e21",
        "1e-400",
    ),
    *("123456789012345680.0", "9007199254740993.0", "0.1", "100", "1.10", "6.02214076e23", "4.35e-7"),
)
ODD_DOUBLES = (
    "NaN",
    "1",
    " 2.5 ",
    "-Infinity",
    "0x1p3",
    "1d",
    "1e5F",
    ".5",
    "5.",
    "abc",
    "",
    "1_0",
    "inf",
    "+Infinity",
    "٣",
)


SIMPLE_VALUES: dict[str, tuple[Json, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "int": (0, -1, 7, 2147483647, -2147483648),
    "long": (0, -1, 2147483648, 9223372036854775807, -9223372036854775808),
    **dict.fromkeys(("bytes", "string", "fixed"), DOCS),
}


class Raw(str):
    """A number exactly as it shall stand in the text."""

    __slots__ = ()
