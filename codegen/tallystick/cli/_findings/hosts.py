"""Annotations of pull requests: GitHub's workflow commands, GitLab's code quality report."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from tallystick.cli._findings.report import one_line

if TYPE_CHECKING:
    from tallystick.cli._findings.report import Report
    from tallystick.contracts.findings import Finding

__all__ = ["render_github", "render_gitlab"]

_GITLAB_SEVERITIES: Final = {"error": "major", "warning": "minor"}


def render_github(report: Report) -> str:
    """One workflow command for each finding; GitHub shows its text at the line."""
    return "\n".join(_annotation(each, report) for each in report.findings)


def _annotation(finding: Finding, report: Report) -> str:
    span = finding.span
    title = f"{finding.rule}: {report.titles.get(finding.rule, 'contract')}"
    # GitHub takes columns only where both ends stand on one line.
    columns = f",col={span.column},endColumn={span.end_column}" if span.line == span.end_line else ""
    place = f"file={_property(finding.file)},line={span.line},endLine={span.end_line}{columns},title={_property(title)}"
    return f"::{finding.severity} {place}::{_data(one_line(finding))}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def render_gitlab(report: Report) -> str:
    """A code quality report."""
    return json.dumps([_issue(each) for each in report.findings], ensure_ascii=False, indent=2)


def _issue(finding: Finding) -> dict[str, object]:
    # Without the line: the same finding stays the same when lines above it come and go.
    identity = f"{finding.rule}\0{finding.file}\0{finding.message}"
    return {
        "description": f"{finding.rule}: {one_line(finding)}",
        "check_name": finding.rule,
        "fingerprint": hashlib.sha256(identity.encode()).hexdigest(),
        "severity": _GITLAB_SEVERITIES[finding.severity],
        "location": {
            "path": finding.file,
            "lines": {"begin": finding.span.line, "end": finding.span.end_line},
        },
    }
