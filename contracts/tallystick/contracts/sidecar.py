"""The sidecar: what may change while the bytes stay the same. Words from the Open Data Contract Standard.

The layers of `_domain.yaml` files and of `<Name>.yaml` are merged key by key, the innermost last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, get_args

from tallystick.contracts.faults import Fault, did_you_mean, unknown_keys
from tallystick.contracts.vocabulary import LEVEL_NAMES, Handling, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Kafka", "Sidecar", "Sla", "Tag", "sidecar_of", "tags_of_yaml"]


@dataclass(frozen=True, slots=True)
class Kafka:
    """Where the messages of a contract stand."""

    topic: str = "tallystick.events"
    key: str | None = None
    compatibility: str = "FULL_TRANSITIVE"


@dataclass(frozen=True, slots=True)
class Sla:
    """What its readers may count on; durations as ISO 8601."""

    latency: str | None = None
    retention: str | None = None


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What a team says about a contract outside its schema."""

    owner: str | None = None
    status: Status = "active"
    triggers: str | None = None
    sources: tuple[str, ...] = ()
    kafka: Kafka = field(default_factory=Kafka)
    sla: Sla = field(default_factory=Sla)
    fields: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    examples: tuple[Any, ...] = ()
    counterexamples: tuple[Any, ...] = ()
    accepted: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Tag:
    """What a tag on a field means, and how Silver handles such a field."""

    doc: str = ""
    handling: Handling = "keep"


# Key -> the class of its value. The nested ones are read by their own tables.
_KAFKA: Final = {"topic": str, "key": str, "compatibility": str}
_SLA: Final = {"latency": str, "retention": str}
_TAG: Final = {"doc": str, "handling": str}
_SIDECAR: Final[dict[str, type]] = {
    "owner": str,
    "status": str,
    "triggers": str,
    "sources": list,
    "kafka": dict,
    "sla": dict,
    "fields": dict,
    "examples": list,
    "counterexamples": list,
    "accepted": list,
}
_WORDS: Final[dict[type, str]] = {str: "a text", list: "a list", dict: "a mapping"}


def sidecar_of(layers: Sequence[tuple[str, object]], origin: str, faults: list[Fault]) -> Sidecar:
    """Merge the layers that apply to a contract, and read the result."""
    merged: dict[str, Any] = {}
    for layer, value in layers:
        merged = _merged(merged, _checked(layer, "the sidecar", value, _SIDECAR, faults))
    at = layers[-1][0] if layers else origin
    kafka = _checked(at, "kafka", merged.pop("kafka", {}), _KAFKA, faults)
    sla = _checked(at, "sla", merged.pop("sla", {}), _SLA, faults)
    _check_word(at, "kafka.compatibility", kafka, "compatibility", LEVEL_NAMES, faults)
    _check_word(at, "status", merged, "status", get_args(Status), faults)
    lists = {key: tuple(value) for key, value in merged.items() if isinstance(value, list)}
    return Sidecar(**{**merged, **lists}, kafka=Kafka(**kafka), sla=Sla(**sla))


def tags_of_yaml(value: object, faults: list[Fault]) -> Mapping[str, Tag]:
    """Read the content of `tags.yaml`."""
    at = "tags.yaml"
    tags = {}
    for name, each in _mapping(at, "the file", {} if value is None else value, faults).items():
        entry = _checked(at, f"tag {name}", each, _TAG, faults)
        _check_word(at, f"tag {name}", entry, "handling", get_args(Handling), faults)
        tags[name] = Tag(**entry)
    return MappingProxyType(tags)


def _merged(outer: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
    result = dict(outer)
    for key, value in inner.items():
        before = result.get(key)
        result[key] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return result


def _mapping(at: str, where: str, value: object, faults: list[Fault]) -> dict[str, Any]:
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return value
    faults.append(Fault(at, f"{where} is no mapping of keys to values"))
    return {}


def _checked(at: str, where: str, value: object, keys: Mapping[str, type], faults: list[Fault]) -> dict[str, Any]:
    """Return the keys whose values are of the right class; all others are faults."""
    mapping = _mapping(at, where, {} if value is None else value, faults)
    faults.extend(unknown_keys(at, where, mapping, keys))
    kept: dict[str, Any] = {}
    for key, each in mapping.items():
        if key not in keys or each is None:
            continue
        if isinstance(each, keys[key]):
            kept[key] = each
        else:
            faults.append(Fault(at, f"{key} in {where} is not {_WORDS[keys[key]]}"))
    return kept


def _check_word(
    at: str, where: str, mapping: dict[str, Any], key: str, words: tuple[str, ...], faults: list[Fault]
) -> None:
    """Take out a word that is none of those allowed, as a fault."""
    if key in mapping and mapping[key] not in words:
        word = mapping.pop(key)
        faults.append(Fault(at, f"{where} is {word!r}", did_you_mean(word, words) or f"known: {', '.join(words)}"))
