"""Recursion without the interpreter's stack: schemas nest far deeper than Python's limit allows.

A recursive function becomes a generator that yields the generator it would have called and is sent its result.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias, TypeVar

__all__ = ["Step", "run"]

T = TypeVar("T")
Step: TypeAlias = Generator["Step[Any]", Any, T]


def run(step: Step[T]) -> T:
    """Run a recursive generator to its end and return what it returns."""
    stack: list[Step[Any]] = [step]
    result: Any = None
    while stack:
        try:
            call = stack[-1].send(result)
        except StopIteration as done:
            stack.pop()
            result = done.value
        else:
            stack.append(call)
            result = None
    return result  # type: ignore[no-any-return]  # the last value is the first generator's
