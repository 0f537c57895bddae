"""B510 and B511: what definitions of experiments say, while somebody's figures hang on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking.breaks import Break
from tallystick.contracts.breaking.changes import Place
from tallystick.contracts.breaking.consumers import is_live
from tallystick.contracts.breaking.planned import Touched, touched
from tallystick.contracts.breaking.rule import Hit
from tallystick.contracts.breaking.rules import BREAKING_RULES
from tallystick.contracts.findings import START

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from tallystick.contracts.breaking.snapshot import Planned, Snapshot
    from tallystick.contracts.experiments import ExperimentDefinition

__all__ = ["plan_breaks"]

_GONE: Final = Touched((), "is not defined any more", "a definition", "none")


def plan_breaks(old: Snapshot, new: Snapshot, now: dt.datetime) -> Iterator[Break]:
    """What has changed in the experiments of one state; what is new touches nobody.

    Args:
        old: How they were.
        new: How they are.
        now: When it is judged which of them are live.
    """
    for identity, before in old.plans.items():
        after = new.plans.get(identity)
        if after is None:
            if before.path not in new.unread_definitions:
                yield _break("B510", (before, before), _GONE, old, now)
            continue
        for each in touched(before.definition, after.definition, now):
            yield _break("B510", (before, after), each, new, now)
        if before.definition != after.definition and after.definition.version <= before.definition.version:
            yield _break("B511", (before, after), _without_version(before.definition, after.definition), new, now)


def _without_version(old: ExperimentDefinition, new: ExperimentDefinition) -> Touched:
    told = f"is another one, and version {new.version}: write version: {old.version + 1}"
    return Touched(("version",), told, f"version {old.version}", f"another version {new.version}")


_CONSEQUENCES: Final = {
    "B510": "one experiment's figures are computed in two ways, before and after",
    "B511": "Silver keeps the first definition of a version that it met: the change is never carried out",
}


def _break(rule: str, plans: tuple[Planned, Planned], found: Touched, state: Snapshot, now: dt.datetime) -> Break:
    old, new = (each.definition for each in plans)
    live = is_live(old, now)
    key = old.experiment_key if old.phase == 1 else f"{old.experiment_key}, phase {old.phase},"
    event = new.exposure_event
    hit = Hit(
        path=(old.experiment_key, *(str(step) for step in found.keys)),
        place=Place(keys=found.keys, file="definition"),
        message=f"the {'live ' if live else ''}experiment {key} {found.told}",
        old=found.old,
        new=found.new,
        consequence=_CONSEQUENCES[rule],
        recommendation=_recommendation(rule, old),
    )
    return Break(
        rule=BREAKING_RULES[rule],
        hit=hit,
        event=event,
        contract=event,
        consumers=(
            f"experiment {old.experiment_key}{' (live)' if live else ''}",
            *(f"metric {each}" for each in old.metrics),
        ),
        severity="error" if live or rule == "B511" else "warning",
        file=plans[1].path,
        span=document.span(found.keys) if (document := state.document(plans[1].path)) else START,
    )


def _recommendation(rule: str, old: ExperimentDefinition) -> str:
    if rule == "B511":
        return f"write version: {old.version + 1}"
    return f"leave it, give it an end_at to come, and start phase: {old.phase + 1} in a file of its own"
