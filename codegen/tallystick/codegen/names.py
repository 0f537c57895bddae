"""Avro names as Python names: the one place where a text of a schema becomes an identifier."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Names", "constant", "identifier", "snake"]

# The words that generated modules use for types; a class or a field of the same name would hide them.
_VOCABULARY: Final = frozenset(
    {
        *("Annotated", "ClassVar", "Decimal", "StrEnum", "UTC", "UUID", "date", "datetime", "time"),
        *("Event", "Field", "Record", "avro_enum", "deprecated"),
        *("Array", "Date", "Float32", "Int32", "Int64", "LocalTimestamp", "LocalTimestampMillis", "Map", "Nothing"),
        *("Precision", "Size", "Time", "TimeMillis", "Timestamp", "TimestampMillis"),
    }
)
# What every generated class has already, from pydantic or from tallystick.sdk.record. A test holds it against them.
_ATTRIBUTES: Final = frozenset(
    {
        *("construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw", "schema"),
        *("schema_json", "update_forward_refs", "validate"),
        *("model_computed_fields", "model_config", "model_construct", "model_copy", "model_dump", "model_dump_json"),
        *("model_extra", "model_fields", "model_fields_set", "model_json_schema", "model_parametrized_name"),
        *("model_post_init", "model_rebuild", "model_validate", "model_validate_json", "model_validate_strings"),
        *("SCHEMA", "SUBJECT", "FINGERPRINT", "CONTRACT_HASH", "RULES"),
        *("from_avro", "from_json", "from_plain", "to_avro", "to_json", "to_plain", "with_meta"),
    }
)
_TYPE_WORDS: Final = frozenset({"bool", "bytes", "float", "str"})

FIELD_WORDS: Final = _VOCABULARY | _ATTRIBUTES | _TYPE_WORDS
CLASS_WORDS: Final = _VOCABULARY | frozenset(dir(builtins))
SYMBOL_WORDS: Final = frozenset(dir(StrEnum)) | {"mro", "name", "value"}

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def identifier(name: str, reserved: Collection[str] = ()) -> str:
    """Return a public Python identifier for a name: the name itself wherever Python and pydantic allow it.

    Leading underscores move to the end, for pydantic and enums give them a meaning; what Python has no letter for
    becomes an underscore; a keyword or a reserved word gets one at its end.
    """
    text = unicodedata.normalize("NFKC", name)  # as Python reads identifiers
    text = "".join(each if f"_{each}".isidentifier() else "_" for each in text)
    public = text.lstrip("_")
    if not public.isidentifier():
        public = f"x{public}"
    if text.startswith("_"):
        public += "_"
    if keyword.iskeyword(public) or public in reserved:
        public += "_"
    if not public.isidentifier() or keyword.iskeyword(public):
        raise AssertionError(f"{public!r} is no identifier")  # never: it would let a schema write code
    return public


def snake(name: str) -> str:
    """Return a name in lower case, with an underscore where a hump was."""
    return _HUMP.sub("_", name).lower()


def constant(name: str) -> str:
    """Return a name in upper case, with an underscore where a hump was."""
    return snake(name).upper()


class Names:
    """Names given out in one scope, each once.

    Args:
        reserved: Names that are never given.
        fold: Whether names that differ only in case count as the same, as file systems see them.
    """

    def __init__(self, reserved: Collection[str] = (), *, fold: bool = False) -> None:
        self._reserved = frozenset(reserved)
        self._fold = fold
        self._taken: set[str] = set()

    def give(self, name: str) -> str:
        """Return an identifier for a name that nothing else in this scope has."""
        result = identifier(name, self._reserved)
        while self._key(result) in self._taken or result in self._reserved:
            result += "_"
        self._taken.add(self._key(result))
        return result

    def give_all(self, names: Collection[str]) -> dict[str, str]:
        """Return identifiers for names; those that need no change come first, so that no other takes theirs."""
        ordered = sorted(names, key=lambda each: identifier(each, self._reserved) != each)
        given = {each: self.give(each) for each in ordered}
        return {each: given[each] for each in names}

    def _key(self, name: str) -> str:
        return name.casefold() if self._fold else name
