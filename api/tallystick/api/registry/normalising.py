"""The normal form of a schema: one text for schemas that differ only in how they are written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallystick.api.registry.avro import Parsed
    from tallystick.api.registry.content import Content

__all__ = ["normalised"]


def normalised(content: Content, parsed: Parsed) -> Content:
    """The content in its normal form."""
    return replace(content, text=parsed.text, references=tuple(sorted(set(content.references))))
