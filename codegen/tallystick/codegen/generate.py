"""`generate`: a catalogue as Python files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.codegen.plan import plan
from tallystick.codegen.render import render

if TYPE_CHECKING:
    from tallystick.contracts import Catalog

__all__ = ["generate"]


def generate(catalog: Catalog, package: str = "tallystick.events") -> dict[str, str]:
    """Return the Python files for a catalogue.

    Args:
        catalog: The contracts.
        package: The package that holds them, dotted.

    Returns:
        Path below the import root, with forward slashes -> text. Nothing in it depends on time or place.
    """
    texts = render(plan(catalog, package))
    return {name.replace(".", "/") + ".py": texts[name] for name in sorted(texts)}
