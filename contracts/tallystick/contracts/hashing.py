"""The contract hash: the identity of what a contract means, where the fingerprint is that of its bytes.

The fingerprint (CRC-64-AVRO of the canonical form) ignores roles, tags, rules, logical types and defaults. The contract
hash covers all of them, and leaves out only what changes no meaning: `doc`, and properties of foreign tools.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tallystick.contracts.schema import Schema
    from tallystick.contracts.types import Json

__all__ = ["contract_hash"]

_OURS: Final = ("tallystick:", "confluent:")
_AVRO: Final = frozenset(
    {
        *("type", "name", "namespace", "aliases", "fields", "items", "values", "symbols", "size"),
        *("default", "order", "logicalType", "precision", "scale"),
    }
)
# Under these keys stand types again; under all others plain data, which is kept as it is.
_TYPES: Final = frozenset({"type", "items", "values"})


def contract_hash(schema: Schema) -> str:
    """Return the SHA-256 of a schema's meaning, as 64 hexadecimal digits.

    It is the same for every text of one contract: files, registries and Java may write it differently.
    """
    meaning = _meaning(json.loads(schema.text))
    return hashlib.sha256(json.dumps(meaning, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _meaning(node: Json) -> Json:
    if isinstance(node, list):  # a union
        return [_meaning(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept: dict[str, Json] = {}
    for key, value in node.items():
        if key in _TYPES:
            kept[key] = _meaning(value)
        elif key == "fields" and isinstance(value, list):
            kept[key] = [_meaning(each) for each in value]
        elif key in _AVRO or key.startswith(_OURS):
            kept[key] = value
    return kept
