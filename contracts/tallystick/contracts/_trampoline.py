"""Recursion without the interpreter's stack: schemas nest far deeper than Python's limit allows.

A recursive function becomes a generator that yields the call it would have made and is sent its result. A function
that often needs no recursion may return its result as it is, in place of a generator: most parts of most schemas hold
nothing deep, and a generator costs more than all that is read from them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from types import GeneratorType
from typing import Any, TypeAlias, TypeVar, cast, overload

__all__ = ["Eventually", "Step", "run", "then"]

S = TypeVar("S")
T = TypeVar("T")
Step: TypeAlias = Generator[Any, Any, T]
Eventually: TypeAlias = T | Step[T]


@overload
def run(call: Step[T]) -> T: ...
@overload
def run(call: Eventually[T]) -> T: ...
def run(call: Eventually[T]) -> T:
    """Run a recursive generator to its end and return what it returns."""
    if not isinstance(call, GeneratorType):
        return cast("T", call)
    stack: list[Step[Any]] = [call]
    result: Any = None
    while stack:
        try:
            result = stack[-1].send(result)
        except StopIteration as done:
            stack.pop()
            result = done.value
        else:
            if isinstance(result, GeneratorType):
                stack.append(result)
                result = None
    return result  # type: ignore[no-any-return]  # the first generator's result comes last


def then(first: Eventually[S], rest: Callable[[S], Eventually[T]]) -> Eventually[T]:
    """Go on with a result: at once if it is there, else once it is."""
    return _then(first, rest) if isinstance(first, GeneratorType) else rest(cast("S", first))


def _then(first: Step[S], rest: Callable[[S], Eventually[T]]) -> Step[T]:
    return (yield rest((yield first)))  # type: ignore[no-any-return]  # what is sent is the result of what was yielded
