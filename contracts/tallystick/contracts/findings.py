"""What a check of the toolchain has to say: a finding, its place in a text, and the mend.

`lint` and `breaking` both produce findings; the command line renders them (text, JSON, SARIF, ...).
Lines and columns count from 1, columns in characters (Unicode code points), and the end is exclusive.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["START", "Edit", "Finding", "Fix", "Lines", "Severity", "Span", "apply_fixes"]

Severity = Literal["error", "warning"]

_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, as offsets and as lines and columns.

    Attributes:
        start: Offset of the first character.
        end: Offset behind the last one.
        line: Line of the first character, from 1.
        column: Column of the first character, from 1.
        end_line: Line of the end.
        end_column: Column behind the last character.
    """

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int


START: Final = Span(0, 0, 1, 1, 1, 1)


class Lines:
    """Turns offsets of a text into spans.

    Args:
        text: The text; LF, CRLF and CR end a line.
    """

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def span(self, start: int, end: int) -> Span:
        """The stretch between two offsets."""
        return Span(start, end, *self._place(start), *self._place(end))

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


@dataclass(frozen=True, slots=True)
class Edit:
    """Text to put in the place of a stretch.

    Attributes:
        span: What goes; empty where something is only put in.
        text: What comes.
    """

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """How to mend a finding.

    Attributes:
        description: What to do, in words or as the text to type.
        safe: Whether a tool may do it without asking: the file says the same afterwards, or what it must have meant.
        edits: The edits that do it; empty where only a person can.
    """

    description: str
    safe: bool = False
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, at one place.

    Attributes:
        rule: Id of the rule, such as T003.
        severity: "error" stops a pull request, "warning" does not.
        file: The file, as the person named it.
        span: Where in the file.
        message: What is wrong, in one line that stands alone.
        why: Why it matters.
        fix: How to mend it.
        facts: Further members of the JSON form, such as a baseline and old and new values.
    """

    rule: str
    severity: Severity
    file: str
    span: Span
    message: str
    why: str
    fix: Fix | None = None
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)


def apply_fixes(text: str, fixes: Iterable[Fix]) -> str:
    """Carry out the edits of fixes; one that touches the same place as an earlier one is left out as a whole.

    Args:
        text: The text that the edits' offsets speak of.
        fixes: What to do, the first having precedence.

    Returns:
        The text with the edits; every other character is as it was.
    """
    chosen: list[Edit] = []
    for fix in fixes:
        if all(edit in chosen for edit in fix.edits):
            continue
        if not any(_touch(edit.span, other.span) for edit in fix.edits for other in chosen):
            chosen += fix.edits
    parts: list[str] = []
    done = 0
    for edit in sorted(chosen, key=lambda edit: (edit.span.start, edit.span.end)):
        parts += (text[done : edit.span.start], edit.text)
        done = edit.span.end
    return "".join((*parts, text[done:]))


def _touch(one: Span, other: Span) -> bool:
    """Whether two stretches overlap, or start at one place."""
    return one.start == other.start or (one.start < other.end and other.start < one.end)
