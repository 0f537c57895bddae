"""Which Python class and attribute stands for which Avro name, read off a generated class."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from tallystick.contracts import parse
from tallystick.sdk.types import enum_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from tallystick.contracts.types import Enum, Record, Type

__all__ = ["Binding", "attributes"]


class Binding:
    """A generated class beside its schema.

    Args:
        cls: A generated record.
    """

    def __init__(self, cls: type[BaseModel]) -> None:
        self.cls = cls
        self.text: str = cls.SCHEMA  # type: ignore[attr-defined]  # every generated record has it
        self.schema = parse(self.text)
        self._records: dict[str, type[BaseModel]] = {}
        self._enums: dict[str, type[StrEnum]] = {}
        self._collect(cls)

    @property
    def root(self) -> Type:
        """The Avro type of the class."""
        return self.schema.root

    def record(self, node: Record) -> type[BaseModel]:
        """Return the class of a record."""
        return self._records[node.name]

    def enum(self, node: Enum) -> type[StrEnum]:
        """Return the class of an enum."""
        return self._enums[node.name]

    def _collect(self, cls: type[BaseModel]) -> None:
        """Find every class that a record's fields can hold."""
        waiting = [cls]
        while waiting:
            record = waiting.pop()
            name: str = record.SUBJECT  # type: ignore[attr-defined]  # every generated record has it
            if name in self._records:
                continue
            self._records[name] = record
            for info in record.model_fields.values():
                for each in _classes(info.annotation):
                    if issubclass(each, StrEnum):
                        self._enums[enum_name(each)] = each
                    else:
                        waiting.append(each)


def attributes(cls: type[BaseModel]) -> dict[str, tuple[str, FieldInfo]]:
    """Return a record's attributes by the names that they have in Avro and JSON."""
    return {info.serialization_alias or name: (name, info) for name, info in cls.model_fields.items()}


def _classes(annotation: object) -> Iterator[type[Any]]:
    if isinstance(annotation, type) and issubclass(annotation, StrEnum | BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _classes(each)
