"""What can go wrong with samples.

TallystickError
└── SampleError    no value was found that satisfies the rules of a contract
"""

from __future__ import annotations

from tallystick.contracts.errors import TallystickError

__all__ = ["SampleError"]


class SampleError(TallystickError):
    """No value was found that satisfies the rules of a record."""
