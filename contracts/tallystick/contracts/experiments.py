"""Experiment definitions: data, not schema. They are published as events, so that a replay sees the same versions.

experiments/<key>.yaml      one definition; the contracts say what its exposure event and its metrics are
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, Literal

from tallystick.contracts._files import read_yaml_folder
from tallystick.contracts.faults import CatalogError, Fault, did_you_mean, unknown_keys

if TYPE_CHECKING:
    from pathlib import Path

    from tallystick.contracts.catalog import Catalog
    from tallystick.contracts.metrics import ExperimentRole

__all__ = [
    "ExperimentDefinition",
    "MultipleExposure",
    "Variant",
    "check_experiments",
    "experiment_of",
    "load_experiments",
]

MultipleExposure = Literal["EXCLUDE", "FIRST_SEEN"]

_SRM_ALPHA: Final = Decimal("0.001")
_MAX_INT: Final = 2**31 - 1
_SCALE: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One arm; its weight is None where the plan declares none, and then there is no SRM test."""

    variant_key: str
    weight: Decimal | None = None
    is_control: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentDefinition:
    """What `tallystick.ExperimentDefined` carries, field by field."""

    experiment_key: str
    phase: int
    version: int
    unit_type: str
    exposure_event: str
    variants: tuple[Variant, ...]
    start_at: datetime
    end_at: datetime | None = None
    multiple_exposure: MultipleExposure = "EXCLUDE"
    metrics: tuple[str, ...] = ()
    srm_alpha: Decimal = _SRM_ALPHA
    finalized_at: datetime | None = None


def load_experiments(folder: Path) -> tuple[ExperimentDefinition, ...]:
    """Read every definition of a folder, in the order of key, phase and version.

    Raises:
        CatalogError: Every fault of every file.
    """
    faults: list[Fault] = []
    found: dict[tuple[str, int, int], ExperimentDefinition] = {}
    for origin, value in read_yaml_folder(folder, faults).items():
        before = len(faults)
        definition = _definition(value, origin, faults)
        if definition is None or len(faults) > before:
            continue
        identity = (definition.experiment_key, definition.phase, definition.version)
        if identity in found:
            faults.append(Fault(origin, f"{identity[0]}, phase {identity[1]}, version {identity[2]} is there twice"))
        found[identity] = definition
    if faults:
        raise CatalogError(faults, folder)
    return tuple(found[identity] for identity in sorted(found))


def experiment_of(value: object, origin: str) -> ExperimentDefinition | None:
    """Read one definition off the content of its file; None where it cannot be one."""
    faults: list[Fault] = []
    definition = _definition(value, origin, faults)
    return None if faults else definition


def check_experiments(definitions: Iterable[ExperimentDefinition], catalog: Catalog) -> tuple[Fault, ...]:
    """Return what the contracts do not bear out: unknown events and metrics, and units that differ."""
    parts = {each.name: each.experiment for each in catalog if each.experiment is not None}
    return tuple(fault for each in definitions for fault in _check(each, parts))


def _check(definition: ExperimentDefinition, parts: Mapping[str, ExperimentRole]) -> Iterator[Fault]:
    origin = definition.experiment_key
    exposures = {name: part for name, part in parts.items() if part.role == "exposure"}
    exposure = exposures.get(definition.exposure_event)
    if exposure is None:
        hint = did_you_mean(definition.exposure_event, exposures)
        yield Fault(origin, f"no contract is an exposure called {definition.exposure_event}", hint)
    elif exposure.unit_type != definition.unit_type:
        yield Fault(origin, f"{definition.exposure_event} exposes a {exposure.unit_type}, not a {definition.unit_type}")
    outcomes = {metric.key: part for part in parts.values() for metric in part.metrics}
    for key in definition.metrics:
        if key not in outcomes:
            yield Fault(origin, f"no contract has a metric {key!r}", did_you_mean(key, outcomes))
        elif outcomes[key].unit_type != definition.unit_type:
            yield Fault(origin, f"metric {key!r} counts per {outcomes[key].unit_type}, not per {definition.unit_type}")


