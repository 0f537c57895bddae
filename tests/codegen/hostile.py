"""Legal schemas that code generators die of, each for its own reason."""

from __future__ import annotations

import builtins
import keyword
import random
from typing import TYPE_CHECKING, Final

from tests.rules.orders import SCHEMA as ORDER
from tests.rules.orders import rules

if TYPE_CHECKING:
    from tests.codegen.strategies import Json


def record(name: str, *fields: Json, **properties: Json) -> Json:
    return {"type": "record", "name": name, "namespace": "x", "fields": list(fields), **properties}


def field(name: str, kind: Json = "int", **properties: Json) -> Json:
    return {"name": name, "type": kind, **properties}


def array(items: Json) -> Json:
    return {"type": "array", "items": items}


def map_of(values: Json) -> Json:
    return {"type": "map", "values": values}


def logical(kind: str, name: str, **properties: Json) -> Json:
    return {"type": kind, "logicalType": name, **properties}


def enum(name: str, *symbols: str, **properties: Json) -> Json:
    return {"type": "enum", "name": name, "symbols": list(symbols), **properties}


def fixed(name: str, size: int, **properties: Json) -> Json:
    return {"type": "fixed", "name": name, "size": size, **properties}


_BASE = [
    *("copy", "json", "dict", "schema", "validate", "construct", "model_fields", "model_config", "model_dump"),
    *("SCHEMA", "SUBJECT", "FINGERPRINT", "CONTRACT_HASH", "to_avro", "from_avro", "to_json", "from_json", "meta"),
    *("with_meta", "model_name", "model_post_init", "parse_obj", "__init__", "__dict__", "__class__", "__slots__"),
    *("_private", "__mangled", "_", "__", "___", "_1", "l", "O", "I", "password", "token", "aB"),
]
_TYPES = [
    *("Decimal", "UUID", "date", "datetime", "time", "Int32", "Int64", "Float32", "Array", "Map", "Precision", "Size"),
    *("Record", "Event", "Field", "ClassVar", "Annotated", "StrEnum", "avro_enum", "Timestamp", "Date", "Nothing"),
]
_BUILTINS = [each for each in dir(builtins) if each.isidentifier() and not each.startswith("_")]
_WORDS = list(dict.fromkeys([*keyword.kwlist, *keyword.softkwlist, *_BUILTINS, *_TYPES, *_BASE]))
_DOC = (
    '"""; import os; os.system("x") #\\ \' " \n\n\tArgs:\n  x: y\n\u2028\u202e\x00\x1b \u2019 \u0430 \\N{BULLET} '
    "\\u1234 ${x} {x} %s \\"
)
_CODE = '"); __import__("os").system("x") #'
_SHADOWING = [
    field("date", logical("int", "date"), default=0),
    field("Date", logical("int", "date")),
    field("str", "string"),
    field("bytes", "bytes"),
    field("float", "double", default=1),
    field("bool", "boolean"),
    field("Decimal", logical("bytes", "decimal", precision=5, scale=2)),
    field("datetime", logical("long", "timestamp-micros")),
    field("Array", array("string")),
    field("Map", map_of("string")),
    field("other", array(map_of("string"))),
    field("Shadowing"),
    field("Nested", record("Nested", field("a"))),
    field("again", "Nested"),
]
_SYMBOLS = [
    *("name", "value", "mro", "class", "None", "_x_", "__init__", "__x", "_", "A", "a", "count", "upper", "PASSWORD"),
    *("_generate_next_value_", "_ignore_", "True"),
]
_UNIONS = [
    field("similar", [record("Cat", field("name", "string")), record("Dog", field("name", "string"))]),
    field("optional", ["null", "Cat", "Dog", "string"], default=None),
    field("numbers", ["int", "long", "float", "double", "boolean", "null", "string", "bytes"]),
    field("deep", map_of(array(["null", "Cat", "Dog", map_of("int")]))),
    field("long_or_text", ["long", "string"]),
    field("two_bytes", ["bytes", fixed("F4", 4)]),
    field("only", ["string"]),
    field("moments", [logical("int", "date"), logical("long", "timestamp-micros")]),
    field("nothing", ["null"]),
    field("text_or_symbol", ["string", enum("Symbol", "A")]),
    field("two_objects", [array("int"), map_of("int"), "Cat"]),
    field(
        "two_decimals", [logical("bytes", "decimal", precision=4), fixed("D", 9, logicalType="decimal", precision=20)]
    ),
]
_LOGICAL = [
    *(("int", "date"), ("int", "time-millis"), ("long", "time-micros"), ("long", "timestamp-millis")),
    *(("long", "timestamp-micros"), ("long", "timestamp-nanos"), ("long", "local-timestamp-millis")),
    *(("long", "local-timestamp-micros"), ("long", "local-timestamp-nanos"), ("string", "uuid")),
    *(("bytes", "big-decimal"), ("string", "nonsense"), ("bytes", "uuid-v9")),
]
_INNER = record(
    "Inner",
    field("x"),
    field("y", "string", default="y"),
    field("z", record("Deep", field("q", array("int"))), default={"q": [1]}),
)
_DEFAULTS = [
    field("an_int", "int", default=-5),
    field("a_long", "long", default=2**63 - 1),
    field("a_float", "float", default=1),
    field("a_double", "double", default=1e300),
    field("some_bytes", "bytes", default="\u00ff\u0000\"'\\"),
    field("a_text", "string", default='q"\'\'\'"""\\n\n{x}%s\u2028\U0001f600'),
    field("a_flag", "boolean", default=True),
    field("nothing", "null", default=None),
    field("numbers", array("int"), default=[1, 2]),
    field("one_text", array("string"), default=["x"]),
    field("texts", map_of("string"), default={'a"': "b'"}),
    field("no_texts", map_of("string"), default={}),
    field("inner", _INNER, default={"x": 1}),
    field("inner_again", "Inner", default={"x": 5, "y": "b"}),
    field("inners", array("Inner"), default=[{"x": 2}]),
    field("inner_map", map_of(array("Inner")), default={"k": [{"x": 1}]}),
    field("empty", record("Empty"), default={}),
    field("optional", ["null", "string"], default=None),
    field("text_first", ["string", "null"], default="s"),
    field("any_branch", ["int", "string"], default="text"),
    field("symbol", enum("Symbol", "A", "class"), default="class"),
    field("no_symbol", enum("Other", "A"), default="NOT"),
    field("price", logical("bytes", "decimal", precision=4, scale=2), default="\u00ff"),
    field("no_price", logical("bytes", "decimal", precision=1), default="\u00ff\u00ff\u0000"),
    field("id", logical("string", "uuid"), default="0d6f7f0c-54d5-4e2c-8f3a-8c1f5d7b9e11"),
    field("no_id", logical("string", "uuid"), default="nope"),
    field("moment", logical("long", "timestamp-micros"), default=1),
    field("no_moment", logical("long", "timestamp-micros"), default=2**62),
    field("local", logical("long", "local-timestamp-millis"), default=1500),
    field("locals", array(logical("long", "local-timestamp-millis")), default=[1500, 0]),
    field("day", logical("int", "date"), default=-1),
    field("no_day", logical("int", "date"), default=-719163),
    field("clock", logical("int", "time-millis"), default=1500),
    field("digest", fixed("Digest", 4), default="\u0000\u0001\u0002\u00ff"),
]

