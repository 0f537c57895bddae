"""Finds the fields of a contract by their role, as Spark columns: no field name of an event stands in our code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as sf

if TYPE_CHECKING:
    from pyspark.sql import Column

    from tallystick.contracts.contract import Contract
    from tallystick.contracts.roles import FieldPath

__all__ = ["EXCLUSIONS", "PAYLOAD", "at", "dimensions", "field", "flag"]

PAYLOAD: Final = "payload"
# Why a unit may be left out, each with a role `experiment.exclude_if_true.<kind>`, in the order of precedence.
EXCLUSIONS: Final = ("bot", "internal", "override")


def at(contract: Contract, role: str, type_: str) -> Column:
    """The first field of a role, cast to a type; null where the contract has none."""
    paths = contract.roles.get(role, ())
    return (field(paths[0]) if paths else sf.lit(None)).cast(type_)


def flag(contract: Contract, kind: str) -> Column:
    """Whether any field of an exclusion role is true; false where there is none or it is null."""
    found = sf.lit(False)
    for path in contract.roles.get(f"experiment.exclude_if_true.{kind}", ()):
        found = found | sf.coalesce(field(path).cast("boolean"), sf.lit(False))
    return found


def dimensions(contract: Contract) -> Column:
    """The fields of the role `experiment.dimension`, as a map from name to text."""
    paths = sorted(contract.roles.get("experiment.dimension", ()))
    if not paths:
        return sf.lit(None).cast("map<string,string>")
    return sf.create_map(*(part for path in paths for part in (sf.lit(path[-1]), field(path).cast("string"))))


def field(path: FieldPath) -> Column:
    """A field of the payload by its path."""
    column = sf.col(PAYLOAD)
    for name in path:
        column = column.getField(name)
    return column
