"""Did you mean ...?"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["camel_case", "did_you_mean", "nearest", "slip_of", "snake_case", "words"]

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that this one most likely was meant to be, if any is near."""
    import difflib  # nobody needs it as long as everything is spelt right

    spellings = {candidate.lower(): candidate for candidate in sorted(known, reverse=True)}
    found = difflib.get_close_matches(word.lower(), spellings, n=1, cutoff=0.6)
    return spellings[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question `: did you mean ...?`, or the known words where none is near and they are few."""
    candidates = sorted(set(known))
    found = nearest(word, candidates)
    if found:
        return f": did you mean `{found}`?"
    few = 12
    if 0 < len(candidates) <= few:
        return ": write one of " + ", ".join(candidates)
    return ""


def slip_of(word: str, known: Iterable[str]) -> str | None:
    """The known word from which this one differs by a slip of the finger: one letter more, less, other or swapped."""
    plain = _plain(word)
    return next((each for each in sorted(known) if _is_slip(plain, _plain(each))), None)


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")


def _is_slip(one: str, other: str) -> bool:
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
    one, other = one[start:], other[start:]
    swapped = one[1:2] + one[:1] + one[2:]
    return other in {one[1:], swapped} or one == other[1:] or one[1:] == other[1:]


@lru_cache(maxsize=8192)
def words(name: str) -> tuple[str, ...]:
    """The words that a name in any case style is made of, in lower case."""
    return tuple(word.lower() for word in _WORD.findall(name))


def snake_case(name: str) -> str:
    """The name in lower_snake_case."""
    return "_".join(words(name))


def camel_case(name: str) -> str:
    """The name in PascalCase."""
    return "".join(word.capitalize() for word in words(name))
