"""X006 to X008: metrics, and outcomes that some exposure can explain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, get_args

from tallystick.contracts.lint.repository import EXPERIMENT
from tallystick.contracts.lint.rule import Example, Hit, Mend, OnSchema, Rule, SetKey
from tallystick.contracts.lint.rules.roles import fields_with_role
from tallystick.contracts.lint.rules.shape import json_kind
from tallystick.contracts.spelling import did_you_mean, nearest
from tallystick.contracts.vocabulary import Aggregation, MetricType, duration_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Path
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits

__all__ = ["METRIC_RULES", "metrics_of"]

_KEYS: Final = frozenset(("key", "type", "aggregation", "value", "window", "cap", "where"))
_WORDS: Final = {"type": get_args(MetricType), "aggregation": get_args(Aggregation)}


def metrics_of(file: SchemaFile) -> Iterator[tuple[Path, dict[str, Json]]]:
    """The metrics of an outcome that are objects, with their places."""
    stated = file.experiment.get("metrics") if file.experiment else None
    for index, each in enumerate(stated if isinstance(stated, list) else ()):
        if isinstance(each, dict):
            yield (*file.root.path, EXPERIMENT, "metrics", index), each


def _malformed(file: SchemaFile) -> Hits:
    stated = file.experiment.get("metrics", []) if file.experiment else []
    path: Path = (*file.root.path, EXPERIMENT, "metrics")
    if not isinstance(stated, list) or any(not isinstance(each, dict) for each in stated):
        yield Hit(path, 'metrics are a list of objects: write [{"key": "...", "type": "mean", "aggregation": "count"}]')
    for where, metric in metrics_of(file):
        yield from _keys(metric, where)
        yield from _words(metric, where)
        yield from _window(metric, where)
        yield from _fields(metric, where, file)


def _keys(metric: dict[str, Json], where: Path) -> Hits:
    key = metric.get("key")
    if not isinstance(key, str) or not key:
        yield Hit(where, 'this metric has no "key": add the name by which experiments ask for it')
    for each in metric:
        if each not in _KEYS:
            right = nearest(each, _KEYS)
            mend = Mend(f'"{right}"', (SetKey((*where, each), right),), safe=right not in metric) if right else None
            yield Hit((*where, each), f'"{each}" is no part of a metric{did_you_mean(each, _KEYS)}', mend, "key")


def _words(metric: dict[str, Json], where: Path) -> Hits:
    for key, known in _WORDS.items():
        word = metric.get(key)
        if key not in metric:
            yield Hit(where, f'metric `{metric.get("key")}` has no "{key}": write one of {", ".join(known)}')
        elif word not in known:
            hint = did_you_mean(word, known) if isinstance(word, str) else ""
            yield Hit((*where, key), f"`{word}` is no {key} of a metric{hint}")


def _window(metric: dict[str, Json], where: Path) -> Hits:
    window = metric.get("window")
    if window is None:
        return
    try:
        duration_seconds(window if isinstance(window, str) else "")
    except ValueError:
        yield Hit(
            (*where, "window"),
            f"window {json.dumps(window)} is no length of time: write P7D for seven days, PT12H for hours",
        )


def _fields(metric: dict[str, Json], where: Path, file: SchemaFile) -> Hits:
    known = file.field_paths
    value = metric.get("value")
    if metric.get("aggregation") == "sum" and value is None:
        right = next((each.name for each in fields_with_role(file, "experiment.value")), "total")
        yield Hit(where, f'metric `{metric.get("key")}` sums, but names no value: add "value": "{right}"')
    if isinstance(value, str):
        if value not in known:
            yield Hit((*where, "value"), f"there is no field `{value}` to sum{did_you_mean(value, known)}")
        elif value.rpartition(".")[2] not in {each.name for each in fields_with_role(file, "experiment.value")}:
            message = f'`{value}` is summed without the role: add "tallystick:role": ["experiment.value"] to the field'
            yield Hit((*where, "value"), message)
    for key in ("where", "cap"):
        if key in metric and not isinstance(metric[key], dict):
            yield Hit((*where, key), f'"{key}" of a metric is an object, not {json_kind(metric[key])}')
    tests = metric.get("where")
    for name in tests if isinstance(tests, dict) else ():
        if name not in known:
            yield Hit((*where, "where", name), f"there is no field `{name}`{did_you_mean(name, known)}", part="key")


def _metric_twice(file: SchemaFile) -> Hits:
    for where, metric in metrics_of(file):
        key = metric.get("key")
        if not isinstance(key, str):
            continue
        owner, place = file.repository.metrics.get(key, (file, where))
        if owner is not file or place != where:
            other = owner.document.path
            yield Hit((*where, "key"), f"metric `{key}` is already defined in {other}: take another key")


def _unexplained(file: SchemaFile) -> Hits:
    part = file.experiment or {}
    unit_type = part.get("unit_type")
    known = file.repository.exposed_units
    if part.get("role") == "outcome" and isinstance(unit_type, str) and known and unit_type not in known:
        path = (*file.root.path, EXPERIMENT, "unit_type")
        message = f"no exposure has the unit type `{unit_type}` of this outcome{did_you_mean(unit_type, known)}"
        yield Hit(path, message)


def _outcome(stated: str, unit_type: str = "user") -> Example:
    text = (
        '{"type": "record", "name": "OrderPaid", "namespace": "shop", "doc": "An order was paid.",\n'
        f' "tallystick:experiment": {{"role": "outcome", "unit_type": "{unit_type}", "metrics": [\n  {stated}\n ]}},\n'
        ' "fields": [{"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where."},\n'
        '  {"name": "payer_id", "type": "string", "doc": "Who paid.", "tallystick:role": ["experiment.unit_id"]},\n'
        '  {"name": "item_count", "type": "long", "doc": "Articles.", "tallystick:role": ["experiment.value"]}]}'
    )
    return Example(text, "shared", "shop/OrderPaid.avsc")


_GOOD: Final = _outcome(
    '{"key": "items", "type": "mean", "aggregation": "sum", "value": "item_count", "window": "P7D"}'
)

METRIC_RULES: Final = (
    Rule(
        id="X006",
        title="a metric says what is counted or summed, and for how long",
        severity="error",
        why="A metric that cannot be computed is found weeks later, when the experiment is over.",
        bad=_outcome('{"key": "items", "type": "mean", "aggregation": "sum", "value": "item_count", "windwo": "P7D"}'),
        good=_GOOD,
        checks=(OnSchema(_malformed),),
        fixable=True,
    ),
    Rule(
        id="X007",
        title="an outcome's unit type is one that is exposed",
        severity="error",
        why="Outcomes are joined to exposures by unit; of a unit that nobody randomises, every outcome is left over.",
        bad=_outcome('{"key": "items", "type": "mean", "aggregation": "count"}', "customer"),
        good=_GOOD,
        checks=(OnSchema(_unexplained),),
    ),
    Rule(
        id="X008",
        title="a metric's key is used once",
        severity="error",
        why="Experiments ask for metrics by key; with two of that key, the result depends on which one is found first.",
        bad=_outcome(
            '{"key": "orders", "type": "mean", "aggregation": "count"},\n  '
            '{"key": "orders", "type": "proportion", "aggregation": "count"}'
        ),
        good=_outcome(
            '{"key": "orders", "type": "mean", "aggregation": "count"},\n  '
            '{"key": "ordered", "type": "proportion", "aggregation": "count"}'
        ),
        checks=(OnSchema(_metric_twice),),
    ),
)
