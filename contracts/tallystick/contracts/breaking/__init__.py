"""Breaking changes: what a change of contracts does to those who have come to rely on them.

    findings = breaking(old, new, Options(now=now))         # two Snapshots of a repository
    changes_of(Context(old=a, new=b, history=[a.schema]))   # two states of one Contract

Two states in, findings out: nothing here reads a file, asks git or a registry.
"""

from tallystick.contracts.breaking.breaks import changes_of
from tallystick.contracts.breaking.engine import Options, breaking
from tallystick.contracts.breaking.rule import CATEGORIES, BreakingRule, Context, Execution, Trial
from tallystick.contracts.breaking.rules import BREAKING_RULES
from tallystick.contracts.breaking.snapshot import Snapshot

__all__ = [
    "BREAKING_RULES",
    "CATEGORIES",
    "BreakingRule",
    "Context",
    "Execution",
    "Options",
    "Snapshot",
    "Trial",
    "breaking",
    "changes_of",
]
