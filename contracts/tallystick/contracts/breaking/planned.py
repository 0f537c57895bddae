"""What may change between two versions of an experiment's definition, and the rules about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking.rule import BreakingRule, Example
from tallystick.contracts.breaking.words import listed

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from tallystick.contracts.experiments import ExperimentDefinition, Variant

__all__ = ["PLAN_RULES", "Touched", "touched"]


@dataclass(frozen=True, slots=True)
class Touched:
    """A part of a definition that has changed.

    Attributes:
        keys: Where in the file.
        told: What has happened to the experiment, in words.
        old: What it was.
        new: What it is.
    """

    keys: tuple[str | int, ...]
    told: str
    old: str
    new: str


def touched(old: ExperimentDefinition, new: ExperimentDefinition, now: dt.datetime) -> Iterator[Touched]:
    """The changes that make figures of before and after two different things.

    Args:
        old: How the experiment was defined.
        new: How it is.
        now: When: an end that is still to come may move.
    """
    for key in ("unit_type", "exposure_event", "multiple_exposure", "srm_alpha"):
        one, other = str(getattr(old, key)), str(getattr(new, key))
        if one != other:
            yield Touched((key,), f"changes its {key} from {one} to {other}", one, other)
    yield from _variants(old, new)
    gone = [each for each in old.metrics if each not in new.metrics]
    if gone:
        yield Touched(("metrics",), f"compares {listed(gone)} no more", listed(old.metrics), listed(new.metrics))
    yield from _times(old, new, now)


def _variants(old: ExperimentDefinition, new: ExperimentDefinition) -> Iterator[Touched]:
    before = {each.variant_key: each for each in old.variants}
    after = {each.variant_key: (index, each) for index, each in enumerate(new.variants)}
    come = [key for key in after if key not in before]
    for key, variant in before.items():
        if key in after:
            yield from _variant(variant, *after[key])
            continue
        heir = next((each for each in come if _plan(after[each][1]) == _plan(variant)), None)
        if heir is None:
            yield Touched(("variants",), f"loses its variant {key}", key, "no such variant")
            continue
        come.remove(heir)
        yield Touched(("variants", after[heir][0], "variant_key"), f"calls its variant {key} {heir}", key, heir)
    for key in come:
        yield Touched(("variants", after[key][0]), f"gets a variant {key}", "no such variant", key)


def _plan(variant: Variant) -> object:
    return variant.weight, variant.is_control


def _variant(old: Variant, index: int, new: Variant) -> Iterator[Touched]:
    if old.weight != new.weight:
        one, other = (f"{each.weight or 'no weight'}" for each in (old, new))
        told = f"plans {other} for its variant {new.variant_key}, and did {one}"
        yield Touched(("variants", index, "weight"), told, one, other)
    if old.is_control and not new.is_control:
        told = f"compares with another variant than {old.variant_key}"
        yield Touched(("variants", index), told, f"{old.variant_key} is the control", "another control")


def _times(old: ExperimentDefinition, new: ExperimentDefinition, now: dt.datetime) -> Iterator[Touched]:
    for key in ("start_at", "end_at", "finalized_at"):
        one, other = getattr(old, key), getattr(new, key)
        # Where both are to come, or one is and the other nowhere yet, nothing that was counted changes.
        if one != other and any(each is not None and each <= now for each in (one, other)):
            before, after = (each.isoformat() if each else "open" for each in (one, other))
            if key == "finalized_at" and one is None:
                continue  # an experiment is made final once
            yield Touched((key,), f"moves its {key} from {before} to {after}", before, after)


_PLAN: Final = """experiment_key: free_tea
phase: 1
version: {}
unit_type: user
exposure_event: shop.OrderPlaced
variants:
  - {{variant_key: control, weight: "{}", is_control: true}}
  - {{variant_key: treatment, weight: "{}"}}
start_at: 2026-11-01T00:00:00Z
{}"""
_EVENLY: Final = _PLAN.format(1, "0.5", "0.5", "")

PLAN_RULES: Final = (
    BreakingRule(
        id="B510",
        category="POLICY",
        title="an experiment's plan stays while it runs",
        severity="error",
        why="Units that are in it were drawn by the old plan: their figures no longer say what the new one asks.",
        bad=Example(_EVENLY, _PLAN.format(2, "0.9", "0.1", ""), "definition"),
        good=Example(_EVENLY, _PLAN.format(2, "0.5", "0.5", "end_at: 2026-12-24T00:00:00Z\n"), "definition"),
    ),
    BreakingRule(
        id="B511",
        category="POLICY",
        title="a definition that changes gets a higher version",
        severity="error",
        why="Definitions are published as events, and of one version the first holds: an edit without is never seen.",
        bad=Example(_EVENLY, _PLAN.format(1, "0.5", "0.5", "metrics: [paid]\n"), "definition"),
        good=Example(_EVENLY, _PLAN.format(2, "0.5", "0.5", "metrics: [paid]\n"), "definition"),
    ),
)
