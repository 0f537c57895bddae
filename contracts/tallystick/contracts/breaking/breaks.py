"""Runs the rules over everything that differs between two states."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

from tallystick.contracts.breaking.changes import ContractGone, ContractPair
from tallystick.contracts.breaking.consumers import consumers, readers_of
from tallystick.contracts.breaking.diff import differences
from tallystick.contracts.breaking.pairing import changed_pairs, gone_contracts
from tallystick.contracts.breaking.rule import CATEGORIES, Context
from tallystick.contracts.breaking.rules import BREAKING_RULES
from tallystick.contracts.breaking.words import listed
from tallystick.contracts.schema import parse

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from tallystick.contracts.breaking.acceptance import Acceptance
    from tallystick.contracts.breaking.rule import BreakingRule, Hit, Hits
    from tallystick.contracts.breaking.snapshot import Snapshot
    from tallystick.contracts.contract import Contract
    from tallystick.contracts.experiments import ExperimentDefinition
    from tallystick.contracts.findings import Severity, Span

__all__ = ["Break", "Breaks", "changes_of"]

_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A broken rule, as it becomes a finding step by step.

    Attributes:
        rule: The rule.
        hit: What it says.
        event: The contract that owns the place.
        contract: The contract that was compared.
        consumers: Whom it concerns.
        severity: How bad it is.
        accepted: The entry that excuses it.
        file: Where it stands.
        span: The same, in the file.
        others: Further contracts that have it from the same place.
    """

    rule: BreakingRule
    hit: Hit
    event: str
    contract: str = ""
    consumers: tuple[str, ...] = ()
    severity: Severity = "error"
    accepted: Acceptance | None = None
    file: str = ""
    span: Span | None = None
    others: tuple[str, ...] = ()


def changes_of(
    context: Context, categories: frozenset[str] = frozenset(CATEGORIES)
) -> Iterator[tuple[BreakingRule, Hit]]:
    """What rules say about two states of one contract.

    Args:
        context: The two states.
        categories: Which categories of rules to run.
    """
    checks = _checks(categories)
    whole = ContractPair(context.old, context.new)
    for change in (whole, *differences(context.old.schema, context.new.schema, context.is_foreign)):
        for rule, run in checks.get(type(change), ()):
            for hit in run(change, context):
                yield rule, hit


@cache
def _checks(categories: frozenset[str]) -> dict[type, list[tuple[BreakingRule, Callable[[Any, Context], Hits]]]]:
    """The checks of all rules of some categories, by the kind of change that they look at."""
    by_kind: dict[type, list[tuple[BreakingRule, Callable[[Any, Context], Hits]]]] = defaultdict(list)
    for rule in BREAKING_RULES.values():
        for check in rule.checks if rule.category in categories else ():
            by_kind[check.kind].append((rule, check.run))
    return by_kind


class Breaks:
    """Every broken rule between two states.

    Args:
        old: How the contracts were.
        new: How they are.
        now: When it is judged which experiments are live.
    """

    def __init__(self, old: Snapshot, new: Snapshot, now: dt.datetime) -> None:
        self._old = old
        self._new = new
        self._now = now

    def find(self) -> Iterator[Break]:
        """Run all rules."""
        gone = gone_contracts(self._old, self._new)
        for change in gone:
            yield from self._gone(change)
        moved = [(each.old, each.new) for each in gone if each.new is not None]
        for old, new in (*changed_pairs(self._old, self._new), *moved):
            context = self._context(old, new)
            for rule, hit in changes_of(context):
                yield self._break(rule, hit, context)

    def _gone(self, change: ContractGone) -> Iterator[Break]:
        context = self._context(change.old, change.new or change.old)
        for rule in BREAKING_RULES.values():
            for check in rule.checks:
                if check.kind is ContractGone:
                    for hit in check.run(change, context):
                        yield self._break(rule, hit, context, event=change.old.name)

    def _context(self, old: Contract, new: Contract) -> Context:
        heads = self._new.heads
        versions = self._old.registered.get(old.name, ())
        return Context(
            old=old,
            new=new,
            history=[old.schema, *(parse(text) for text in versions[1:])],
            is_foreign=lambda name: name in heads and name != new.name,
            has_sidecars=self._old.has_sidecars,
            readers=self._readers(old, new),
            now=self._now,
            old_tags=self._old.tags,
            new_tags=self._new.tags,
        )

    def _break(self, rule: BreakingRule, hit: Hit, context: Context, event: str = "") -> Break:
        record = hit.place.record
        owner = record if hit.place.file == "schema" and record in self._new.heads else context.new.name
        # A path within a shared type says nothing about the fields of the contract that uses it.
        concerned = consumers(context, hit.path) if owner == context.new.name else []
        if users := self._users(owner):
            more = len(users) - _MOST_NAMED
            concerned.append(f"used by {listed(users[:_MOST_NAMED])}" + (f" and {more} more" if more > 0 else ""))
        return Break(
            rule=rule,
            hit=hit,
            event=event or owner,
            contract=context.new.name,
            consumers=tuple(concerned),
            severity=hit.severity or rule.severity,
        )

    def _readers(self, old: Contract, new: Contract) -> tuple[ExperimentDefinition, ...]:
        """The experiments that read a contract's events, or those of a contract that has it inside."""
        users = [new.name, *self._users(new.name)] if self._definitions else []
        contracts = [old, *(each for name in users if (each := self._contract(name)) is not None)]
        found = {
            (each.experiment_key, each.phase): each
            for contract in contracts
            for each in readers_of(contract, self._definitions)
        }
        return tuple(found.values())

    def _contract(self, name: str) -> Contract | None:
        return self._new.contract(name) if name in self._new.heads else None

    @cached_property
    def _definitions(self) -> tuple[ExperimentDefinition, ...]:
        """Of every experiment and phase the last version; what a change takes away still counts."""
        every = (*self._old.experiments, *self._new.experiments)
        last = {(each.experiment_key, each.phase): each for each in sorted(every, key=lambda each: each.version)}
        return tuple(last.values())

    def _users(self, name: str) -> list[str]:
        return sorted(self._new.users.get(name, frozenset()) - {name})
