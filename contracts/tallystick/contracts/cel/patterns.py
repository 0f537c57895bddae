"""Regular expressions that mean the same to RE2 (CEL), Java (Spark) and Python.

The three agree on letters, classes, groups, alternatives and quantifiers, once `.`, `$` and the classes of spaces are
written out. What they do not agree on is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

__all__ = ["portable"]

_PIECE: Final = re.compile(
    r"""
      (?P<escaped>\\[.\\+*?()|\[\]{}^$/\-])
    | (?P<digit>\\[dDwW])
    | (?P<space>\\s)
    | (?P<control>\\[nrtf])
    | (?P<group>\((?!\?)|\(\?:|\)|\|)
    | (?P<quantifier>(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})\??)
    | (?P<dot>\.)
    | (?P<end>\$)
    | (?P<start>\^)
    | (?P<class>\[\^?(?:\\[.\\+*?()|\[\]{}^$/\-dwnrtf]|[^\]\[\\&])+\])
    | (?P<plain>[^\\\[\](){}|*+?.$^])
    """,
    re.VERBOSE,
)
_WRITTEN_OUT: Final = {"space": r"[\t\n\f\r ]", "dot": r"[^\n]", "end": r"\Z"}


@lru_cache(maxsize=1024)
def portable(pattern: str, end: str = r"\Z") -> str:
    """The same pattern, written so that Python (and with `end` Java) takes it as RE2 does.

    Args:
        pattern: An expression in RE2's language.
        end: How the engine writes the very end of a text.

    Returns:
        The pattern to give to the engine.

    Raises:
        ValueError: The engines differ on some part of it; the message names the part.
    """
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        match = _PIECE.match(pattern, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"engines differ on `{pattern[at : at + 3]}` in a pattern: write it otherwise")
        written = end if match.lastgroup == "end" else _WRITTEN_OUT.get(match.lastgroup, match[0])
        parts.append(written)
        at = match.end()
    text = "".join(parts)
    try:
        re.compile(text.replace(end, r"\Z"), re.ASCII)
    except re.error as error:
        raise ValueError(f"this is no regular expression: {error.msg}") from error
    return text
