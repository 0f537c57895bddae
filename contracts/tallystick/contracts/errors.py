"""The root of every error that a user can cause or mend.

    TallystickError            what happened, and how to fix it
    ├── SchemaError            a schema text that Avro refuses              (tallystick.contracts)
    ├── CatalogError           a folder of contracts that does not load     (tallystick.contracts)
    └── ...                    each package draws its own branch in its own errors module

The command line prints `str(error)` and the hint, never a stack trace, and ends with `exit_code`.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = ["TallystickError"]


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
