"""The root of every error that a user can cause or mend.

    TallystickError            what happened, and how to fix it
    ├── SchemaError            a schema text that Avro refuses              (tallystick.contracts)
    │   └── AmbiguousAliasError    a reader's field that matches several fields of the writer
    ├── FrameError             bytes that are no framed message             (tallystick.contracts)
    ├── CatalogError           a folder of contracts that does not load     (tallystick.contracts)
    │   └── NoFolderError          ... or is not there
    └── ...                    each package draws its own branch in its own errors module

The command line prints `str(error)` and the hint, never a stack trace, and ends with `exit_code`.
"""

from __future__ import annotations

from typing import ClassVar, Final

__all__ = ["AmbiguousAliasError", "FrameError", "SchemaError", "TallystickError"]


_SHOWN: Final = 160


class TallystickError(Exception):
    """Something that a person can mend, told in one line, with the mend in a second.

    Args:
        message: What is wrong and where, as one sentence.
        fix: What to do about it, as an instruction or a command; empty where there is none.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class SchemaError(TallystickError):
    """A schema that Avro refuses.

    Args:
        what: What is wrong, as a sentence without its place.
        pointer: JSON pointer to the offending part of the schema; empty for its root.
        line: Line in the text, from 1, where the text is not even JSON; else 0.
        column: Column in that line, from 1; else 0.
        fix: What to write instead.
    """

    def __init__(self, what: str, *, pointer: str = "", line: int = 0, column: int = 0, fix: str = "") -> None:
        place = f"line {line}, column {column}" if line else f"at {pointer}" if pointer else "at the schema's root"
        super().__init__(f"{_shown(what)} ({_shown(place)})", fix=_shown(fix))
        self.what = what
        self.pointer = pointer
        self.line = line
        self.column = column


class AmbiguousAliasError(SchemaError):
    """A field of the reader is, by its name and aliases, several fields of the writer at once.

    Args:
        record: Full name of the reader's record.
        field: Name of the reader's field.
        matches: The names under which the writer's record was found to have it.
        pointer: JSON pointer to the field in the reader's schema.
    """

    def __init__(self, record: str, field: str, matches: tuple[str, ...], *, pointer: str = "") -> None:
        super().__init__(
            f"field {field} of the reader's {record} stands for several fields of the writer: {', '.join(matches)}",
            pointer=pointer,
            fix=f"take from the aliases of {field} all names but the one that the writer uses",
        )
        self.record = record
        self.field = field
        self.matches = matches


class FrameError(TallystickError):
    """Bytes that are no framed message.

    Args:
        reason: One of `too short`, `wrong magic`, `bad id`: few and fixed, to count by.
        detail: The same with the figures.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(
            f"not in Confluent's wire format, {reason}: {detail}",
            fix="check that the producer uses a schema registry serialiser",
        )
        self.reason = reason


def _shown(text: str) -> str:
    """Make a text that quotes a schema fit for one line: not the whole schema, nothing that cannot be printed."""
    short = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 40]} ... {text[-35:]}"
    return short.encode("utf-8", "backslashreplace").decode()
