"""Media types: which we read, which we write, and which of those a client wants."""

from __future__ import annotations

from typing import Final

__all__ = ["ACCEPTED", "DEFAULT_TYPE", "negotiate"]

DEFAULT_TYPE: Final = "application/vnd.schemaregistry.v1+json"
_WRITTEN: Final = (DEFAULT_TYPE, "application/vnd.schemaregistry+json", "application/json")
ACCEPTED: Final = frozenset({*_WRITTEN, "application/octet-stream"})
_WILD: Final = {"*/*": DEFAULT_TYPE, "application/*": DEFAULT_TYPE}


def negotiate(accept: str) -> str | None:
    """The media type of the answer; None where the client accepts none of ours.

    Args:
        accept: The request's Accept header; empty for none.
    """
    if not accept.strip():
        return DEFAULT_TYPE
    wanted = sorted(map(_weighed, accept.split(",")), key=lambda pair: -pair[1])
    for kind, weight in wanted:
        chosen = kind if kind in _WRITTEN else _WILD.get(kind)
        if chosen is not None and weight > 0:
            return chosen
    return None


def _weighed(part: str) -> tuple[str, float]:
    kind, *params = (piece.strip().lower() for piece in part.split(";"))
    for param in params:
        if param.startswith("q="):
            try:
                return kind, float(param[2:])
            except ValueError:
                return kind, 0.0
    return kind, 1.0
