"""B505 to B507 and B407: roles, metrics and rules: what experiments and senders rely on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking.changes import ContractPair, FieldAdded, FieldPair, FieldRemoved, Place, RecordPair
from tallystick.contracts.breaking.consumers import live_readers
from tallystick.contracts.breaking.rule import BreakingRule, Example, Hit, on
from tallystick.contracts.breaking.words import dotted, listed, value_words
from tallystick.contracts.metrics import EXPERIMENT_PROPERTY
from tallystick.contracts.roles import ROLE_PROPERTY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.contracts.breaking.rule import Context, Hits
    from tallystick.contracts.contract import Contract
    from tallystick.contracts.findings import Severity
    from tallystick.contracts.types import Field, Json, Record

__all__ = ["AGREEMENT_RULES"]

_RULES: Final = "confluent:rules"
_NUMBER: Final = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
_BEFORE: Final = re.compile(r"(<=?|>=?)\s*$")
_TURNED: Final = re.compile(r"!(?!=)|\?")


def _severity(live: list[str]) -> Severity:
    return "error" if live else "warning"


def _running(live: list[str]) -> str:
    return f"the live experiment {listed(live)} reads it" if live else "no live experiment reads it"


def _role_of_pair(pair: FieldPair, context: Context) -> Hits:
    yield from _role(pair, _roles(pair.old), _roles(pair.new), context)


def _role_gone(change: FieldRemoved, context: Context) -> Hits:
    yield from _role(change, _roles(change.field), (), context)


def _role_come(change: FieldAdded, context: Context) -> Hits:
    yield from _role(change, (), _roles(change.field), context)


def _role(
    change: FieldPair | FieldRemoved | FieldAdded, old: tuple[str, ...], new: tuple[str, ...], context: Context
) -> Hits:
    if set(old) == set(new):
        return
    live = live_readers(context)
    yield Hit(
        path=change.path,
        place=Place(change.place.record, change.place.field, (ROLE_PROPERTY,) if change.place.field else ()),
        message=f"`{dotted(change.path)}` changes its role from {listed(old) or 'none'} to {listed(new) or 'none'}"
        f": {_running(live)}",
        old=listed(old) or "no role",
        new=listed(new) or "no role",
        consequence="Silver fills the experiment tables from other fields from now on, within one experiment",
        recommendation=f"leave the roles as they are until {listed(live) or 'every reader'} has ended",
        severity=_severity(live),
    )


def _roles(field: Field) -> tuple[str, ...]:
    value = field.props.get(ROLE_PROPERTY)
    return tuple(sorted(str(each) for each in value)) if isinstance(value, list) else ()


def _metric(pair: ContractPair, context: Context) -> Hits:
    old, new = _parts(pair.old), _parts(pair.new)
    for key in sorted(old):
        if old[key] == new.get(key):
            continue
        live = live_readers(context, key.removeprefix("metric ") if key.startswith("metric ") else "")
        yield Hit(
            path=(),
            place=Place(pair.new.name, "", (EXPERIMENT_PROPERTY,)),
            message=f"{pair.new.name} changes its {key}: {_running(live)}",
            old=old[key],
            new=new.get(key, "none"),
            consequence="one experiment's figures are computed in two ways, before and after",
            recommendation="add a metric under a new key, and let the next experiment ask for that one",
            severity=_severity(live),
        )


def _parts(contract: Contract) -> dict[str, str]:
    """What a contract says about experiments, piece by piece; what is new touches nobody."""
    value: Json = getattr(contract.schema.root, "props", {}).get(EXPERIMENT_PROPERTY)
    if not isinstance(value, dict):
        return {}
    parts = {f"{key} in experiments": value_words(value[key]) for key in ("role", "unit_type") if key in value}
    metrics = value.get("metrics")
    for each in metrics if isinstance(metrics, list) else ():
        if isinstance(each, dict):
            parts[f"metric {each.get('key')}"] = value_words(dict(sorted(each.items())))
    return parts


def _loosened(change: FieldPair | RecordPair, _: Context) -> Hits:
    for name, old, new in _changed_rules(change.old, change.new):
        if old and not _is_tighter(old, new):
            told = "is gone" if not new else "lets more through" if _is_tighter(new, old) else "is another one"
            yield Hit(
                path=change.path,
                place=_place(change),
                message=f"the rule {name} {told}: {old} becomes {new or 'nothing'}",
                old=old,
                new=new or "no rule",
                consequence="values that readers never had to expect arrive",
                recommendation=f'keep "expr": {value_words(old)}',
            )


def _tightened(change: FieldPair | RecordPair, _: Context) -> Hits:
    for name, old, new in _changed_rules(change.old, change.new):
        if new and (not old or not _is_tighter(new, old)):
            told = "is new" if not old else "lets less through" if _is_tighter(old, new) else "is another one"
            yield Hit(
                path=change.path,
                place=_place(change),
                message=f"the rule {name} {told}: senders whose events break it are refused ({new})",
                old=old or "no rule",
                new=new,
                consequence="events that were fine yesterday raise an error at construction, and become dead letters",
                recommendation="look whether any did break it: tallystick breaking --lake <lake>",
            )


def _place(change: FieldPair | RecordPair) -> Place:
    return Place(change.place.record, change.place.field, (_RULES,))


def _changed_rules(old: Field | Record, new: Field | Record) -> Iterator[tuple[str, str, str]]:
    before, after = _rules(old), _rules(new)
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name, ""), after.get(name, "")
        if one.split() != other.split():
            yield name, one, other


def _rules(holder: Field | Record) -> dict[str, str]:
    value = holder.props.get(_RULES)
    return {
        str(each.get("name")): str(each.get("expr", ""))
        for each in (value if isinstance(value, list) else ())
        if isinstance(each, dict)
    }


def _is_tighter(old: str, new: str) -> bool:
    """Whether the new text certainly lets through less: the same words, with a limit that is closer."""
    if not new or _NUMBER.sub("0", old) != _NUMBER.sub("0", new) or _TURNED.search(new):
        return False
    pairs = list(zip(_NUMBER.finditer(old), _NUMBER.finditer(new), strict=True))
    moved = [(one, other) for one, other in pairs if float(one[0]) != float(other[0])]
    return bool(moved) and all(_moves_closer(old, one, other) for one, other in moved)


def _moves_closer(text: str, old: re.Match[str], new: re.Match[str]) -> bool:
    sign = _BEFORE.search(text, 0, old.start())
    if sign is None:
        return False
    less = float(new[0]) < float(old[0])
    return less if sign[1].startswith("<") else not less


_UNIT: Final = '{{"name": "buyer_id", "type": "string"{}}}'
_METRICS: Final = (
    '"tallystick:experiment": {{"role": "outcome", "unit_type": "user", "metrics": '
    '[{{"key": "paid", "type": "proportion", "aggregation": "count", "window": "{}"}}]}}'
)
_RULE: Final = (
    '{{"name": "remark", "type": "string", "confluent:rules": '
    '[{{"name": "remark_is_short", "expr": "size(this.remark) <= {}"}}]}}'
)


AGREEMENT_RULES: Final = (
    BreakingRule(
        id="B407",
        category="SOURCE",
        title="rules are not added or tightened",
        severity="warning",
        why="Generated classes check rules at construction: a sender that broke none yesterday fails today.",
        bad=Example(_RULE.format(500), _RULE.format(200)),
        good=Example(_RULE.format(500), _RULE.format(500).replace("}]}", '}], "doc": "A remark."}')),
        checks=(on(FieldPair, _tightened), on(RecordPair, _tightened)),
    ),
    BreakingRule(
        id="B505",
        category="POLICY",
        title="roles stay while an experiment reads them",
        severity="error",
        why="By roles Silver finds unit, variant and value: another field there changes an experiment half-way.",
        bad=Example(_UNIT.format(', "tallystick:role": ["experiment.unit_id"]'), _UNIT.format("")),
        good=Example(_UNIT.format(""), _UNIT.format(', "doc": "Who bought."')),
        checks=(on(FieldPair, _role_of_pair), on(FieldRemoved, _role_gone), on(FieldAdded, _role_come)),
    ),
    BreakingRule(
        id="B506",
        category="POLICY",
        title="metrics stay while an experiment reads them",
        severity="error",
        why="A metric that changes half-way compares variants by two measures, and nobody sees it in the figures.",
        bad=Example(_METRICS.format("P7D"), _METRICS.format("P14D"), "event"),
        good=Example("", _METRICS.format("P7D"), "event"),
        checks=(on(ContractPair, _metric),),
    ),
    BreakingRule(
        id="B507",
        category="POLICY",
        title="rules are not loosened",
        severity="error",
        why="Readers were promised that no event breaks the rule: models and queries have no case for one that does.",
        bad=Example(_RULE.format(200), _RULE.format(500)),
        good=Example(_RULE.format(500), _RULE.format(200)),
        checks=(on(FieldPair, _loosened), on(RecordPair, _loosened)),
    ),
)
