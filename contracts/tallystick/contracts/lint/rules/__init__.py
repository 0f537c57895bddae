"""Every rule, by id. Ids are never used again for another rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rules.composites import COMPOSITE_RULES
from tallystick.contracts.lint.rules.defaults import DEFAULT_RULES
from tallystick.contracts.lint.rules.definitions import DEFINITION_RULES
from tallystick.contracts.lint.rules.docs import DOC_RULES
from tallystick.contracts.lint.rules.expressions import EXPRESSION_RULES
from tallystick.contracts.lint.rules.keys import KEY_RULES
from tallystick.contracts.lint.rules.meta import META_RULES
from tallystick.contracts.lint.rules.metrics import METRIC_RULES
from tallystick.contracts.lint.rules.names import NAME_RULES
from tallystick.contracts.lint.rules.privacy import PRIVACY_RULES
from tallystick.contracts.lint.rules.proofs import PROOF_RULES
from tallystick.contracts.lint.rules.references import REFERENCE_RULES
from tallystick.contracts.lint.rules.roles import ROLE_RULES
from tallystick.contracts.lint.rules.shape import SHAPE_RULES
from tallystick.contracts.lint.rules.sidecars import SIDECAR_RULES
from tallystick.contracts.lint.rules.suppressions import SUPPRESSION_RULES
from tallystick.contracts.lint.rules.text import TEXT_RULES
from tallystick.contracts.lint.rules.types import TYPE_RULES
from tallystick.contracts.lint.rules.units import UNIT_RULES
from tallystick.contracts.lint.rules.values import VALUE_RULES
from tallystick.contracts.lint.rules.words import WORD_RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.contracts.lint.rule import Rule

__all__ = ["FAMILIES", "RULES"]

# What each letter stands for, in the order in which people read them.
FAMILIES: Final[Mapping[str, str]] = {
    "S": "Syntax and soundness",
    "N": "Names",
    "D": "Docs",
    "T": "Types",
    "E": "Events",
    "X": "Experiments",
    "P": "Privacy",
    "R": "Rules",
    "O": "Owners and sidecars",
}

_ALL: Final[tuple[Rule, ...]] = (
    *TEXT_RULES,
    *SHAPE_RULES,
    *REFERENCE_RULES,
    *COMPOSITE_RULES,
    *DEFAULT_RULES,
    *KEY_RULES,
    *NAME_RULES,
    *WORD_RULES,
    *UNIT_RULES,
    *DOC_RULES,
    *TYPE_RULES,
    *VALUE_RULES,
    *META_RULES,
    *ROLE_RULES,
    *METRIC_RULES,
    *DEFINITION_RULES,
    *PRIVACY_RULES,
    *EXPRESSION_RULES,
    *PROOF_RULES,
    *SIDECAR_RULES,
    *SUPPRESSION_RULES,
)

RULES: Final[Mapping[str, Rule]] = {
    rule.id: rule for letter in FAMILIES for rule in sorted(_ALL, key=lambda each: each.id) if rule.id[0] == letter
}
