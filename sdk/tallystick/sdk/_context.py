"""Whom events concern, where the code that tracks them does not say."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from contextvars import Token

__all__ = ["Context", "current", "enter", "leave"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Whom events concern; what is None is taken from the context outside."""

    user_id: str | None = None
    anonymous_id: str | None = None
    session_id: str | None = None
    trace_id: str | None = None

    def within(self, outer: Context) -> Context:
        """This context, its gaps filled from the one outside."""
        if outer is _NOBODY:
            return self
        return Context(
            **{
                name: getattr(self, name) if getattr(self, name) is not None else getattr(outer, name)
                for name in _NAMES
            }
        )


_NAMES: Final = tuple(field.name for field in fields(Context))
_NOBODY: Final = Context()
_current: ContextVar[Context] = ContextVar("tallystick_context", default=_NOBODY)


def current() -> Context:
    """The context of the running thread or task."""
    return _current.get()


def enter(context: Context) -> Token[Context]:
    """Make a context current inside the present one; undo it with `leave`."""
    return _current.set(context.within(_current.get()))


def leave(token: Token[Context]) -> None:
    """Go back to the context outside."""
    _current.reset(token)
