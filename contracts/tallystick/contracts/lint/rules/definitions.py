"""X009 to X011: the definitions of experiments, `experiments/<key>.yaml`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, Mend, OnDocument, Rule, SetKey
from tallystick.contracts.lint.rules.shape import json_kind
from tallystick.contracts.spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Document
    from tallystick.contracts.lint.repository import Repository
    from tallystick.contracts.lint.rule import Hits

__all__ = ["DEFINITION_RULES"]

_REQUIRED: Final = (
    *("experiment_key", "phase", "version", "unit_type", "exposure_event", "variants", "start_at"),
    *("multiple_exposure", "metrics", "srm_alpha"),
)
_OPTIONAL: Final = ("end_at", "finalized_at", "doc", "description", "owner")
_VARIANT_KEYS: Final = ("variant_key", "weight", "is_control")
_TIMES: Final = ("start_at", "end_at", "finalized_at")
_CHOICES: Final = ("EXCLUDE", "FIRST_SEEN")
_DEFINITION: Final = ("definition",)


def _malformed(document: Document, _: Repository) -> Hits:
    value = document.value
    if not document.is_readable:
        return
    if not isinstance(value, dict):
        yield Hit((), "a definition maps keys to values: write experiment_key: ...")
        return
    for key in value:
        if key not in _REQUIRED and key not in _OPTIONAL:
            right = nearest(key, (*_REQUIRED, *_OPTIONAL))
            mend = Mend(f"{right}:", (SetKey((key,), right),), safe=right not in value) if right else None
            yield Hit((key,), f"`{key}` means nothing in a definition{did_you_mean(key, _REQUIRED)}", mend, "key")
    yield from _missing(value)
    for key in ("exposure_event", "experiment_key", "unit_type"):
        if not isinstance(value.get(key), str | None):
            yield Hit((key,), f"`{key}` is {json_kind(value[key])}, and must be one name: write {key}: ...")
    for key in ("variants", "metrics"):
        if not isinstance(value.get(key), list | None):
            yield Hit((key,), f"`{key}` is {json_kind(value[key])}, and must be a list: write {key}: [...]")
    choice = value.get("multiple_exposure")
    if choice is not None and choice not in _CHOICES:
        yield Hit(("multiple_exposure",), f"`{choice}` is no way to treat them{did_you_mean(str(choice), _CHOICES)}")
    yield from _period(value)


def _missing(value: dict[str, Json]) -> Hits:
    meant = {nearest(key, (*_REQUIRED, *_OPTIONAL)) for key in value if key not in (*_REQUIRED, *_OPTIONAL)}
    for key in _REQUIRED:
        if value.get(key) is None and key not in meant:
            yield Hit((), f"this definition has no `{key}`: add it")


def _period(value: dict[str, Json]) -> Hits:
    times: dict[str, dt.datetime] = {}
    for key in _TIMES:
        stated = value.get(key)
        if stated is None:
            continue
        try:
            moment = dt.datetime.fromisoformat(str(stated))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            yield Hit((key,), f"`{key}` is {stated}, and must be a time with offset: write 2026-01-31T00:00:00Z")
        else:
            times[key] = moment
    if "start_at" in times and "end_at" in times and times["end_at"] <= times["start_at"]:
        yield Hit(
            ("end_at",), f"the experiment ends ({value['end_at']}) before it starts ({value['start_at']}): swap them"
        )


def _arms(document: Document, _: Repository) -> Hits:
    variants = document.value.get("variants") if isinstance(document.value, dict) else None
    if not isinstance(variants, list):
        return
    arms = [each for each in variants if isinstance(each, dict)]
    keys: set[Json] = set()
    for index, each in enumerate(variants):
        if not isinstance(each, dict) or not isinstance(each.get("variant_key"), str):
            yield Hit(("variants", index), 'a variant has a key: write {variant_key: control, weight: "0.5"}')
            continue
        if each["variant_key"] in keys:
            yield Hit(
                ("variants", index, "variant_key"), f"variant `{each['variant_key']}` stands twice: delete one of them"
            )
        keys.add(each["variant_key"])
        for key in each:
            if key not in _VARIANT_KEYS:
                yield Hit(
                    ("variants", index, key),
                    f"`{key}` means nothing in a variant{did_you_mean(key, _VARIANT_KEYS)}",
                    part="key",
                )
    controls = sum(each.get("is_control") is True for each in arms)
    if controls != 1:
        told = "write is_control: true in one of them" if not controls else "delete is_control from all but one"
        message = f"{controls or 'no'} variants are the control, and exactly one must be: {told}"
        yield Hit(("variants",), message, part="key")
    yield from _weights(arms)


def _weights(arms: list[dict[str, Json]]) -> Hits:
    from decimal import Decimal, InvalidOperation  # only definitions of experiments need them

    stated = [(index, each["weight"]) for index, each in enumerate(arms) if each.get("weight") is not None]
    total = Decimal(0)
    for index, weight in stated:
        try:
            share = Decimal(str(weight))
        except InvalidOperation:
            share = Decimal(0)
        if not 0 < share <= 1:
            yield Hit(("variants", index, "weight"), f'weight {weight} is no share: write "0.5" for one half')
            return
        total += share
    if stated and len(stated) < len(arms):
        yield Hit(
            ("variants",), "some variants have a weight and some have none: give it to all, or to none", part="key"
        )
    elif stated and abs(total - 1) > Decimal("0.000001"):
        yield Hit(("variants",), f"the weights sum to {total}, and not to 1: change one", part="key")


def _unknown_names(document: Document, repository: Repository) -> Hits:
    value = document.value
    if not isinstance(value, dict):
        return
    exposures = {
        name: file for name, file in repository.roots.items() if (file.experiment or {}).get("role") == "exposure"
    }
    event = value.get("exposure_event")
    is_unit_right = True
    if isinstance(event, str) and event not in exposures:
        yield Hit(("exposure_event",), f"no exposure is called `{event}`{did_you_mean(event, exposures)}")
    elif isinstance(event, str):
        wanted = (exposures[event].experiment or {}).get("unit_type")
        is_unit_right = value.get("unit_type") in (wanted, None)
        if not is_unit_right:
            yield Hit(
                ("unit_type",), f"{event} exposes the unit type `{wanted}`, not `{value['unit_type']}`: write {wanted}"
            )
    metrics = value.get("metrics")
    for index, key in enumerate(metrics if isinstance(metrics, list) else ()):
        if isinstance(key, str) and key not in repository.metrics:
            yield Hit(("metrics", index), f"no outcome has the metric `{key}`{did_you_mean(key, repository.metrics)}")
        elif isinstance(key, str) and is_unit_right:
            unit_type = (repository.metrics[key][0].experiment or {}).get("unit_type")
            if value.get("unit_type") not in (unit_type, None):
                yield Hit(
                    ("metrics", index),
                    f"metric `{key}` is counted per {unit_type}, not per {value['unit_type']}: take another",
                )


def _example(*, metric: str = "paid", weight: str = "0.5", end: str = "end_at") -> Example:
    return Example(
        "experiment_key: free_tea\nphase: 1\nversion: 1\nunit_type: user\nexposure_event: shop.VariantShown\n"
        f'variants:\n  - {{variant_key: control, weight: "{weight}", is_control: true}}\n'
        '  - {variant_key: tea, weight: "0.5"}\n'
        f"start_at: 2026-01-05T00:00:00Z\n{end}: 2026-02-01T00:00:00Z\nmultiple_exposure: EXCLUDE\n"
        f'metrics: [{metric}]\nsrm_alpha: "0.001"\n',
        "definition",
    )


DEFINITION_RULES: Final = (
    Rule(
        id="X009",
        title="a definition is complete, and its times are in order",
        severity="error",
        why="A definition is published as an event; what is missing there is missing in every result.",
        bad=_example(end="ends_at"),
        good=_example(),
        checks=(OnDocument(_malformed, _DEFINITION),),
        fixable=True,
    ),
    Rule(
        id="X010",
        title="variants have different keys, one control, and weights that sum to 1",
        severity="error",
        why="The test for a broken split compares units with these weights: wrong weights cry wolf, or keep silent.",
        bad=_example(weight="0.4"),
        good=_example(),
        checks=(OnDocument(_arms, _DEFINITION),),
    ),
    Rule(
        id="X011",
        title="a definition names an exposure and metrics that exist, for its unit type",
        severity="error",
        why="An experiment that waits for an event that nobody sends ends without a single unit.",
        bad=_example(metric="payd"),
        good=_example(),
        checks=(OnDocument(_unknown_names, _DEFINITION),),
    ),
)
