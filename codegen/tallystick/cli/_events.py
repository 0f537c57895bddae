"""An event by its name: its contract, and its class made in memory, so that nothing has to be generated before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tallystick.codegen import load
from tallystick.contracts import Catalog, TallystickError
from tallystick.contracts.spelling import did_you_mean
from tallystick.contracts.types import Record

if TYPE_CHECKING:
    from tallystick.contracts import Contract

__all__ = ["class_of", "find_contract"]


def find_contract(catalog: Catalog, name: str) -> Contract:
    """The contract of a record by its full name, or by its last part where that is enough.

    Raises:
        TallystickError: There is none, or there are several.
    """
    records = {each.name: each for each in catalog if isinstance(each.schema.root, Record)}
    if name in records:
        return records[name]
    found = [full for full in records if full.rpartition(".")[2] == name]
    if len(found) == 1:
        return records[found[0]]
    if found:
        raise TallystickError(f"{name} may be {' or '.join(found)}", fix="write the full name")
    hint = did_you_mean(name, [*records, *(full.rpartition(".")[2] for full in records)])
    raise TallystickError(f"there is no contract {name}{hint}", fix="write its full name, such as shop.PageViewed")


def class_of(text: str, name: str) -> Any:  # noqa: ANN401 -- a class that is made here
    """The generated class of a self-contained schema."""
    return load(Catalog.of_texts({name: text}))[name]
