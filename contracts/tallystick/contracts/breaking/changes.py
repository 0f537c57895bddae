"""What can differ between two states of a contract: the values that rules are run on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from tallystick.contracts.contract import Contract
    from tallystick.contracts.roles import FieldPath
    from tallystick.contracts.types import Concrete, Enum, Field, Named, Record

__all__ = [
    "Change",
    "ContractGone",
    "ContractPair",
    "EnumPair",
    "FieldAdded",
    "FieldPair",
    "FieldRemoved",
    "Link",
    "NamedPair",
    "Place",
    "RecordPair",
    "TypePair",
]

# How two fields, or two contracts, are known to be the same one.
Link = Literal["name", "alias", "similar"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding stands.

    Attributes:
        record: Full name of the record, or other named type, in the new state.
        field: Name of its field; empty for the type itself.
        keys: Path below that, such as `("default",)`.
        file: In which file; of others than the schema, `keys` are a path from the root.
    """

    record: str = ""
    field: str = ""
    keys: tuple[str | int, ...] = ()
    file: Literal["schema", "sidecar", "tags", "definition"] = "schema"


@dataclass(frozen=True, slots=True)
class FieldAdded:
    """A field that was not there; `owner` is its record as it is now."""

    path: FieldPath
    place: Place
    field: Field
    owner: Record


@dataclass(frozen=True, slots=True)
class FieldRemoved:
    """A field that is gone; `owner` is its record as it is now."""

    path: FieldPath
    place: Place
    field: Field
    owner: Record


@dataclass(frozen=True, slots=True)
class FieldPair:
    """A field that is there in both states, perhaps under another name."""

    path: FieldPath
    place: Place
    old: Field
    new: Field
    link: Link
    owner: Record


@dataclass(frozen=True, slots=True)
class TypePair:
    """Two different types in one place; of two that hold others, only where the outer ones differ.

    Attributes:
        path: Where.
        place: The same, in the file.
        old: The type as it was.
        new: The type as it is.
    """

    path: FieldPath
    place: Place
    old: Concrete
    new: Concrete


@dataclass(frozen=True, slots=True)
class NamedPair:
    """A named type that is there in both states, perhaps under another name."""

    path: FieldPath
    place: Place
    old: Named
    new: Named


@dataclass(frozen=True, slots=True)
class EnumPair:
    """An enum that is there in both states."""

    path: FieldPath
    place: Place
    old: Enum
    new: Enum


@dataclass(frozen=True, slots=True)
class RecordPair:
    """A record that is there in both states."""

    path: FieldPath
    place: Place
    old: Record
    new: Record


@dataclass(frozen=True, slots=True)
class ContractPair:
    """A contract that is there in both states, perhaps under another name."""

    old: Contract
    new: Contract


@dataclass(frozen=True, slots=True)
class ContractGone:
    """A contract that is gone.

    Attributes:
        old: The contract as it was.
        new: What took its place under another name, if anything did.
    """

    old: Contract
    new: Contract | None


Change: TypeAlias = (
    "FieldAdded | FieldRemoved | FieldPair | TypePair | NamedPair | EnumPair | RecordPair | ContractPair | ContractGone"
)
