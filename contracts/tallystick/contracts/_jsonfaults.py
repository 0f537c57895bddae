"""Why a text is no JSON, in the words of a person who made that mistake."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Fault", "conflict_fault", "syntax_fault"]

_BARE_WORD: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.-]*")
_NUMBER_LIKE: Final = re.compile(r"[+-]?[0-9.][0-9A-Za-z_.+-]*|[+-](?:Infinity|NaN)")
_SINGLE_QUOTED: Final = re.compile(r"'([^'\"\\\n]*)'")
_CONFLICT: Final = re.compile(r"(?m)^(<{7}|\|{7}|={7}|>{7})(?= |$)")
_ODD_SPACES: Final = re.compile("[\N{NO-BREAK SPACE}\u2000-\u200b\u202f\u2060\u3000\ufeff]+")
_SHORT_ESCAPES: Final = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f", "\b": "\\b"}
_SMART_QUOTES: Final = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u201b\u00b4`"
_SMART_QUOTED: Final = re.compile(rf'[{_SMART_QUOTES}]([^{_SMART_QUOTES}"\\\n]*)[{_SMART_QUOTES}]')
_WRONG_WORDS: Final = {
    "True": "true",
    "TRUE": "true",
    "False": "false",
    "FALSE": "false",
    "None": "null",
    "Null": "null",
    "NULL": "null",
    "nil": "null",
    "undefined": "null",
}
_NO_NUMBERS: Final = ("NaN", "Infinity", "-Infinity", "+Infinity", "-NaN", "+NaN")
_WANTED: Final = {
    "value": "a value",
    "key": 'a key in double quotes, such as "name"',
    "colon": "a colon after the key",
    "comma": "a comma",
    "end": "nothing more",
    "string": "a string",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a text.

    Attributes:
        kind: "syntax", "duplicate", "surrogate" or "depth".
        start: Offset of the first character concerned.
        end: Offset behind the last one.
        message: What is wrong and what to write, in one line.
        replacement: What to put there instead, where that is beyond doubt.
    """

    kind: str
    start: int
    end: int
    message: str
    replacement: str | None = None


def syntax_fault(text: str, at: int, wanted: str, opened: int | None) -> Fault:
    """Explain why the text cannot go on like this.

    Args:
        text: The whole text.
        at: Offset of what is wrong, behind any space.
        wanted: What had to come: value, key, colon, comma, end or string.
        opened: Offset of the innermost open bracket.

    Returns:
        The fault, as precise as the text allows.
    """
    for explain in _EXPLANATIONS:
        fault = explain(text, at, wanted)
        if fault:
            return fault
    if at >= len(text):
        return _ends_early(text, wanted, opened)
    if wanted == "comma":
        return _no_comma(text, at, opened)
    return _fault(at, at + 1, f"expected {_WANTED[wanted]}, found {_shown(text[at])}")


def conflict_fault(text: str) -> Fault | None:
    """Find what `git merge` leaves in a file where it needs a person, in JSON and in YAML."""
    match = _CONFLICT.search(text)
    if not match:
        return None
    message = "a merge conflict is left here: keep one side, and delete its three marks"
    return _fault(match.start(), match.end(), message)


def _conflict(text: str, at: int, _wanted: str) -> Fault | None:
    return conflict_fault(text) if _CONFLICT.match(text, at) else None


def _no_comma(text: str, at: int, opened: int | None) -> Fault:
    """A value has ended, and what follows is neither a comma nor the end of what holds it."""
    end = len(text[:at].rstrip())
    closer = "]" if opened is not None and text[opened] == "[" else "}"
    if end == at and text[at - 1] == '"' and (text[at].isalnum() or text[at] in "_-/"):
        start = text.rfind('"', 0, at - 1)
        if text[start:at].rstrip('" ').endswith((",", ":")):
            return _fault(start, at, 'this string has no end of its own: add the closing " behind its last word')
        return _fault(at - 1, at, 'the string ends here: write \\" for a quotation mark inside it')
    if text[at] in "]}" and opened is not None:
        line = text.count("\n", 0, opened) + 1
        return _fault(at, at + 1, f"the `{text[opened]}` of line {line} is not closed here: add `{closer}` before this")
    if text[at] in '"{[' or text[at].isalnum():
        return _fault(end, end + 1, "a comma is missing after this value: add it")
    return _fault(end, end + 1, f"a comma or `{closer}` is missing after this value")


def _odd_space(text: str, at: int, _wanted: str) -> Fault | None:
    match = _ODD_SPACES.match(text, at)
    if not match:
        return None
    message = f"{_shown(match[0][0])} looks like a space and is none: write plain spaces"
    return _fault(at, match.end(), message, " " * len(match[0]))


