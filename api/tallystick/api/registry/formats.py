"""Other forms of a stored schema: `resolved` holds everything that it refers to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tallystick.api.registry.avro import read
from tallystick.api.registry.reading import qualify_references

if TYPE_CHECKING:
    from tallystick.api.registry.content import Content
    from tallystick.api.registry.names import Subject
    from tallystick.api.registry.reading import Identified
    from tallystick.api.registry.registering import Registered
    from tallystick.api.registry.transaction import Transaction

__all__ = ["Form", "formatted", "formatted_by_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a client wants a schema.

    Attributes:
        format: `resolved`, or anything else for the stored text.
        reference_format: `qualified` writes references with their context.
    """

    format: str = ""
    reference_format: str = ""

    def of(self, tx: Transaction, content: Content, home: Subject) -> Content:
        """The content in this form."""
        if self.format.lower() == "resolved":
            content = replace(content, text=read(tx, home, content).schema.text)
        return qualify_references(content, home) if self.reference_format == "qualified" else content


def formatted(tx: Transaction, found: Registered, form: Form) -> Registered:
    """A version in another form; its guid stays that of what is stored."""
    if form == Form():
        return found
    return replace(found, content=form.of(tx, found.content, found.place.subject), guid_of=found.content)


def formatted_by_id(tx: Transaction, found: Identified, form: Form) -> Identified:
    """A content in another form; its guid stays that of what is stored."""
    if found.place is None:
        return found
    return replace(found, content=form.of(tx, found.content, found.place.subject), guid_of=found.content)