# --- reading -------------------------------------------------------------------------------------------


class _Unfit(ValueError):  # noqa: N818 - it becomes a Fault
    """A value that cannot be; the message goes on from the key's name."""


def _text(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise _Unfit("is no text")


def _count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MAX_INT:
        return value
    raise _Unfit("is no whole number from 1")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _Unfit("is neither true nor false")


def _share(value: object) -> Decimal:
    """Take a number as it is written; the shortest text of a YAML float is what stands in the file."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Unfit('is no number such as "0.5"')
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise _Unfit('is no number such as "0.5"') from None
    if not number.is_finite() or not 0 < number <= 1 or number != round(number, _SCALE):
        raise _Unfit(f"is not within 0 and 1, with at most {_SCALE} digits behind the point")
    return number


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment
    raise _Unfit("is no time with offset such as 2026-01-05T00:00:00Z")


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(each, str) for each in value) and len(set(value)) == len(value):
        return tuple(value)
    raise _Unfit("is no list of different texts")


def _multiple(value: object) -> MultipleExposure:
    match value:
        case "EXCLUDE" | "FIRST_SEEN":
            return value
        case _:
            raise _Unfit("is neither EXCLUDE nor FIRST_SEEN")


def _list(value: object) -> list[object]:
    if isinstance(value, list) and value:
        return value
    raise _Unfit("is no list with something in it")


_Keys = Mapping[str, tuple[Callable[[object], Any], bool]]

# Key -> (what reads its value, whether it is needed)
_VARIANT: Final[_Keys] = {"variant_key": (_text, True), "weight": (_share, False), "is_control": (_flag, False)}
_DEFINITION: Final[_Keys] = {
    "experiment_key": (_text, True),
    "phase": (_count, True),
    "version": (_count, True),
    "unit_type": (_text, True),
    "exposure_event": (_text, True),
    "variants": (_list, True),
    "start_at": (_moment, True),
    "end_at": (_moment, False),
    "multiple_exposure": (_multiple, False),
    "metrics": (_texts, False),
    "srm_alpha": (_share, False),
    "finalized_at": (_moment, False),
}


def _read(value: object, keys: _Keys, where: str, origin: str, faults: list[Fault]) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        faults.append(Fault(origin, f"{where} is no mapping of keys to values"))
        return None
    before = len(faults)
    faults.extend(unknown_keys(origin, where, value, keys))
    result: dict[str, Any] = {}
    for key, (read, is_needed) in keys.items():
        if value.get(key) is None:
            if is_needed:
                faults.append(Fault(origin, f"{where} lacks {key}"))
            continue
        try:
            result[key] = read(value[key])
        except _Unfit as error:
            faults.append(Fault(origin, f"{key} in {where} {error}"))
    return result if len(faults) == before else None


def _definition(value: object, origin: str, faults: list[Fault]) -> ExperimentDefinition | None:
    values = _read(value, _DEFINITION, "the definition", origin, faults)
    if values is None:
        return None
    read = [
        _read(each, _VARIANT, f"variant {number}", origin, faults) for number, each in enumerate(values["variants"], 1)
    ]
    values["variants"] = tuple(Variant(**each) for each in read if each is not None)
    definition = ExperimentDefinition(**values)
    faults.extend(Fault(origin, message) for message in _contradictions(definition))
    return definition


def _contradictions(definition: ExperimentDefinition) -> Iterator[str]:
    variants = definition.variants
    keys = [each.variant_key for each in variants]
    weights = [each.weight for each in variants if each.weight is not None]
    if len(set(keys)) != len(keys):
        yield "two variants have the same variant_key"
    if len(keys) < len("AB"):
        yield "an experiment needs two variants at least"
    if sum(each.is_control for each in variants) != 1:
        yield "exactly one variant is the control: is_control: true"
    if weights and len(weights) < len(variants):
        yield "either every variant has a weight or none"
    elif weights and sum(weights) != 1:
        yield f"the weights sum to {sum(weights)}, not to 1"
    if definition.end_at is not None and definition.end_at <= definition.start_at:
        yield "end_at is not after start_at"