SCHEMAS: Final[dict[str, Json]] = {
    "every word as a field": record("Words", *(field(each, doc=f"The {each}.") for each in _WORDS)),
    "every word as a symbol": record("Symbols", field("e", enum("AllWords", *_WORDS))),
    "fields that hide types": record("Shadowing", *_SHADOWING),
    "names equal but for case": record("Case", *(field(each) for each in ("abc", "Abc", "ABC", "aBC"))),
    "records named like builtins": record(
        "str",
        *(
            field(f"f{index}", record(each, field("x"), namespace="y"))
            for index, each in enumerate(["int_", "Decimal", "Record", "List", "None", "Event", "Exception", "type"])
        ),
    ),
    "one simple name in many namespaces": record(
        "Same",
        field("a", record("Thing", field("x"), namespace="p")),
        field("b", record("Thing", field("y", "string"), namespace="q")),
        field("c", record("Same", field("z"), namespace="r")),
        field("u", ["null", "p.Thing", "q.Thing"], default=None),
    ),
    "odd symbols": record("Odd", field("e", enum("E", *_SYMBOLS, default="class"), default="None")),
    "an enum without symbols": record("Unable", field("e", ["null", enum("NoSymbols")], default=None)),
    "a union without branches": record("Impossible", field("u", ["null", array([])], default=None)),
    "recursion": record(
        "Node",
        field("value"),
        field("next", ["null", "Node"], default=None),
        field("children", array("Node")),
        field("by_name", map_of("Node")),
    ),
    "mutual recursion": record(
        "A", field("b", ["null", record("B", field("a", ["null", "A"]), field("c", array(["null", "A", "B"])))])
    ),
    "unions": record("Unions", *_UNIONS),
    "fixed": record(
        "Fixeds",
        field("a", fixed("F16", 16), default="\u0000" * 15 + "\u00ff"),
        field("b", "F16"),
        field("zero", fixed("F0", 0)),
        field("uuid", fixed("U", 16, logicalType="uuid")),
        field("duration", fixed("Du", 12, logicalType="duration")),
        field("decimal", fixed("De", 8, logicalType="decimal", precision=18, scale=4)),
    ),
    "logical types": record(
        "Logical",
        *(field(name.replace("-", "_"), logical(kind, name)) for kind, name in _LOGICAL),
        field("wide", logical("bytes", "decimal", precision=40)),
        field("ignored", logical("bytes", "decimal", precision=2, scale=5)),
    ),
    "defaults": record("Defaults", *_DEFAULTS),
    "docs": record(
        "Docs",
        *(
            field(f"f{index}", doc=doc)
            for index, doc in enumerate(
                [_DOC, '"', "\\", "", "   ", "x" * 300, "word " * 60, "ends: ", '"""', "\ud800"]
            )
        ),
        doc=_DOC,
    ),
    "a doc that ends with a quote": record("Quoted", doc='ends with "quote"'),
    "a doc of one long sentence": record("Long", field("a"), doc="very " * 40 + "long"),
    "texts that would be code": record(
        "Inject",
        field("a", "string", default=_CODE, doc=_CODE),
        field("b", "bytes", default=_CODE),
        field("c", map_of("string"), default={_CODE: _CODE}),
        **{"tallystick:deprecated": {"use": _CODE}},
    ),
    "names in other scripts": record(
        "Gr\u00f6\u00dfe",
        *(field(each) for each in ("gr\u00f6\u00dfe", "\u540d\u524d", "\ufb01", "fi", "\u00aa", "x\u0661")),
        namespace="\u00fcn\u00ef.\u540d",
    ),
    "five hundred fields": record(
        "Many", *(field(f"field_{n}", ["null", "string"], default=None, doc=f"Number {n}.") for n in range(500))
    ),
    "long names": record(
        "L" + "o" * 150,
        field("a" + "b" * 200, ["null", "string", "int", "boolean", array("L" + "o" * 150)], default=None),
        field("c", "string", default="d" * 300),
        field("e", enum("En" + "u" * 100, "S" + "y" * 100), default="S" + "y" * 100),
    ),
    "deprecation and personal data": record(
        "Deprecated",
        field("old", ["null", "string"], default=None, **{"tallystick:deprecated": {"use": "new"}}),
        field("new", "string", **{"confluent:tags": ["PII"]}),
        field("e", enum("OldEnum", "A", **{"tallystick:deprecated": {"use": "x"}})),
        **{"tallystick:deprecated": {"use": "Other"}},
    ),
    "an error": {**record("Err", field("message", "string")), "type": "error"},
    "a module like a package": record("b", field("x"), namespace="m"),
    "a package like a module": record("C", field("x"), namespace="m.b"),
    "a module like another, one": record("FooBar", field("x"), namespace="m"),
    "a module like another, two": record("Foo_Bar", field("x"), namespace="m"),
    "a module like another, three": record("foo_bar", field("x"), namespace="m"),
    "a module like ours": record("_schemas", field("x"), namespace="m"),
    "a module like Python's": record("__init__", field("x"), namespace="m"),
    "a namespace of keywords": record("K", field("x"), namespace="class.import.tallystick"),
    "no namespace": {"type": "record", "name": "NoNamespace", "fields": [field("x")]},
    "an enum of its own": enum("shared.Color", "RED"),
    "a fixed of its own": fixed("shared.Md5", 16),
    "shared types": record(
        "Uses",
        field("color", "shared.Color", default="RED"),
        field("md5", "shared.Md5"),
        field("node", ["null", "x.Node"], default=None),
        field("inner", ["null", record("Inside", field("c", "shared.Color"))], default=None),
    ),
    "a meta that is none": record("NoEvent", field("meta"), namespace="e"),
    "rules of every kind": {
        **ORDER,
        "confluent:rules": [
            {"name": f"rule {index}", "expr": text, "doc": _CODE if index % 7 == 0 else ""}
            for index, (text, _) in enumerate(rules(random.Random(4), 150))
        ],
    },
}
