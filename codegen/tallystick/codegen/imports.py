"""What a generated module imports, noted while its text is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tallystick.codegen.plan import Module

__all__ = ["RULES_MODULE", "Imports"]

RULES_MODULE: Final = "_rules"


class Imports:
    """The names that a module imports.

    Attributes:
        by_module: Module -> names imported from it.
        only_quoted: Those among them that stand in quoted annotations only.
        codes: Rules that an imported name's use breaks.
    """

    def __init__(self) -> None:
        self.by_module: dict[str, set[str]] = {}
        self.only_quoted: dict[str, set[str]] = {}
        self.codes: set[str] = set()

    def absorb(self, other: Imports, *, is_quoted: bool) -> None:
        """Take over what an annotation needs; a linter thinks that what stands in quotes only is for type checkers."""
        for module, names in other.by_module.items():
            known = self.by_module.setdefault(module, set())
            quoted = self.only_quoted.setdefault(module, set())
            if is_quoted:
                quoted |= names - known
            else:
                quoted -= names
            known |= names

    def add(self, module: str, *names: str) -> None:
        """Note names to be imported; builtins, which have no module, are not."""
        if module:
            self.by_module.setdefault(module, set()).update(names)
            self.only_quoted.setdefault(module, set()).difference_update(names)

    def use_rules(self) -> None:
        """Note the import of the words of rules; no name of a schema begins with an underscore."""
        self.add("tallystick.sdk", f"rules as {RULES_MODULE}")

    def use(self, module: Module, name: str) -> str:
        """Return the name by which a module knows a class, and note its import if it is another module's."""
        local = module.names[name]
        if name in module.imported:
            theirs = module.imported[name]
            self.add(theirs.module, local if local == theirs.name else f"{theirs.name} as {local}")
        return local
