"""B501 to B504, B508 and B509: privacy, retention, ownership, and what becomes of a contract as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking.changes import ContractGone, ContractPair, FieldPair, Place
from tallystick.contracts.breaking.rule import BreakingRule, Example, Hit, on
from tallystick.contracts.breaking.words import dotted, listed
from tallystick.contracts.levels import LEVELS
from tallystick.contracts.roles import TAGS_PROPERTY
from tallystick.contracts.vocabulary import duration_seconds

if TYPE_CHECKING:
    from tallystick.contracts.breaking.rule import Context, Hits
    from tallystick.contracts.types import Field

__all__ = ["POLICY_RULES"]

# Handling -> how much of a value it lets through.
_HANDLINGS: Final = {"drop": 0, "hash": 1, "mask": 1, "keep": 2}
_SECONDS_PER_DAY: Final = 86_400


def _tag_removed(pair: FieldPair, context: Context) -> Hits:
    old, new = _tags(pair.old), _tags(pair.new)
    for tag in old:
        if tag not in new:
            handling = context.old_tags[tag].handling if tag in context.old_tags else "keep"
            yield Hit(
                path=pair.path,
                place=Place(pair.place.record, pair.place.field, (TAGS_PROPERTY,)),
                message=f"`{dotted(pair.path)}` loses its tag {tag}: it is not handled as `{handling}` any more",
                old=listed(old),
                new=listed(new) or "no tag",
                consequence=f"Silver keeps the values in the clear where it did `{handling}` them, and logs show them",
                recommendation=f'keep "confluent:tags": ["{tag}"]',
            )


def _tags(field: Field) -> list[str]:
    value = field.props.get(TAGS_PROPERTY)
    return [str(each) for each in value] if isinstance(value, list) else []


def _handling(pair: ContractPair, context: Context) -> Hits:
    used = sorted({tag for tags in pair.new.tags.values() for tag in tags})
    for tag in used:
        old, new = context.old_tags.get(tag), context.new_tags.get(tag)
        now = new.handling if new else "keep"
        if old is not None and _HANDLINGS[now] > _HANDLINGS[old.handling]:
            yield Hit(
                path=(),
                place=Place(keys=(tag, "handling"), file="tags"),
                message=f"the tag {tag} is handled as `{now}`, and was as `{old.handling}`",
                old=old.handling,
                new=now,
                consequence="Silver lets through what it held back",
                recommendation=f"keep handling: {old.handling}",
            )


def _retention(pair: ContractPair, context: Context) -> Hits:
    old, new = pair.old.sidecar.sla.retention, pair.new.sidecar.sla.retention
    if not context.has_sidecars or old == new or _days(new) <= _days(old):
        return
    yield Hit(
        path=(),
        place=Place(keys=("sla", "retention"), file="sidecar"),
        message=f"{pair.new.name} is kept for {_length(new)}, and was for {_length(old)}",
        old=old or "no limit",
        new=new or "no limit",
        consequence="data stays longer than those were told who gave it",
        recommendation=f"keep retention: {old}",
    )


def _days(retention: str | None) -> float:
    if retention is None:
        return float("inf")
    try:
        return duration_seconds(retention) / _SECONDS_PER_DAY
    except ValueError:
        return 0.0  # lint tells it


def _length(retention: str | None) -> str:
    return "ever" if retention is None else f"{_days(retention):g} days"


def _owner(pair: ContractPair, context: Context) -> Hits:
    old, new = pair.old.sidecar.owner, pair.new.sidecar.owner
    if context.has_sidecars and old is not None and old != new:
        yield Hit(
            path=(),
            place=Place(keys=("owner",), file="sidecar"),
            message=f"{pair.new.name} belongs to {new or 'nobody'}, and did to {old}",
            old=old,
            new=new or "nobody",
            consequence=f"questions and pages about it go to {new or 'nobody'}: both teams must know",
            recommendation=_accept("B504", pair.new.name, f"agreed with {old}"),
        )


def _level(pair: ContractPair, context: Context) -> Hits:
    old, new = pair.old.sidecar.kafka.compatibility, pair.new.sidecar.kafka.compatibility
    one, other = LEVELS[old], LEVELS[new]
    is_looser = not set(one.directions) <= set(other.directions) or (one.transitive and not other.transitive)
    if context.has_sidecars and is_looser:
        yield Hit(
            path=(),
            place=Place(keys=("kafka", "compatibility"), file="sidecar"),
            message=f"{pair.new.name} asks for {new} compatibility only, and did for {old}",
            old=old,
            new=new,
            consequence="the registry lets through what breaks readers",
            recommendation=f"keep compatibility: {old}",
        )


def _gone(change: ContractGone, _: Context) -> Hits:
    told = f"is {change.new.name} now" if change.new else "is gone"
    yield Hit(
        path=(),
        place=Place(change.new.name if change.new else ""),
        message=f"{change.old.name} {told}: it was {change.old.sidecar.status}",
        old=change.old.name,
        new=change.new.name if change.new else "nothing",
        consequence="its events are dead letters from now on, and its table gets no more rows",
        recommendation="keep the file, and set status: retired in its sidecar once nobody sends it",
    )


def _accept(rule: str, event: str, reason: str) -> str:
    return f'tallystick accept {rule} {event} --reason "{reason}" --by NAME --until YYYY-MM-DD'


_MAIL: Final = '{{"name": "mail", "type": "string"{}}}'

POLICY_RULES: Final = (
    BreakingRule(
        id="B501",
        category="POLICY",
        title="a tag stays on its field",
        severity="error",
        why="A tag is what Silver drops, hashes or masks by: without it the value is there for everybody.",
        bad=Example(_MAIL.format(', "confluent:tags": ["PII"]'), _MAIL.format("")),
        good=Example(_MAIL.format(""), _MAIL.format(', "confluent:tags": ["PII"]')),
        checks=(on(FieldPair, _tag_removed),),
    ),
    BreakingRule(
        id="B502",
        category="POLICY",
        title="a tag's handling is not loosened",
        severity="error",
        why="One word in tags.yaml opens every field that bears the tag.",
        bad=Example("PII:\n  handling: drop\n", "PII:\n  handling: keep\n", "tags"),
        good=Example("PII:\n  handling: hash\n", "PII:\n  handling: drop\n", "tags"),
        checks=(on(ContractPair, _handling),),
    ),
    BreakingRule(
        id="B503",
        category="POLICY",
        title="retention is not lengthened",
        severity="error",
        why="How long data is kept has been promised, often by law: longer needs somebody's word.",
        bad=Example("sla:\n  retention: P30D\n", "sla:\n  retention: P400D\n", "sidecar"),
        good=Example("sla:\n  retention: P400D\n", "sla:\n  retention: P30D\n", "sidecar"),
        checks=(on(ContractPair, _retention),),
    ),
    BreakingRule(
        id="B504",
        category="POLICY",
        title="a contract keeps its owner",
        severity="error",
        why="The new owner must know, and the old one agree: else nobody answers for the data.",
        bad=Example("owner: shop-web\n", "owner: search\n", "sidecar"),
        good=Example("owner: shop-web\n", "owner: shop-web\nstatus: deprecated\n", "sidecar"),
        checks=(on(ContractPair, _owner),),
    ),
    BreakingRule(
        id="B508",
        category="POLICY",
        title="a contract is retired, not deleted, renamed or moved",
        severity="error",
        why="Senders that are out there go on sending it, and the API turns away what it does not know.",
        bad=Example('{"name": "note", "type": "string", "doc": "A remark."}', "", "file"),
        good=Example("status: active\n", "status: retired\n", "sidecar"),
        checks=(on(ContractGone, _gone),),
    ),
    BreakingRule(
        id="B509",
        category="POLICY",
        title="the compatibility level is not loosened",
        severity="error",
        why="The level is what readers were promised; a lower one lets the next change break them.",
        bad=Example("kafka:\n  compatibility: FULL_TRANSITIVE\n", "kafka:\n  compatibility: NONE\n", "sidecar"),
        good=Example("kafka:\n  compatibility: BACKWARD\n", "kafka:\n  compatibility: FULL\n", "sidecar"),
        checks=(on(ContractPair, _level),),
    ),
)
