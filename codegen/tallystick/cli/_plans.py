"""A plan of registering, and what became of it, as people and scripts read them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from tallystick.dev.planning import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tallystick.dev.planning import Step
    from tallystick.dev.registration import Registration

__all__ = ["done_line", "plan_lines", "step_members", "summary", "total"]

_MARKS: Final = {Action.CREATE: "+", Action.CHANGE: "~", Action.UNCHANGED: " ", Action.REFUSE: "!"}


def plan_lines(steps: Sequence[Step]) -> Iterator[str]:
    """A line for every contract, and under one that is refused why."""
    width = max((len(each.subject) for each in steps), default=0)
    for step in steps:
        mark = "~" if step.sets_level and step.action is Action.UNCHANGED else _MARKS[step.action]
        yield f"  {mark} {step.subject:<{width}}  {_told(step)}"
        yield from (f"      {reason}" for reason in step.reasons)
        yield from (f"      the registry: {message}" for message in step.answer)


def _told(step: Step) -> str:
    words = {
        Action.CREATE: f"new subject, level {step.level}",
        Action.CHANGE: f"new version {step.version}, compatible at level {step.level}",
        Action.UNCHANGED: f"version {step.version}, unchanged",
        Action.REFUSE: f"refused as version {step.version} at level {step.level}",
    }[step.action]
    if step.sets_level and step.action is not Action.CREATE:
        words += f"; level {step.level_before or 'of the registry'} -> {step.level}"
    return f"{words} ({step.note})" if step.note else words


def total(steps: Sequence[Step]) -> str:
    """The last line of a plan."""
    if all(each.is_idle for each in steps):
        return f"Nothing to do: the registry holds all {len(steps)} contracts as they are here."
    count = summary(steps)
    noun = "level" if count["levels"] == 1 else "levels"
    told = f"{count['create']} to create, {count['change']} to change, {count['levels']} {noun} to set"
    return f"Plan: {told}, {count['refuse']} refused, {count['unchanged']} unchanged."


def summary(steps: Sequence[Step]) -> dict[str, int]:
    """How many contracts there are of each kind, and how many subjects get another level."""
    counted = Counter(each.action.value for each in steps)
    levels = sum(each.sets_level for each in steps if each.action in {Action.CHANGE, Action.UNCHANGED})
    return {**{action.value: counted[action.value] for action in Action}, "levels": levels}


def done_line(step: Step, done: Registration) -> str:
    """What became of a contract."""
    place = f" id {done.id} version {done.version}" if done.id else ""
    level = f", level {step.level}" if step.sets_level and done.id else ""
    return f"{done.outcome:<9} {done.subject}{place}{level}"


def step_members(step: Step, done: Registration | None) -> dict[str, Any]:
    """A step in JSON; what became of it is null while it is only planned."""
    return {
        "subject": step.subject,
        "action": step.action.value,
        "outcome": None if done is None else done.outcome.value,
        "id": step.id if done is None else done.id,
        "version": step.version if done is None else done.version,
        "level": {"from": step.level_before, "to": step.level},
        "reasons": list(step.reasons if done is None else done.reasons),
        "registry": list(step.answer),
        "note": step.note,
    }
