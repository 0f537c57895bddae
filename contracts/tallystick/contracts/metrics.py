"""What a contract says about experiments: its part in them, and the metrics that it feeds."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar, get_args

from tallystick.contracts.faults import Fault, did_you_mean, unknown_keys
from tallystick.contracts.roles import FieldPath, fields_of
from tallystick.contracts.vocabulary import Aggregation, MetricType, Part, duration_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tallystick.contracts.schema import Schema
    from tallystick.contracts.types import Json

__all__ = ["EXPERIMENT_PROPERTY", "ExperimentRole", "Metric", "experiment_role"]

EXPERIMENT_PROPERTY: Final = "tallystick:experiment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """How an outcome is counted.

    Attributes:
        key: Name by which experiments ask for it.
        type: What is compared between variants.
        aggregation: How the events of one unit become one number.
        value: Path of the field that is summed; empty for a count.
        window: How long after the first exposure an event counts, as ISO 8601; None = without end.
        cap: Limits on one unit's number, as the contract states them.
        where: Only events with these field values count.
    """

    key: str
    type: MetricType
    aggregation: Aggregation
    value: FieldPath = ()
    window: str | None = None
    cap: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    where: Mapping[FieldPath, Json] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def window_seconds(self) -> int | None:
        """The window's length; None if it has no end."""
        return None if self.window is None else duration_seconds(self.window)


@dataclass(frozen=True, slots=True)
class ExperimentRole:
    """The part that an event plays in experiments."""

    role: Part
    unit_type: str | None = None
    metrics: tuple[Metric, ...] = ()


def experiment_role(schema: Schema, origin: str, faults: list[Fault]) -> ExperimentRole | None:
    """Return the part that a record plays in experiments; None if it plays none. What is wrong goes to `faults`."""
    value = getattr(schema.root, "props", {}).get(EXPERIMENT_PROPERTY)
    if value is None:
        return None
    reader = _Reader(origin, EXPERIMENT_PROPERTY, value, faults)
    reader.expect_keys("role", "unit_type", "metrics")
    role = reader.choice("role", get_args(Part), "exposure")
    known = {path for path, _ in fields_of(schema)}
    metrics = tuple(_metric(_Reader(origin, "a metric", each, faults), known) for each in reader.list("metrics"))
    return ExperimentRole(role, reader.text("unit_type"), metrics)  # type: ignore[arg-type]  # one of Part's words


def _metric(reader: _Reader, known: set[FieldPath]) -> Metric:
    reader.expect_keys("key", "type", "aggregation", "value", "window", "cap", "where")
    key = reader.text("key", required=True) or ""
    reader.where = f"metric {key!r}"
    value = reader.text("value")
    aggregation = reader.choice("aggregation", get_args(Aggregation), "count")
    if aggregation == "sum" and value is None:
        reader.fault("sums, but names no value", 'add "value": "<field>"')
    window = reader.text("window")
    if window is not None:
        reader.check(duration_seconds, window)
    where = {reader.path(name, known): literal for name, literal in reader.object("where").items()}
    return Metric(
        key=key,
        type=reader.choice("type", get_args(MetricType), "mean"),  # type: ignore[arg-type]  # one of MetricType's words
        aggregation=aggregation,  # type: ignore[arg-type]  # one of Aggregation's words
        value=() if value is None else reader.path(value, known),
        window=window,
        cap=MappingProxyType(reader.object("cap")),
        where=MappingProxyType(where),
    )


T = TypeVar("T")


class _Reader:
    """Reads one JSON object of a contract and collects what is wrong with it.

    Args:
        origin: Where the contract comes from.
        where: What the object is, for messages.
        value: The object.
        faults: Where faults go.
    """

    def __init__(self, origin: str, where: str, value: Json, faults: list[Fault]) -> None:
        self._origin = origin
        self.where = where
        self._faults = faults
        self._value: Mapping[str, Json] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.fault("is no object")

    def fault(self, message: str, fix: str = "") -> None:
        """Note something wrong."""
        self._faults.append(Fault(self._origin, f"{self.where} {message}", fix))

    def expect_keys(self, *known: str) -> None:
        """Refuse every other key."""
        self._faults.extend(unknown_keys(self._origin, self.where, self._value, known))

    def text(self, key: str, *, required: bool = False) -> str | None:
        """Return a text; None if it is left out."""
        value = self._value.get(key)
        if isinstance(value, str) and value:
            return value
        if value is not None or required:
            self.fault(f"needs a text under {key!r}")
        return None

    def choice(self, key: str, words: Iterable[str], fallback: str) -> str:
        """Return one of a few words."""
        value = self.text(key, required=True)
        known = list(words)
        if value is None or value in known:
            return value or fallback
        self.fault(f"has {key} {value!r}", did_you_mean(value, known) or f"known: {', '.join(known)}")
        return fallback

    def list(self, key: str) -> list[Json]:
        """Return a list; empty if it is left out."""
        value = self._value.get(key, [])
        if isinstance(value, list):
            return value
        self.fault(f"needs a list under {key!r}")
        return []

    def object(self, key: str) -> dict[str, Json]:
        """Return an object; empty if it is left out."""
        value = self._value.get(key, {})
        if isinstance(value, dict):
            return value
        self.fault(f"needs an object under {key!r}")
        return {}

    def path(self, name: str, known: set[FieldPath]) -> FieldPath:
        """Return the path of a field by its dotted name."""
        path = tuple(name.split("."))
        if path not in known:
            hint = did_you_mean(name, [".".join(each) for each in known])
            self.fault(f"names the field {name!r}, which the record does not have", hint)
        return path

    def check(self, parse: Callable[[str], T], text: str) -> None:
        """Note why a text cannot be read."""
        try:
            parse(text)
        except ValueError as error:
            self.fault(f"is wrong: {error}")
