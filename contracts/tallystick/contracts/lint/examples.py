"""Examples put into a whole repository: each bad one must break its rule and no other."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from tallystick.contracts._jsonfaults import Fault
from tallystick.contracts.lint.repository import Repository

if TYPE_CHECKING:
    from tallystick.contracts.lint.rule import Example

__all__ = ["EXAMPLE_DAY", "repository_of"]

EXAMPLE_DAY: Final = dt.date(2026, 11, 22)

_PATH: Final = "shop/OrderPlaced.avsc"
_META: Final = '{"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where; filled by the SDK."}'
_AROUND: Final = {
    "tags.yaml": "PII:\n  doc: Identifies a person.\n  handling: drop\n",
    "shop/_domain.yaml": "owner: shop-web\nstatus: active\n",
}
_EXPOSURE: Final = """{
  "type": "record", "name": "VariantShown", "namespace": "shop", "doc": "A user met an experiment.",
  "tallystick:experiment": {"role": "exposure", "unit_type": "user"},
  "fields": [
    {"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where."},
    {"name": "test_key", "type": "string", "doc": "Experiment.", "tallystick:role": ["experiment.experiment_key"]},
    {"name": "arm_key", "type": "string", "doc": "Variant.", "tallystick:role": ["experiment.variant_key"]},
    {"name": "unit_id", "type": "string", "doc": "Who was randomised.", "tallystick:role": ["experiment.unit_id"]}
  ]
}"""
_OUTCOME: Final = """{
  "type": "record", "name": "CartPaid", "namespace": "shop", "doc": "A user paid a cart.",
  "tallystick:experiment": {
    "role": "outcome", "unit_type": "user",
    "metrics": [{"key": "paid", "type": "proportion", "aggregation": "count", "window": "P7D"}]
  },
  "fields": [
    {"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where."},
    {"name": "payer_id", "type": "string", "doc": "Who paid.", "tallystick:role": ["experiment.unit_id"]}
  ]
}"""


def repository_of(example: Example) -> Repository:
    """The smallest repository that holds an example.

    Args:
        example: The piece; its frame says what it is a piece of.

    Returns:
        A repository that has no finding but the example's.
    """
    files = dict(_AROUND)
    definitions: dict[str, bytes] = {}
    text = example.text
    match example.frame:
        case "unreadable":
            return Repository.of({_PATH: Fault("file", 0, 0, text)}, EXAMPLE_DAY)
        case "bytes" | "record":
            path = example.path or _PATH
            files |= {f"{path.rpartition('/')[0]}/_domain.yaml": _AROUND["shop/_domain.yaml"], path: text}
        case "shared":
            files |= {"shop/VariantShown.avsc": _EXPOSURE, example.path or _PATH: text}
        case "field" | "type" | "event":
            files[_PATH] = _record(text, example.frame)
        case "sidecar":
            files |= {_PATH: _record(_ORDER, "field"), example.path or "shop/OrderPlaced.yaml": text}
        case "domain":
            files |= {_PATH: _record(_ORDER, "field"), "shop/_domain.yaml": text}
        case "tags":
            files |= {_PATH: _record(_ORDER, "field"), "tags.yaml": text}
        case "definition":
            files |= {"shop/VariantShown.avsc": _EXPOSURE, "shop/CartPaid.avsc": _OUTCOME}
            definitions[example.path or "free_tea.yaml"] = text.encode()
    return Repository.of({path: text.encode() for path, text in files.items()}, EXAMPLE_DAY, definitions)


_ORDER: Final = (
    '{"name": "order_id", "type": "string", "doc": "Number on the invoice."},\n'
    '{"name": "note", "type": "string", "doc": "Remark of the customer.",'
    ' "confluent:rules": [{"name": "note_is_short", "expr": "size(this.note) <= 500"}]}'
)


def _record(text: str, frame: str) -> str:
    """An event around fields, a type, or properties of the record itself."""
    head = '"type": "record", "name": "OrderPlaced", "namespace": "shop", "doc": "An order was placed and paid."'
    if frame == "event":
        return f'{{{head}, {text}, "fields": [{_META}, {_ORDER}]}}'
    if frame == "type":
        text = f'{{"name": "thing", "type": {text}, "doc": "Something about the order."}}'
    return f'{{{head}, "fields": [{_META},\n{text}\n]}}'
