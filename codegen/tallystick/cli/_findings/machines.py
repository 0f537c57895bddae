"""JSON for scripts, JUnit for CI servers that know nothing else."""

from __future__ import annotations

import html
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from tallystick.cli._findings.report import one_line

if TYPE_CHECKING:
    from tallystick.cli._findings.report import Report
    from tallystick.contracts.findings import Finding

__all__ = ["render_json", "render_junit"]

# Characters that XML 1.0 cannot hold at all.
_NO_XML: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF), "\N{REPLACEMENT CHARACTER}")


def render_json(report: Report) -> str:
    """One object with `findings` and `summary`."""
    summary = {"files": len(report.files), "errors": report.errors, "warnings": report.warnings}
    whole = {"findings": [_members(each) for each in report.findings], "summary": summary}
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _members(finding: Finding) -> dict[str, object]:
    span, fix = finding.span, finding.fix
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "file": finding.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "message": finding.message,
        "why": finding.why,
        "fix": None if fix is None else {"description": fix.description, "safe": fix.safe},
        **finding.facts,
    }


def render_junit(report: Report) -> str:
    """A test case for every file; each error is a failure of its file's case, a warning is only output."""
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for each in report.findings:
        by_file[each.file].append(each)
    cases = [_case(name, by_file.get(name, [])) for name in sorted({*report.files, *by_file})]
    failures = sum(any(each.severity == "error" for each in found) for found in by_file.values())
    head = f'<testsuite name="tallystick" tests="{len(cases)}" failures="{failures}" errors="0" skipped="0">'
    return "\n".join(
        ('<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", head, *cases, "</testsuite>", "</testsuites>")
    )


def _case(name: str, findings: list[Finding]) -> str:
    head = f'<testcase classname="contracts" name={_attribute(name)}'
    if not findings:
        return f"{head}/>"
    errors = [each for each in findings if each.severity == "error"]
    warnings = [each for each in findings if each.severity == "warning"]
    parts = [f"{head}>"]
    if errors:
        first = f"{errors[0].rule}: {one_line(errors[0])}"
        parts.append(f"<failure message={_attribute(first)}>{_lines(errors)}</failure>")
    if warnings:
        parts.append(f"<system-out>{_lines(warnings)}</system-out>")
    return "\n".join((*parts, "</testcase>"))


def _lines(findings: list[Finding]) -> str:
    told = (f"{each.file}:{each.span.line}:{each.span.column}: {each.rule}: {one_line(each)}" for each in findings)
    return html.escape("\n".join(told).translate(_NO_XML), quote=False)


def _attribute(value: str) -> str:
    return f'"{html.escape(value.translate(_NO_XML))}"'
