"""A repository of many contracts of realistic size."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.conftest import ROOT

from tallystick.contracts import Catalog, load_catalog
from tallystick.contracts.experiments import ExperimentDefinition, Variant

DOMAINS = ("shop", "search", "payments", "support", "stock", "mail", "billing", "accounts", "ads", "games")
NOUNS = ("cart", "order", "page", "offer", "voucher", "ticket", "parcel", "invoice", "profile", "banner")
VERBS = ("Opened", "Closed", "Shown", "Changed", "Removed", "Paid", "Sent", "Found", "Rated", "Shared")
WORDS = ("amount", "reason", "position", "device", "country", "campaign", "variant", "score", "duration_ms", "label")
TYPES: tuple[Any, ...] = (
    "string",
    "int",
    ["null", "string"],
    {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "array", "items": "string"},
    ["null", "long"],
)


def many(count: int) -> tuple[Catalog, tuple[ExperimentDefinition, ...]]:
    """So many events over ten domains; every eighth feeds a metric, and experiments read those."""
    meta = load_catalog(ROOT / "schemas")["tallystick.Meta"].text
    texts = {"Meta": meta}
    metrics: list[str] = []
    for number in range(count):
        texts[f"event {number}"] = json.dumps(_event(number, json.loads(meta), metrics))
    return Catalog.of_texts(texts), tuple(_experiment(number, metrics) for number in range(count // 40))


def _event(number: int, meta: dict[str, Any], metrics: list[str]) -> dict[str, Any]:
    noun, verb = NOUNS[number // 10 % 10], VERBS[number % 10]
    name, domain = f"{noun.capitalize()}{verb}{number}", DOMAINS[number % 7 + number % 4]
    fields: list[dict[str, Any]] = [{"name": "meta", "type": meta, "doc": "Who, when and where."}]
    fields.append(
        {"name": "user_id", "type": "string", "doc": "Who did it.", "tallystick:role": ["experiment.unit_id"]}
    )
    for place in range(6 + number % 17):
        word = f"{noun}_{WORDS[place % 10]}{place // 10 or ''}"
        fields.append(
            {"name": word, "type": TYPES[(place + number) % 7], "doc": f"The {word} as the {noun} had it then."}
        )
    event: dict[str, Any] = {
        "type": "record",
        "name": name,
        "namespace": domain,
        "doc": f"A {noun} was {verb.lower()}.",
    }
    if number % 8 == 0:
        metrics.append(f"{noun}_{verb.lower()}_{number}")
        metric = {"key": metrics[-1], "type": "proportion", "aggregation": "count", "window": "P7D"}
        event["tallystick:experiment"] = {"role": "outcome", "unit_type": "user", "metrics": [metric]}
    return {**event, "fields": fields}


def _experiment(number: int, metrics: list[str]) -> ExperimentDefinition:
    read = metrics[number % len(metrics) :: 7][:4]
    return ExperimentDefinition(
        experiment_key=f"test_{number}",
        phase=1,
        version=1,
        unit_type="user",
        exposure_event="shop.VariantShown",
        variants=(Variant(variant_key="a", weight=Decimal("0.5"), is_control=True), Variant(variant_key="b")),
        start_at=datetime(2026, 1, 5, tzinfo=UTC),
        metrics=tuple(read),
    )
