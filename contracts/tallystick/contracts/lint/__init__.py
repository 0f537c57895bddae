"""Lint: every mistake in a contract that a tool can see, with its place, its reason and its mend.

    repository = Repository.of({"shop/OrderCompleted.avsc": text}, today)
    for finding in lint(repository): ...

Texts in, findings out: nothing here reads a file.
"""

from tallystick.contracts.lint.config import ConfigError, LintConfig
from tallystick.contracts.lint.engine import Target, lint
from tallystick.contracts.lint.repository import Repository
from tallystick.contracts.lint.rule import Rule
from tallystick.contracts.lint.rules import FAMILIES, RULES

__all__ = ["FAMILIES", "RULES", "ConfigError", "LintConfig", "Repository", "Rule", "Target", "lint"]
