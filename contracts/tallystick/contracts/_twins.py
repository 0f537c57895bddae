"""Whether two definitions of one name may stand in one schema: Java's equality of schemas."""

from __future__ import annotations

from tallystick.contracts.types import Named

__all__ = ["same_definition"]


def same_definition(first: Named, second: Named) -> bool:
    """Tell whether a type is defined twice in the same way; doc, aliases and an enum's default do not count."""
    return first is second or first == second
