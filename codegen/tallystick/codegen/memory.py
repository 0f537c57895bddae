"""`load`: the generated classes without files, for schemas that arrive while a program runs."""

from __future__ import annotations

import hashlib
import sys
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from tallystick.codegen.plan import plan
from tallystick.codegen.render import render
from tallystick.contracts.types import Record

if TYPE_CHECKING:
    from tallystick.contracts import Catalog

__all__ = ["load"]

_PREFIX: Final = "_tallystick_loaded_"
_PACKAGE: Final = ".__init__"  # its text would import the modules, which are there already
_LOCK: Final = Lock()


def load(catalog: Catalog) -> dict[str, Any]:
    """Return the class of every contract that is a record, by full name.

    The classes are those that `generate` writes. Nothing of them stays behind in `sys.modules`.
    """
    digest = hashlib.sha256("".join(each.contract_hash for each in catalog).encode()).hexdigest()
    decided = plan(catalog, _PREFIX + digest[:16])
    texts = {name: text for name, text in render(decided).items() if not name.endswith(_PACKAGE)}
    modules = {name: ModuleType(name) for name in (*decided.namespaces.values(), *texts)}
    for name, module in modules.items():
        package, _, last = name.rpartition(".")
        if package:
            setattr(modules[package], last, module)
    with _LOCK:  # two loads of one catalogue would use the same names
        sys.modules.update(modules)
        try:
            for name, text in texts.items():
                exec(compile(text, f"<{name}>", "exec", dont_inherit=True), modules[name].__dict__)  # noqa: S102 - our own text, in which every word of a schema is a literal or a checked identifier
            return {
                name: getattr(modules[each.name], each.names[name])
                for name, each in decided.modules.items()
                if isinstance(each.contract.schema.root, Record)
            }
        finally:
            for name in modules:
                del sys.modules[name]
