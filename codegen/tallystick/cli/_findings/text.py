"""Text in the shape of rustc's messages: what, where, the line itself, why, and what to type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tallystick.cli._findings.report import Report
    from tallystick.contracts.findings import Finding

__all__ = ["render_text"]

_COLOURS: Final = {"error": "1;31", "warning": "1;33", "bold": "1", "frame": "1;34"}
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_CONTROL: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_WIDEST: Final = 160


def render_text(report: Report) -> str:
    """Every finding as a block, and a last line that sums up."""
    lines = {name: _LINE_END.split(content) for name, content in report.texts.items()}
    blocks = [_block(each, lines.get(each.file, []), _paint(report.colour)) for each in report.findings]
    return "\n\n".join((*blocks, _summary(report)))


def _block(finding: Finding, lines: list[str], paint: Paint) -> str:
    span, number = finding.span, str(finding.span.line)
    margin = " " * len(number)
    bar = paint("|", "frame")
    head = paint(f"{finding.severity}[{finding.rule}]", finding.severity)
    parts = [
        f"{head}{paint(': ' + _tame(finding.message), 'bold')}",
        f"{margin}{paint('-->', 'frame')} {finding.file}:{span.line}:{span.column}",
    ]
    if 0 < span.line <= len(lines) and lines[span.line - 1].strip():
        shown, start = _excerpt(lines[span.line - 1], span.column)
        end = span.end_column if span.end_line == span.line else len(lines[span.line - 1]) + 1
        width = max(1, min(end - span.column, len(shown) - start))
        carets = paint("^" * width, finding.severity)
        parts += [f"{margin} {bar}", f"{paint(number, 'frame')} {bar} {shown}", f"{margin} {bar} {' ' * start}{carets}"]
    parts.append(f"{margin} {paint('=', 'frame')} why:  {finding.why}")
    parts += [f"{margin} {paint('=', 'frame')} {told}" for told in _facts(finding)]
    if finding.fix is not None and not finding.facts.get("accepted"):
        flag = "     [--fix]" if finding.fix.safe else ""
        parts.append(f"{margin} {paint('=', 'frame')} fix:  {_tame(finding.fix.description)}{flag}")
    return "\n".join(parts)


def _facts(finding: Finding) -> list[str]:
    """Old and new, what comes of it and for whom, where a finding compares."""
    facts = finding.facts
    if "old" not in facts:
        return []
    against = f"   ({facts['against']})" if facts.get("against") else ""
    consumers, accepted = facts.get("consumers"), facts.get("accepted")
    told = {
        "old": f"{facts['old']}{against}",
        "new": facts.get("new"),
        "then": facts.get("consequence"),
        "who": ", ".join(map(str, consumers)) if isinstance(consumers, list) else consumers,
        "ok": "accepted by {by} until {until}: {reason}".format_map(accepted) if isinstance(accepted, dict) else None,
    }
    return [f"{f'{key}:':5} {_tame(str(value))}" for key, value in told.items() if value]


def _excerpt(line: str, column: int) -> tuple[str, int]:
    """The line, or the part of a long one around the column; and where in it the column is, from 0."""
    line = _tame(line.replace("\t", " "))
    if len(line) <= _WIDEST:
        return line, column - 1
    start = max(0, min(column - 1 - _WIDEST // 2, len(line) - _WIDEST))
    lead = "…" if start else ""
    return lead + line[start + len(lead) : start + _WIDEST], column - 1 - start


def _tame(words: str) -> str:
    """Words without characters that move a terminal's cursor or turn the direction of writing."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", words)


def _summary(report: Report) -> str:
    files = _count(len(report.files), "file")
    if not report.findings:
        return f"{files}, no findings"
    safe = sum(each.fix is not None and each.fix.safe for each in report.findings)
    hint = f"; --fix can mend {safe} of them" if safe else ""
    return f"{files}, {_count(report.errors, 'error')}, {_count(report.warnings, 'warning')}{hint}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class Paint:
    """Colours words, or leaves them.

    Args:
        is_on: Whether to colour.
    """

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on

    def __call__(self, words: str, style: str) -> str:
        return f"\033[{_COLOURS[style]}m{words}\033[0m" if self._is_on else words


def _paint(colour: bool) -> Paint:  # noqa: FBT001 -- one flag, and its name says all
    return Paint(is_on=colour)
