"""Subjects and contexts: `orders-value` in the default context, `:.staging:orders-value` in context `.staging`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tallystick.api.registry.errors import GenericError, InvalidSubjectError

__all__ = ["DEFAULT", "GLOBAL", "Subject", "askable", "context_name"]

DEFAULT: Final = "."
GLOBAL: Final = ".__GLOBAL"
_ANY: Final = "*"
# Control characters, and halves of surrogate pairs, which no database stores.
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_RESERVED: Final = frozenset({"__GLOBAL", "__EMPTY"})


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A subject's name within its context; an empty name stands for the context as a whole.

    Attributes:
        context: `.` for the default one, `.name` for another, `*` for all of them (in a prefix).
        name: The name within the context.
    """

    context: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Read a qualified or plain subject; `:.:s` is `s`."""
        text = askable(text)
        if text.startswith(":*:"):
            return cls(_ANY, text[3:])
        if not text.startswith(":."):
            return cls(DEFAULT, text)
        context, _, name = text[1:].partition(":")
        return cls(context, name)

    @property
    def prefix(self) -> str:
        """What qualifies a name of this context: empty for the default one."""
        return "" if self.context == DEFAULT else f":{self.context}:"

    @property
    def qualified(self) -> str:
        """The subject as Confluent's API writes it."""
        return self.prefix + self.name

    @property
    def is_context(self) -> bool:
        """Whether this is a context as a whole."""
        return not self.name

    @property
    def is_every_context(self) -> bool:
        """Whether this is a prefix that ranges over every context."""
        return self.context == _ANY

    def relative(self, text: str) -> Subject:
        """Read a subject that is written in this one's context, such as a reference's or an alias."""
        other = Subject.parse(text)
        return Subject(self.context, other.name) if other.context == DEFAULT else other

    def checked(self, *, settings: bool = False) -> Subject:
        """The subject itself, if it may be written to.

        Args:
            settings: Whether it names something whose config or mode is set; contexts may be then.
        """
        if (
            _FORBIDDEN.search(self.qualified)
            or self.name in _RESERVED
            or (not settings and (not self.name or self.context in {GLOBAL, _ANY}))
        ):
            raise InvalidSubjectError(self.qualified)
        return self


def askable(text: str) -> str:
    """A text as a database can be asked for it: PostgreSQL takes no NUL, not even to say that it has none such.

    In its place stands another control character, which no name holds either.
    """
    return text.replace("\0", "\1")


def context_name(text: str) -> str:
    """The context that `.name`, `name`, `:.name:` or `.` means in a path."""
    inner = text.removeprefix(":").removesuffix(":")
    if ":" in inner:
        raise GenericError(400, f"Context name '{inner}' cannot contain a colon")
    return inner if inner.startswith(".") else f".{inner}"
