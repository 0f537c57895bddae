"""What a run of checks found, and in which files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.contracts.findings import Finding

__all__ = ["Report", "one_line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run found.

    Attributes:
        findings: The findings, in order.
        files: Every file that was checked.
        texts: File -> its text, for the lines that a person is shown.
        titles: Rule -> what it asks for.
        colour: Whether the text may be coloured.
    """

    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    colour: bool = False

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(each.severity == "error" for each in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return len(self.findings) - self.errors


def one_line(finding: Finding) -> str:
    """What is wrong and what to do, in one line."""
    if finding.fix is None or finding.fix.description in finding.message:
        return finding.message
    return f"{finding.message}; fix: {finding.fix.description}"
