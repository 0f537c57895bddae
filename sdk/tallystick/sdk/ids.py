"""Identities of events: new ones in order of time, or the same ones again for the same facts."""

from __future__ import annotations

import os
import time
from random import Random
from typing import Final
from uuid import UUID, uuid5

__all__ = ["stable_id", "uuid7"]

_NAMESPACE: Final = UUID("6f0b7c52-8f5e-5d0b-9d0c-7a1f7a11e571")
_VERSION_7: Final = 7 << 76
_VARIANT: Final = 2 << 62
# An identity is no secret, so a generator in the process will do: the system's costs more than the rest of an event. It
# is our own, because an application may seed the shared one, and a forked child must not go on with its parent's.
_random: Final = Random()  # noqa: S311 - see above
os.register_at_fork(after_in_child=_random.seed)


def uuid7() -> UUID:
    """Make a new identity that sorts by the millisecond it was made in (RFC 9562, version 7)."""
    milliseconds = (time.time_ns() // 1_000_000) << 80
    return UUID(int=milliseconds | _VERSION_7 | _random.getrandbits(12) << 64 | _VARIANT | _random.getrandbits(62))


def stable_id(*parts: str) -> UUID:
    """Make the identity of something that happened once, from what tells it apart.

    Sending the same order again under `stable_id("order", order_id)` is a duplicate, which Silver counts once.
    """
    # The length keeps ("a", "bc") and ("ab", "c") apart.
    return uuid5(_NAMESPACE, "".join(f"{len(part)}:{part}" for part in parts))
