"""Every rule about breaking changes, by id. Ids are never used again for another rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking.acceptance import ACCEPTANCE_RULES
from tallystick.contracts.breaking.agreements import AGREEMENT_RULES
from tallystick.contracts.breaking.logical import LOGICAL_RULES
from tallystick.contracts.breaking.planned import PLAN_RULES
from tallystick.contracts.breaking.policy import POLICY_RULES
from tallystick.contracts.breaking.source import SOURCE_RULES
from tallystick.contracts.breaking.table import TABLE_RULES
from tallystick.contracts.breaking.values import VALUE_RULES
from tallystick.contracts.breaking.wire import WIRE_RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.contracts.breaking.rule import BreakingRule

__all__ = ["BREAKING_RULES"]

_ALL: Final[tuple[BreakingRule, ...]] = (
    *WIRE_RULES,
    *LOGICAL_RULES,
    *VALUE_RULES,
    *TABLE_RULES,
    *SOURCE_RULES,
    *POLICY_RULES,
    *AGREEMENT_RULES,
    *PLAN_RULES,
    *ACCEPTANCE_RULES,
)

BREAKING_RULES: Final[Mapping[str, BreakingRule]] = {rule.id: rule for rule in sorted(_ALL, key=lambda each: each.id)}
