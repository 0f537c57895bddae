"""O005, R005, R006: examples in sidecars, and what rules say about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, OnDocument, OnSchema, Rule
from tallystick.contracts.lint.rules.sidecars import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tallystick.contracts.cel import Value
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.celtypes import StatedRule
    from tallystick.contracts.lint.document import Document, Path
    from tallystick.contracts.lint.repository import Repository, SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import TypeSite
    from tallystick.contracts.lint.values import Misfit

__all__ = ["PROOF_RULES"]


def _stated(document: Document, part: str) -> Iterator[tuple[Path, str, Json]]:
    """The examples (or counterexamples) of a sidecar: where, name and event."""
    value = document.value
    stated = value.get(part) if isinstance(value, dict) else None
    for index, each in enumerate(stated if isinstance(stated, list) else ()):
        if isinstance(each, dict):
            yield (part, index, "event"), str(each.get("name", index + 1)), each.get("event")


def _read(site: TypeSite, event: Json, repository: Repository) -> tuple[Value, tuple[Misfit, ...]]:
    # Most sidecars state no example, and need no reader of values.
    from tallystick.contracts.lint.values import read_example

    return read_example(site, event, repository)


def _invalid(document: Document, repository: Repository) -> Hits:
    schema = schema_of(document, repository)
    if schema is None or not document.is_readable:
        return
    for part in ("examples", "counterexamples"):
        for path, name, event in _stated(document, part):
            if event is None:
                yield Hit(path[:-1], f"{part[:-1]} `{name}` has no event: add event: {{...}}")
                continue
            for misfit in _read(schema.root, event, repository)[1]:
                where = (*path, *misfit.path)
                yield Hit(where, f"{part[:-1]} `{name}`: {misfit.message}", part="key" if misfit.is_key else "value")


def _events(schema: SchemaFile, part: str) -> Iterator[tuple[Path, str, Mapping[str, Value]]]:
    """The examples that fit the schema."""
    for path, name, event in _stated(schema.sidecar, part) if schema.sidecar is not None else ():
        value, misfits = _read(schema.root, event, schema.repository)
        if not misfits and isinstance(value, dict):
            yield path, name, value


def _instances(rule: StatedRule, schema: SchemaFile, value: Value) -> Iterator[Mapping[str, Value]]:
    """The records inside an example that a rule is about."""
    pending: list[tuple[Path, Value]] = [((), value)]
    inside = _way(rule, schema)
    while pending and inside is not None:
        way, each = pending.pop()
        if isinstance(each, list):
            pending += [(way, item) for item in each]
        elif isinstance(each, dict) and len(way) == len(inside):
            yield each
        elif isinstance(each, dict):
            step = inside[len(way)]
            pending += [((*way, step), each.get(str(step)))]


def _way(rule: StatedRule, schema: SchemaFile) -> Path | None:
    """The names of the fields that lead to the record of a rule."""
    names: list[str] = []
    record = rule.record
    while record is not schema.root:
        if record.field is None:
            return None
        names.append(record.field.name)
        record = record.field.record
    return tuple(reversed(names))


def _breaks(rule: StatedRule, schema: SchemaFile, event: Mapping[str, Value]) -> bool:
    return any(rule.is_broken_by(each) for each in _instances(rule, schema, event))


def _example_breaks(document: Document, repository: Repository) -> Hits:
    schema = schema_of(document, repository)
    if schema is None:
        return
    for path, name, event in _events(schema, "examples"):
        for rule in schema.rules:
            if _breaks(rule, schema, event):
                message = f"example `{name}` breaks rule `{rule.name}` ({rule.text}): mend the one or the other"
                yield Hit(path, message)


def _never_broken(schema: SchemaFile) -> Hits:
    sidecar = schema.sidecar
    if (
        sidecar is None
        or not isinstance(sidecar.value, dict)
        or not {"examples", "counterexamples"} & set(sidecar.value)
    ):
        return
    counterexamples = list(_events(schema, "counterexamples"))
    for rule in schema.rules:
        is_broken = any(_breaks(rule, schema, event) for _, _, event in counterexamples)
        if rule.fault is None and not is_broken:
            message = f"no counterexample breaks rule `{rule.name}`: add one to the sidecar that does"
            yield Hit((*rule.path, "expr"), message)


_EVENT: Final = "event: {order_id: o-1, note: short}"
_LONG: Final = f"event: {{order_id: o-1, note: {'x' * 501}}}"
_GOOD: Final = Example(
    f"examples:\n  - name: usual\n    {_EVENT}\ncounterexamples:\n  - name: long note\n    {_LONG}\n", "sidecar"
)

PROOF_RULES: Final = (
    Rule(
        id="O005",
        title="examples fit the contract",
        severity="error",
        why=(
            "People copy examples, and generated docs and tests use them: one that is "
            "refused costs each of them an hour."
        ),
        bad=Example(
            "examples:\n  - name: usual\n    event: {order_id: 17, note: short}\n"
            f"counterexamples:\n  - name: long note\n    {_LONG}\n",
            "sidecar",
        ),
        good=_GOOD,
        checks=(OnDocument(_invalid, ("sidecar",)),),
    ),
    Rule(
        id="R005",
        title="every example satisfies every rule",
        severity="error",
        why="If a normal event breaks a rule, either is wrong; better to learn it here than from refused orders.",
        bad=Example(
            f"examples:\n  - name: usual\n    {_LONG}\ncounterexamples:\n  - name: long note\n    {_LONG}\n", "sidecar"
        ),
        good=_GOOD,
        checks=(OnDocument(_example_breaks, ("sidecar",)),),
    ),
    Rule(
        id="R006",
        title="every rule is broken by some counterexample",
        severity="error",
        why="A rule that nothing breaks may be true of everything, by a slip that nobody sees.",
        bad=Example(f"examples:\n  - name: usual\n    {_EVENT}\n", "sidecar"),
        good=_GOOD,
        checks=(OnSchema(_never_broken),),
    ),
)
