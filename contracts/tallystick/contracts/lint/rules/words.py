"""N005 to N007: names that are taken, or that say the wrong thing."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, OnField, OnSchema, OnType, Rule
from tallystick.contracts.spelling import words

if TYPE_CHECKING:
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite, TypeSite

__all__ = ["WORD_RULES", "is_past"]

# Words that SQL keeps for itself.
_SQL: Final = frozenset(
    (
        *(
            "all",
            "and",
            "any",
            "between",
            "case",
            "cast",
            "create",
            "distinct",
            "drop",
            "else",
            "end",
            "exists",
            "false",
        ),
        *(
            "for",
            "from",
            "full",
            "grant",
            "group",
            "having",
            "in",
            "inner",
            "insert",
            "into",
            "is",
            "join",
            "left",
            "like",
        ),
        *("natural", "not", "null", "on", "or", "order", "outer", "right", "select", "table", "then", "true", "union"),
        *("update", "using", "when", "where", "with"),
    )
)
_IRREGULAR: Final = frozenset(
    (
        *(
            "began",
            "bought",
            "broke",
            "built",
            "came",
            "caught",
            "chose",
            "cut",
            "done",
            "drawn",
            "drew",
            "driven",
            "fell",
        ),
        *(
            "felt",
            "found",
            "gave",
            "given",
            "got",
            "grew",
            "grown",
            "heard",
            "held",
            "hidden",
            "hit",
            "kept",
            "knew",
            "known",
        ),
        *(
            "learnt",
            "left",
            "lent",
            "lit",
            "lost",
            "made",
            "met",
            "paid",
            "put",
            "quit",
            "ran",
            "read",
            "run",
            "said",
            "seen",
        ),
        *(
            "sent",
            "set",
            "shown",
            "shut",
            "sold",
            "sought",
            "spent",
            "split",
            "spoken",
            "stolen",
            "struck",
            "sung",
            "sunk",
        ),
        *(
            "taken",
            "taught",
            "thought",
            "thrown",
            "told",
            "undone",
            "went",
            "won",
            "woken",
            "worn",
            "written",
            "reset",
            "rebuilt",
        ),
        *(
            "withdrawn",
            "overridden",
            "resent",
            "gone",
            "begun",
            "chosen",
            "forgotten",
            "bid",
            "spun",
            "stuck",
            "stood",
            "undone",
        ),
    )
)


def _reserved(site: FieldSite, _: SchemaFile) -> Hits:
    name = site.name
    if keyword.iskeyword(name):
        reason = "it is a keyword of Python"
    elif name.lower() in _SQL:
        reason = "it is a reserved word of SQL"
    else:
        return
    yield Hit((*site.path, "name"), f"field `{name}` needs another name: {reason}")


def _same_but_for_case(site: TypeSite, _: SchemaFile) -> Hits:
    seen: dict[str, str] = {}
    for each in site.fields:
        other = seen.setdefault(each.name.lower(), each.name)
        if other != each.name:
            message = f"fields `{other}` and `{each.name}` differ in case only, and are one column to Spark: rename one"
            yield Hit((*each.path, "name"), message)


def is_past(name: str) -> bool:
    """Whether a name tells what has happened."""
    last = (words(name) or [""])[-1]
    return last.endswith("ed") or last in _IRREGULAR


def _past_tense(file: SchemaFile) -> Hits:
    if not file.is_event or is_past(file.root.short_name):
        return
    message = f"event `{file.root.short_name}` is not in the past tense: name what has happened, such as OrderCompleted"
    yield Hit(("name",), message)


_EVENT: Final = (
    '{{"type": "record", "name": "{}", "namespace": "shop", "doc": "An order was placed.", "fields": '
    '[{{"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where."}}]}}'
)

WORD_RULES: Final = (
    Rule(
        id="N005",
        title="no field has a name that is taken",
        severity="error",
        why="Such a name must be quoted or changed in each language, so one field ends with three names.",
        bad=Example('{"name": "class", "type": "int", "doc": "How heavy it may be."}'),
        good=Example('{"name": "parcel_class", "type": "int", "doc": "How heavy it may be."}'),
        checks=(OnField(_reserved),),
    ),
    Rule(
        id="N006",
        title="no two fields differ in case only",
        severity="error",
        why="Spark and most databases take them for one column: the table cannot be made.",
        bad=Example(
            '{"name": "item_count", "type": "int", "doc": "How many articles."},\n'
            '{"name": "Item_count", "type": "int", "doc": "How many articles came back."}'
        ),
        good=Example(
            '{"name": "item_count", "type": "int", "doc": "How many articles."},\n'
            '{"name": "returned_count", "type": "int", "doc": "How many articles came back."}'
        ),
        checks=(OnType(_same_but_for_case, frozenset(("record", "error"))),),
    ),
    Rule(
        id="N007",
        title="an event's name is in the past tense",
        severity="warning",
        why=(
            "An event tells what has happened; a name such as CreateOrder reads as a wish, "
            "and nobody knows whether it came true."
        ),
        bad=Example(_EVENT.format("CreateOrder"), "record", "shop/CreateOrder.avsc"),
        good=Example(_EVENT.format("OrderCreated"), "record", "shop/OrderCreated.avsc"),
        checks=(OnSchema(_past_tense),),
    ),
)
