"""Examples put into two states of a small repository: each bad one must break its rule."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking.snapshot import Snapshot

if TYPE_CHECKING:
    from tallystick.contracts.breaking.rule import Example

__all__ = ["EXAMPLE_TIME", "snapshots_of"]

EXAMPLE_TIME: Final = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)

_PATH: Final = "shop/OrderPlaced.avsc"
_META: Final = """{
  "type": "record", "name": "Meta", "namespace": "tallystick", "doc": "What every event has.",
  "fields": [
    {"name": "event_id", "type": {"type": "string", "logicalType": "uuid"}, "tallystick:role": ["event_id"]}
  ]
}"""
_FIELDS: Final = (
    '{"name": "meta", "type": "tallystick.Meta"}',
    '{"name": "order_id", "type": "string"}',
    '{"name": "card_mail", "type": "string", "default": "", "confluent:tags": ["PII"]}',
)
_AROUND: Final = {
    "tallystick/Meta.avsc": _META,
    "shop/_domain.yaml": "owner: shop-web\nkafka:\n  compatibility: FULL_TRANSITIVE\nsla:\n  retention: P400D\n",
    "tags.yaml": "PII:\n  handling: drop\n",
}


def snapshots_of(example: Example) -> tuple[Snapshot, Snapshot]:
    """The smallest repository that holds an example, before and after it."""
    return _snapshot(example.before, example), _snapshot(example.after, example)


def _snapshot(text: str, example: Example) -> Snapshot:
    files = {**_AROUND, _PATH: _event()}
    definitions: dict[str, str] = {}
    match example.frame:
        case "field":
            files[_PATH] = _event(text)
        case "event":
            files[_PATH] = _event(properties=text)
        case "sidecar":
            files["shop/OrderPlaced.yaml"] = text
        case "tags":
            files["tags.yaml"] = text
        case "definition":
            definitions["../experiments/free_tea.yaml"] = text
        case "file":
            files |= {"shop/ReturnSent.avsc": _event(text, name="ReturnSent")} if text else {}
    return Snapshot(
        files={path: content.encode() for path, content in files.items()},
        definitions={path: content.encode() for path, content in definitions.items()},
    )


def _event(*fields: str, name: str = "OrderPlaced", properties: str = "") -> str:
    inside = ",\n    ".join((*_FIELDS, *(each for each in fields if each)))
    head = f'"type": "record", "name": "{name}", "namespace": "shop", "doc": "It has happened."'
    return f'{{\n  {head},{f" {properties}," if properties else ""}\n  "fields": [\n    {inside}\n  ]\n}}'
