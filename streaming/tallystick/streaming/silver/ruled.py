"""The rules of contracts over decoded rows: the same rules, under the same names, as in the generated classes.

A row is held against the rules of the version that it was written with, as the API was when it took it: a rule that a
later version adds says nothing about what was sent before.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as sf

from tallystick.contracts.rulesql import Condition, conditions
from tallystick.streaming.silver.roles import PAYLOAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import Column

    from tallystick.contracts import Schema
    from tallystick.streaming.silver.plan import Branch, Reading

__all__ = ["BROKEN", "broken_rules", "ruled_branches"]

BROKEN: Final = "INVALID"  # the reason, as of the API


def ruled_branches(reading: Reading) -> Iterator[tuple[str, Branch]]:
    """The versions that state rules, each with the column that holds its records."""
    for branch in reading.branches:
        column = PAYLOAD if branch.writer.text == reading.contract.text else f"_written_{min(branch.ids)}"
        if _conditions(branch.writer.schema, column):
            yield column, branch


def broken_rules(reading: Reading) -> Column:
    """The names of the rules that a row breaks, as a sentence; null where it breaks none."""
    told = sf.lit(None).cast("string")
    for column, branch in ruled_branches(reading):
        names = [
            sf.when(~sf.expr(each.sql), sf.lit(_called(each))) for each in _conditions(branch.writer.schema, column)
        ]
        sentence = sf.concat(sf.lit("it breaks "), sf.concat_ws(", ", *names))
        any_broken = sf.coalesce(*names).isNotNull()
        told = sf.when(sf.col("schema_id").isin(*branch.ids), sf.when(any_broken, sentence)).otherwise(told)
    return told


def _called(condition: Condition) -> str:
    where = f" in {'.'.join(condition.path)}" if condition.path else ""
    return f"rule {condition.name}{where}"


@lru_cache(maxsize=1024)
def _conditions(schema: Schema, column: str) -> tuple[Condition, ...]:
    return conditions(schema, prefix=f"{column}.")
