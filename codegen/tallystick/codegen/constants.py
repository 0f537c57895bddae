"""The constants of rules as Python writes them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tallystick.codegen.text import literal
from tallystick.contracts.cel.functions import constant_length, constant_moment
from tallystick.contracts.cel.nodes import Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.contracts.cel.nodes import Node

__all__ = ["length_text", "moment_text", "row", "stated"]

_UNITS: Final = ("days", "hours", "minutes", "seconds", "milliseconds")


def stated(node: Node) -> str:
    """The text of a constant."""
    return str(node.value) if isinstance(node, Literal) else ""


def row(items: Sequence[str]) -> str:
    """A tuple."""
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def moment_text(node: Node) -> str:
    """A moment."""
    return f"datetime.fromisoformat({literal(constant_moment(stated(node)).isoformat())})"


def length_text(node: Node) -> str:
    """A length of time as an argument, in the largest unit that holds it whole."""
    length = constant_length(stated(node))
    for unit in _UNITS:
        one = timedelta(**{unit: 1})
        if not length % one:
            return f"{unit}={length // one}"
    return f"microseconds={length // timedelta(microseconds=1)}"
