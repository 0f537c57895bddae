"""Texts that match a pattern, for patterns of the kind that rules may use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

__all__ = ["matching"]

_CLASSES: Final = {
    "d": "0123456789",
    "w": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
    "s": " ",
}
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_PRINTABLE: Final = "".join(chr(code) for code in range(0x20, 0x7F))
_CONTROL: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_REPEAT: Final = re.compile(r"\{([0-9]+)(,([0-9]*))?\}\??|([*+?])\??")
_MORE: Final = 4


def matching(pattern: str, source: Random) -> str | None:
    """A text in which a pattern matches; None where the pattern is beyond this."""
    try:
        text = _Reader(pattern, source).alternatives()
    except (IndexError, ValueError):
        return None
    return text if re.search(pattern, text, re.ASCII) else None


class _Reader:
    """Reads a pattern once from left to right, and writes what it asks for."""

    def __init__(self, pattern: str, source: Random) -> None:
        self._pattern = pattern
        self._source = source
        self._at = 0

    def alternatives(self) -> str:
        """One of the alternatives up to the end of the pattern or group."""
        found = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            found.append(self._sequence())
        return self._source.choice(found)

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _sequence(self) -> str:
        text = ""
        while self._peek() not in {"", "|", ")"}:
            start = self._at
            pieces = [self._piece()]
            piece_end, count = self._at, self._count()
            after = self._at
            for _ in range(count - 1):
                self._at = start
                pieces.append(self._piece())
            if piece_end == start:
                raise ValueError(self._pattern)
            self._at = after
            text += "".join(pieces[:count])
        return text

    def _count(self) -> int:
        match = _REPEAT.match(self._pattern, self._at)
        if match is None:
            return 1
        self._at = match.end()
        least, has_most, most, sign = match.groups()
        if sign:
            low, high = {"*": (0, _MORE), "+": (1, _MORE), "?": (0, 1)}[sign]
        else:
            low = int(least)
            high = low if not has_most else int(most) if most else low + _MORE
        return self._source.randint(low, high)

    def _piece(self) -> str:
        sign = self._pattern[self._at]
        self._at += 1
        if sign in "^$":
            return ""
        if sign == ".":
            return self._source.choice(_LETTERS)
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._source.choice(self._class())
        if sign == "\\":
            return self._source.choice(self._escaped())
        return sign

    def _group(self) -> str:
        if self._pattern.startswith("?:", self._at):
            self._at += 2
        text = self.alternatives()
        self._at += 1
        return text

    def _escaped(self) -> str:
        sign = self._pattern[self._at]
        self._at += 1
        if sign.lower() in _CLASSES and sign.isupper():
            return _without(_CLASSES[sign.lower()])
        return _CLASSES.get(sign) or _CONTROL.get(sign, sign)

    def _class(self) -> str:
        is_negated = self._peek() == "^"
        self._at += is_negated
        letters = ""
        while self._peek() != "]":
            first = self._one()
            if self._peek() == "-" and self._pattern[self._at + 1] != "]":
                self._at += 1
                letters += "".join(map(chr, range(ord(first), ord(self._one()) + 1)))
            else:
                letters += first
        self._at += 1
        return _without(letters) if is_negated else letters

    def _one(self) -> str:
        sign = self._pattern[self._at]
        self._at += 1
        return self._escaped() if sign == "\\" else sign


def _without(letters: str) -> str:
    return "".join(each for each in _PRINTABLE if each not in letters)
