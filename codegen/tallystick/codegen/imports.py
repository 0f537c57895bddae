"""What a generated module imports, noted while its text is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallystick.codegen.plan import Module

__all__ = ["Imports"]


class Imports:
    """The names that a module imports, by the modules that it imports them from."""

    def __init__(self) -> None:
        self.by_module: dict[str, set[str]] = {}

    def add(self, module: str, *names: str) -> None:
        """Note names to be imported; builtins, which have no module, are not."""
        if module:
            self.by_module.setdefault(module, set()).update(names)

    def use(self, module: Module, name: str) -> str:
        """Return the name by which a module knows a class, and note its import if it is another module's."""
        local = module.names[name]
        if name in module.imported:
            theirs = module.imported[name]
            self.add(theirs.module, local if local == theirs.name else f"{theirs.name} as {local}")
        return local
