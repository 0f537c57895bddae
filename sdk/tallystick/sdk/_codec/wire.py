"""JSON to values: a pydantic-core schema built from the Avro types: the forms are ours, the speed is Rust's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic_core import PydanticUndefined, SchemaValidator, core_schema

from tallystick.contracts.types import Array, Concrete, Enum, Field, Fixed, Map, Primitive, Record, Ref, Type, Union
from tallystick.sdk._codec.binding import Binding, attributes
from tallystick.sdk._codec.leaf import Value, text_schema
from tallystick.sdk._codec.leaves import LONG_SCHEMA, leaf
from tallystick.sdk._codec.ruling import ruled
from tallystick.sdk._codec.unions import concrete_branches, is_beside_text, is_tagged, json_kind, tag
from tallystick.sdk.types import nothing_schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

__all__ = ["MARK", "validator"]

# Unions add the branch's key to an error's location. This prefix tells such a key from a field's name.
MARK: Final = "\ue000"

_KINDS: Final[dict[type, str]] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    tuple: "array",
    dict: "object",
}


def validator(binding: Binding) -> SchemaValidator:
    """Return what reads the JSON form of the bound class, from a text or from parsed JSON."""
    builder = _Builder(binding)
    root = builder.of(binding.root)
    if (check := ruled(binding)) is not None:
        root = core_schema.no_info_after_validator_function(check, root)
    return SchemaValidator(
        core_schema.definitions_schema(root, builder.definitions),
        core_schema.CoreConfig(title=binding.cls.__name__, hide_input_in_errors=True),
    )


def _kind_of(value: Value) -> str | None:
    kind = _KINDS.get(type(value))
    return None if kind is None else MARK + kind


def _tag_of(value: Value) -> str | None:
    return MARK + str(next(iter(value))) if isinstance(value, dict) and len(value) == 1 else None


def _untagged(value: dict[str, Any]) -> Value:
    return next(iter(value.values()))


def _constructor(cls: type[BaseModel]) -> Callable[[dict[str, Value]], BaseModel]:
    """Return what makes a record of values that are checked already, as pydantic's own `model_construct` does.

    A `model_schema` would not do: pydantic replaces it by the class's own validator, which knows no JSON forms.
    """
    new, fill = cls.__new__, object.__setattr__

    def construct(values: dict[str, Value]) -> BaseModel:
        record = new(cls)
        fill(record, "__dict__", values)
        fill(record, "__pydantic_fields_set__", set(values))
        fill(record, "__pydantic_extra__", None)
        fill(record, "__pydantic_private__", None)
        return record

    return construct


class _Builder:
    def __init__(self, binding: Binding) -> None:
        self._binding = binding
        self.definitions: list[core_schema.CoreSchema] = []
        self._records: set[str] = set()

    def of(self, node: Type) -> core_schema.CoreSchema:
        """Return the schema of a type."""
        match node:
            case Primitive() | Fixed():
                return leaf(node).schema
            case Enum(symbols=()):
                return nothing_schema()
            case Enum():
                cls = self._binding.enum(node)
                return core_schema.chain_schema([text_schema(), core_schema.enum_schema(cls, list(cls))])
            case Ref():
                return self.of(self._binding.schema.resolve(node))
            case Record():
                return self._record(node)
            case Array():
                return core_schema.tuple_variable_schema(self.of(node.items), strict=False)
            case Map():
                return core_schema.dict_schema(text_schema(), self.of(node.values), strict=True)
            case Union():
                return self._union(concrete_branches(self._binding, node))

    # --- records -----------------------------------------------------------------------------------

    def _record(self, node: Record) -> core_schema.CoreSchema:
        if node.name not in self._records:
            self._records.add(node.name)  # before its fields: they may hold the record itself
            cls = self._binding.record(node)
            names = attributes(cls)
            fields = {names[each.name][0]: self._field(each, names[each.name][1]) for each in node.fields}
            inner = core_schema.typed_dict_schema(fields, extra_behavior="forbid")
            self.definitions.append(
                core_schema.no_info_after_validator_function(_constructor(cls), inner, ref=node.name)
            )
        return core_schema.definition_reference_schema(node.name)

    def _field(self, field: Field, info: FieldInfo) -> core_schema.TypedDictField:
        inner = self.of(field.type)
        if info.default_factory is not None:
            inner = core_schema.with_default_schema(inner, default_factory=info.default_factory)
        elif info.default is not PydanticUndefined and (info.default is not None or self._is_nullable(field.type)):
            inner = core_schema.with_default_schema(inner, default=info.default)
        return core_schema.typed_dict_field(inner, validation_alias=field.name)

    def _is_nullable(self, node: Type) -> bool:
        concrete = self._binding.schema.resolve(node)
        if isinstance(concrete, Union):
            return any(each.kind == "null" for each in concrete.branches if not isinstance(each, Ref))
        return concrete.kind == "null"

    # --- unions ------------------------------------------------------------------------------------

    def _union(self, branches: list[Concrete]) -> core_schema.CoreSchema:
        if not branches:
            return nothing_schema()
        others = [each for each in branches if each.kind != "null"]
        inner = self._branches(others) if others else core_schema.none_schema()
        return core_schema.nullable_schema(inner) if len(others) < len(branches) else inner

    def _branches(self, branches: list[Concrete]) -> core_schema.CoreSchema:
        if len(branches) == 1:
            return self.of(branches[0])
        if is_tagged(branches):
            return core_schema.no_info_after_validator_function(
                _untagged, _choice({tag(each): self._tagged(each) for each in branches}, _tag_of)
            )
        numbers = LONG_SCHEMA if is_beside_text(branches) else None
        return _choice(
            {
                kind: numbers if numbers and each.kind == "long" and kind != "string" else self.of(each)
                for each in branches
                for kind in (json_kind(each),)
            },
            _kind_of,
        )

    def _tagged(self, branch: Concrete) -> core_schema.CoreSchema:
        field = core_schema.typed_dict_field(self.of(branch), required=True)
        return core_schema.typed_dict_schema({tag(branch): field}, extra_behavior="forbid")


def _choice(
    choices: dict[str, core_schema.CoreSchema], discriminator: Callable[[Value], str | None]
) -> core_schema.CoreSchema:
    return core_schema.tagged_union_schema(
        {MARK + key: schema for key, schema in choices.items()},
        discriminator,
        custom_error_type="union",
        custom_error_message="Input should be {expected}",
        custom_error_context={"expected": " or ".join(choices)},
    )