def _fault(start: int, end: int, message: str, replacement: str | None = None) -> Fault:
    return Fault("syntax", start, end, message, replacement)


def _shown(sign: str) -> str:
    return f"`{sign}`" if sign.isprintable() else f"the character U+{ord(sign):04X}"


def _ends_early(text: str, wanted: str, opened: int | None) -> Fault:
    end = len(text)
    if not text.strip():
        return _fault(0, 0, "the file is empty: a contract is a JSON object")
    if opened is not None:
        line = text.count("\n", 0, opened) + 1
        closer = "]" if text[opened] == "[" else "}"
        return _fault(end, end, f"the file ends before the `{text[opened]}` of line {line} is closed: add `{closer}`")
    return _fault(end, end, f"the file ends where {_WANTED[wanted]} should stand")


def _comment(text: str, at: int, _wanted: str) -> Fault | None:
    if text.startswith(("//", "#"), at):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
    elif text.startswith("/*", at):
        end = text.find("*/", at)
        end = len(text) if end < 0 else end + 2
    else:
        return None
    return _fault(at, end, 'JSON has no comments: write the remark into a "doc", or delete it')


def _quotes(text: str, at: int, wanted: str) -> Fault | None:
    sign = text[at : at + 1]
    if not sign or wanted == "end":
        return None
    if sign == "'":
        match = _SINGLE_QUOTED.match(text, at)
        replacement = f'"{match[1]}"' if match else None
        end = match.end() if match else at + 1
        return _fault(at, end, f"strings stand in double quotes: write {replacement or chr(34)}", replacement)
    if sign in _SMART_QUOTES:
        match = _SMART_QUOTED.match(text, at)
        replacement = f'"{match[1]}"' if match else None
        end = match.end() if match else at + 1
        return _fault(at, end, f"{_shown(sign)} is a typographic quote: write {replacement or chr(34)}", replacement)
    return None


def _string(text: str, at: int, wanted: str) -> Fault | None:
    if wanted != "string":
        return None
    position = at + 1
    while position < len(text):
        sign = text[position]
        if sign in {'"', "\n"}:
            break
        if sign < " ":
            right = _SHORT_ESCAPES.get(sign, f"\\u{ord(sign):04x}")
            return _fault(position, position + 1, f"{_shown(sign)} may not stand in a string: write {right}")
        if sign == "\\":
            escape = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})').match(text, position)
            if not escape:
                bad = text[position : position + 2]
                return _fault(position, position + 2, f"`{bad}` is no escape of JSON: a backslash itself is \\\\")
            position = escape.end()
            continue
        position += 1
    return _fault(at, position, 'this string does not end on its line: add the closing "')


def _word(text: str, at: int, wanted: str) -> Fault | None:
    match = _BARE_WORD.match(text, at)
    if not match or wanted not in {"value", "key"}:
        return None
    word = match[0]
    if word in _NO_NUMBERS:
        return _fault(at, match.end(), f"{word} is no JSON: there is no such number; leave the default out")
    if wanted == "value" and word in _WRONG_WORDS:
        right = _WRONG_WORDS[word]
        return _fault(at, match.end(), f"`{word}` is no JSON: write {right}", right)
    return _fault(at, match.end(), f'`{word}` stands without quotes: write "{word}"', f'"{word}"')


def _number(text: str, at: int, wanted: str) -> Fault | None:
    match = _NUMBER_LIKE.match(text, at)
    if not match or wanted != "value":
        return None
    if not match[0].strip("."):
        return _fault(at, match.end(), f"`{match[0]}` stands for something left out: write it, or delete this")
    if match[0] in _NO_NUMBERS:
        return _fault(at, match.end(), f"{match[0]} is no JSON: there is no such number; leave the default out")
    return _fault(at, match.end(), f"`{match[0]}` is no JSON number: write it as 0.5, -3 or 1e6")


def _stray(text: str, at: int, wanted: str) -> Fault | None:
    sign = text[at : at + 1]
    if not sign:
        return None
    if wanted == "end":
        return _fault(at, at + 1, "the contract ends before this: a file holds one JSON value; delete the rest")
    if wanted in {"value", "key"} and sign == ",":
        return _fault(at, at + 1, "there is a comma too many: delete it", "")
    if wanted == "colon" and sign == "=":
        return _fault(at, at + 1, "between key and value stands a colon, not `=`: write :", ":")
    if wanted == "colon":
        return _fault(at, at + 1, f"a colon is missing between key and value, before {_shown(sign)}: add it")
    return None


# The first that recognises the mistake explains it.
_EXPLANATIONS: Final[tuple[Callable[[str, int, str], Fault | None], ...]] = (
    _conflict,
    _odd_space,
    _comment,
    _quotes,
    _string,
    _word,
    _number,
    _stray,
)
