"""SARIF 2.1.0, with the edits of a fix, so that an editor or a code host can apply them."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from tallystick.cli._findings.report import Report
    from tallystick.contracts.findings import Edit, Finding, Fix, Span

__all__ = ["render_sarif"]


def render_sarif(report: Report) -> str:
    """One run of one tool."""
    rules = sorted({each.rule: each for each in report.findings}.values(), key=lambda each: each.rule)
    driver = {
        "name": "tallystick",
        "version": version("tallystick"),
        "rules": [
            {
                "id": each.rule,
                "shortDescription": {"text": report.titles.get(each.rule, each.rule)},
                "fullDescription": {"text": each.why},
                "defaultConfiguration": {"level": each.severity},
            }
            for each in rules
        ],
    }
    indexes = {each.rule: index for index, each in enumerate(rules)}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, indexes[each.rule]) for each in report.findings],
    }
    whole = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _result(finding: Finding, index: int) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": finding.message},
        "locations": [
            {"physicalLocation": {"artifactLocation": _artifact(finding.file), "region": _region(finding.span)}}
        ],
    }
    if finding.fix is not None and finding.fix.edits:
        result["fixes"] = [_fix(finding.file, finding.fix)]
    return result


def _fix(file: str, fix: Fix) -> dict[str, object]:
    change = {"artifactLocation": _artifact(file), "replacements": [_replacement(each) for each in fix.edits]}
    return {"description": {"text": fix.description}, "artifactChanges": [change]}


def _replacement(edit: Edit) -> dict[str, object]:
    return {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}


def _artifact(file: str) -> dict[str, str]:
    return {"uri": quote(file)}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
