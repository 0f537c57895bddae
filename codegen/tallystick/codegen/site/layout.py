"""Python expressions laid out as a formatter would: on one line where it fits, else an item a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Code", "Group", "laid_out"]

_WIDTH: Final = 80
_INDENT: Final = "    "


@dataclass(frozen=True, slots=True)
class Group:
    """Items between brackets, each behind its name or key.

    Attributes:
        opening: What stands before the items, such as `OrderLine(`.
        items: What stands before an item, such as `sku=`, and the item.
        closing: The closing bracket.
    """

    opening: str
    items: Sequence[tuple[str, Code]]
    closing: str


Code: TypeAlias = str | Group


def laid_out(code: Code, before: str = "", after: str = "", depth: int = 0) -> Iterator[str]:
    """The lines of an expression.

    Args:
        code: The expression.
        before: What stands before it on its first line.
        after: What stands behind it on its last line.
        depth: How deep it is indented.
    """
    short = f"{_INDENT * depth}{before}{_flat(code)}{after}"
    if isinstance(code, str) or not code.items or len(short) <= _WIDTH:
        yield short
        return
    yield f"{_INDENT * depth}{before}{code.opening}"
    for prefix, item in code.items:
        yield from laid_out(item, prefix, ",", depth + 1)
    yield f"{_INDENT * depth}{code.closing}{after}"


def _flat(code: Code) -> str:
    if isinstance(code, str):
        return code
    return code.opening + ", ".join(prefix + _flat(item) for prefix, item in code.items) + code.closing
