"""Identities of events: new ones in order of time, or the same ones again for the same facts."""

from __future__ import annotations

import os
import time
from typing import Final
from uuid import UUID, uuid5

__all__ = ["stable_id", "uuid7"]

_NAMESPACE: Final = UUID("6f0b7c52-8f5e-5d0b-9d0c-7a1f7a11e571")
_VERSION_7: Final = 7 << 76
_VARIANT: Final = 2 << 62
_RANDOM_A: Final = (1 << 12) - 1
_RANDOM_B: Final = (1 << 62) - 1


def uuid7() -> UUID:
    """Make a new identity that sorts by the millisecond it was made in (RFC 9562, version 7)."""
    random = int.from_bytes(os.urandom(10))
    milliseconds = (time.time_ns() // 1_000_000) << 80
    return UUID(int=milliseconds | _VERSION_7 | ((random >> 62) & _RANDOM_A) << 64 | _VARIANT | random & _RANDOM_B)


def stable_id(*parts: str) -> UUID:
    """Make the identity of something that happened once, from what tells it apart.

    Sending the same order again under `stable_id("order", order_id)` is a duplicate, which Silver counts once.
    """
    # The length keeps ("a", "bc") and ("ab", "c") apart.
    return uuid5(_NAMESPACE, "".join(f"{len(part)}:{part}" for part in parts))
