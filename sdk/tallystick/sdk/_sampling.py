"""Chooses a share of users, the same ones everywhere."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from uuid import UUID

    from tallystick.sdk._context import Context

__all__ = ["is_sampled"]

_RANGE: Final = 1 << 64


def is_sampled(context: Context, event_id: UUID, rate: float) -> bool:
    """Whether an event is among the share that is sent: all events of a user are, or none."""
    if rate >= 1.0:
        return True
    unit = context.user_id or context.anonymous_id or str(event_id)
    digest = hashlib.blake2b(unit.encode(errors="surrogatepass"), digest_size=8, person=b"tallysticksample").digest()
    return int.from_bytes(digest) < rate * _RANGE
