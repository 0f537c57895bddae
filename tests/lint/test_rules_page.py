"""docs/rules.md: what it says that a rule may say, it may; what it calls refused is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tallystick.contracts.cel import CelError, compile_rule, to_sql
from tallystick.contracts.cel.types import BOOL, DOUBLE, STRING, TIMESTAMP, CelType, exact, integer

_PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
_LINE = CelType(kind="record", told="Line", members=lambda: {"quantity": integer(10), "price": exact(16, 2)})
_ORDER = CelType(
    kind="record",
    told="Order",
    members=lambda: {
        "total": exact(16, 2),
        "currency": STRING,
        "page_path": STRING,
        "code": STRING,
        "note": CelType(kind="string", is_nullable=True),
        "state": CelType(kind="string", told="State", symbols=("UNKNOWN", "PAID", "SENT")),
        "item_count": integer(10),
        "ratio": DOUBLE,
        "is_gift": BOOL,
        "lines": CelType(kind="list", item=_LINE),
        "labels": CelType(kind="map", item=STRING),
        "placed_at": TIMESTAMP,
        "sent_at": CelType(kind="timestamp", is_nullable=True),
    },
)


def _rules(language: str) -> list[str]:
    block = re.search(rf"```{language}\n(.*?)```", _PAGE.read_text(), re.DOTALL)
    assert block is not None
    return block[1].splitlines()


@pytest.mark.parametrize("text", _rules("cel"))
def test_a_rule_of_the_page_is_one_in_python_and_in_sql(text: str) -> None:
    assert to_sql(compile_rule(text, _ORDER)).startswith("coalesce(")


@pytest.mark.parametrize("text", _rules("cel-refused"))
def test_what_the_page_calls_refused_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(CelError) as caught:
        compile_rule(text, _ORDER)

    assert ":" in str(caught.value)
