"""The rules of a class: a table of names, texts and conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.codegen.conditions import Condition, condition
from tallystick.codegen.imports import RULES_MODULE
from tallystick.codegen.text import literal
from tallystick.contracts.cel import Checked
from tallystick.contracts.contract import META_FIELD
from tallystick.contracts.types import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.codegen.imports import Imports
    from tallystick.codegen.plan import Class, Module
    from tallystick.codegen.text import Writer
    from tallystick.contracts.rules import ContractRule

__all__ = ["write_rules"]

# What a linter says of conditions: of numbers without a name, and of what a team finds worth asking for.
_CODES: Final = {
    "": ("PLR2004", "RUF100"),
    " and ": ("PLR0133", "PLR1714", "SIM300"),
    " or ": ("PLR0133", "PLR1714", "SIM300"),
    " if ": ("FURB110", "RUF034", "SIM211"),
}


def write_rules(writer: Writer, module: Module, owner: Class, imports: Imports) -> None:
    """Write the rules of a record's class; of those that cannot be compiled, why."""
    rules = module.rules.get(owner.node.name, ())
    entries = []
    for rule in rules if isinstance(owner.node, Record) else ():
        if isinstance(rule.compiled, Checked):
            found = condition(rule.compiled, lambda record, name: module.inside[record].members[name], imports)
            writer.codes.update(code for word, codes in _CODES.items() if word in found.text for code in codes)
            writer.codes |= set() if "this." in found.text else {"ARG005", "PLR0133"}
            entries.append(list(_entry(rule, found, is_event=_is_event(module, owner), room=writer.room - _NESTED)))
        else:
            writer.comment(_printable(f"The rule {rule.name} is not checked: {rule.compiled.message}"))
    if not entries:
        return
    imports.use_rules()
    imports.add("typing", "ClassVar")
    is_left = any(len(line) > writer.room - _NESTED for entry in entries for line in entry)
    if is_left:
        writer.line("# fmt: off")
    with writer.block(f"RULES: ClassVar[tuple[{RULES_MODULE}.Rule, ...]] = ("):
        for entry in entries:
            with writer.block(f"{RULES_MODULE}.Rule("):
                for line in entry:
                    writer.item(line)
            writer.line("),")
    writer.line(")")
    if is_left:
        writer.line("# fmt: on")


_NESTED: Final = 8  # columns by which an argument of a rule is indented


def _is_event(module: Module, owner: Class) -> bool:
    return module.contract.is_event and owner.node is module.contract.schema.root


def _entry(rule: ContractRule, found: Condition, *, is_event: bool, room: int) -> Iterator[str]:
    yield f"name={literal(rule.name)},"
    if rule.field:
        yield f"field={literal(rule.field)},"
    yield f"expects={literal(rule.expects)},"
    if is_event and META_FIELD in found.touched:
        yield "needs_meta=True,"
    line = f"holds=lambda this: {found.text},"
    if len(line) <= room or len(found.links) == 1:
        yield line
        return
    yield "holds=lambda this: ("
    yield from (f"    {each}" for each in found.links)
    yield "),"


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)
