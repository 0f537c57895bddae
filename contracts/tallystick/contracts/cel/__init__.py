"""Rules of contracts in the Common Expression Language (CEL), and the same rules in SQL.

    rule = compile_rule("this.total >= 0 && size(this.lines) <= 100", record_type)
    holds(rule, {"total": Decimal("12.50"), "lines": []})      # True
    to_sql(rule)                                               # a condition of Spark SQL with the same answer

It is the part of CEL that Python and SQL can both say with one meaning; anything else is refused, with the reason.
No library is needed at run time; the tests hold it against Google's own implementation and against Spark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.contracts.cel.check import Checked, check
from tallystick.contracts.cel.evaluate import Value, holds
from tallystick.contracts.cel.nodes import CelError, Node, Unsupported, path_of
from tallystick.contracts.cel.parser import parse
from tallystick.contracts.cel.sql import to_sql

if TYPE_CHECKING:
    from tallystick.contracts.cel.types import CelType

__all__ = [
    "CelError",
    "Checked",
    "Node",
    "Unsupported",
    "Value",
    "check",
    "compile_rule",
    "holds",
    "parse",
    "path_of",
    "to_sql",
]


def compile_rule(text: str, this: CelType) -> Checked:
    """Read and check a rule.

    Args:
        text: The expression.
        this: The type of the record that it is about.

    Raises:
        CelError: It is wrong; the error says where and what to write.
        Unsupported: It is right in CEL, and SQL cannot say it.
    """
    return check(parse(text), this)
