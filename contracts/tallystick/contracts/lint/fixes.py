"""Changes of a value as edits of its text, which leave every other byte alone."""

from __future__ import annotations

import json
import re
from functools import singledispatch
from typing import TYPE_CHECKING, Final

from tallystick.contracts.findings import Edit, Fix
from tallystick.contracts.lint.rule import AddMember, Change, DropMember, Mend, ReplaceText, SetKey, SetValue

if TYPE_CHECKING:
    from tallystick.contracts.lint.document import Document

__all__ = ["as_fix"]

_PLAIN_YAML: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def as_fix(mend: Mend | None, document: Document) -> Fix | None:
    """A mend with the edits that do it in this file."""
    if mend is None:
        return None
    edits = tuple(edit for change in mend.changes for edit in _edits(change, document))
    return Fix(description=mend.description, safe=mend.safe and bool(edits), edits=edits)


@singledispatch
def _edits(change: Change, document: Document) -> list[Edit]:
    raise NotImplementedError(change, document)


@_edits.register(ReplaceText)
def _(change: ReplaceText, document: Document) -> list[Edit]:
    return [Edit(document.lines.span(change.start, change.end), change.text)]


@_edits.register(SetValue)
def _(change: SetValue, document: Document) -> list[Edit]:
    if document.kind != "schema":
        return []
    return [Edit(document.span(change.path), change.text)]


@_edits.register(SetKey)
def _(change: SetKey, document: Document) -> list[Edit]:
    is_plain = document.kind != "schema" and _PLAIN_YAML.fullmatch(change.key)
    return [Edit(document.span(change.path, "key"), change.key if is_plain else json.dumps(change.key))]


@_edits.register(AddMember)
def _(change: AddMember, document: Document) -> list[Edit]:
    node = document.node(change.path)
    if node is None or not node.members or document.kind != "schema":
        return []
    keys = [key.value for key, _ in node.members]
    index = keys.index(change.after) if change.after in keys else len(keys) - 1
    key, value = node.members[index]
    # The new member stands as the one before it does: on its own line or not.
    before = node.members[index - 1][1].end if index else node.start + 1
    space = document.text[before : key.start].lstrip(",")
    space = space if "\n" in space else " "
    text = f",{space}{json.dumps(change.key)}: {change.text}"
    return [Edit(document.lines.span(value.end, value.end), text)]


@_edits.register(DropMember)
def _(change: DropMember, document: Document) -> list[Edit]:
    *parent, step = change.path
    node = document.node(tuple(parent))
    if node is None or document.kind != "schema":
        return []
    index = next((at for at, (key, _) in enumerate(node.members) if key.value == step), None)
    if index is None:
        return []
    key, value = node.members[index]
    if index:
        return [Edit(document.lines.span(node.members[index - 1][1].end, value.end), "")]
    end = node.members[1][0].start if len(node.members) > 1 else value.end
    return [Edit(document.lines.span(key.start, end), "")]
