"""Lint against the parser: what it finds sound, Avro must take; and no text whatever makes it crash."""

from __future__ import annotations

import copy
import datetime as dt
import json
import random
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
import yaml

from tallystick.contracts import SchemaError, load_catalog, parse
from tallystick.contracts.lint import Repository, Target, lint

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tallystick.contracts.findings import Finding

JsonValue: TypeAlias = Any

_TODAY = dt.date(2026, 11, 22)
_JUNK: tuple[JsonValue, ...] = (
    *(None, True, 0, -1, 1.5, "", "x", "1x", "int", "strng", "null", "record", "shop.Nobody", [], {}, [[]], [None]),
    *({"type": "array"}, {"type": "enum", "name": "E", "symbols": []}, {"type": "fixed", "name": "F", "size": 0}),
    *({"type": {"type": "int"}}, {"type": "map", "values": "nope"}, ["null", ["int"]], {"name": "X"}, ["int", "int"]),
)


def _places(value: JsonValue, path: tuple[JsonValue, ...] = ()) -> list[tuple[JsonValue, ...]]:
    inner: Iterable[tuple[JsonValue, JsonValue]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    return [path, *(place for key, each in inner for place in _places(each, (*path, key)))]


def _mutated(original: JsonValue, source: random.Random) -> JsonValue:
    schema = copy.deepcopy(original)
    for _ in range(source.randint(1, 2)):
        place = source.choice([each for each in _places(schema) if each])
        owner = schema
        for step in place[:-1]:
            owner = owner[step]
        kind = source.randrange(4)
        if kind == 0:
            del owner[place[-1]]
        elif kind == 1 and isinstance(owner, list):
            owner.append(copy.deepcopy(owner[place[-1]]))
        elif kind == 2 and isinstance(owner[place[-1]], str):
            owner[place[-1]] = source.choice([owner[place[-1]] + "-", owner[place[-1]][:-1], owner[place[-1]].upper()])
        else:
            owner[place[-1]] = copy.deepcopy(source.choice(_JUNK))
    return schema


def _inlined(value: JsonValue, meta: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_inlined(each, meta) for each in value]
    if isinstance(value, dict):
        is_meta = value.get("type") == "tallystick.Meta"
        return {key: meta if is_meta and key == "type" else _inlined(each, meta) for key, each in value.items()}
    return value


def _lint_one(files: dict[str, bytes], path: str) -> list[Finding]:
    return lint(Repository.of(files, _TODAY), target=Target(shown={path: path}))


@pytest.mark.parametrize("seed", range(4))
def test_what_lint_finds_sound_the_parser_takes(seed: int, contracts: dict[str, bytes]) -> None:
    source = random.Random(seed)
    meta = json.loads(contracts["tallystick/Meta.avsc"])
    originals = {path: json.loads(text) for path, text in contracts.items() if path.endswith(".avsc")}
    del originals["tallystick/Meta.avsc"]
    around = {path: contracts[path] for path in ("tags.yaml", "tallystick/Meta.avsc", "shop/_domain.yaml")}
    missed = []
    refused = 0
    for _ in range(150):
        path = source.choice(sorted(originals))
        schema = _mutated(originals[path], source)
        text = json.dumps(schema)
        # Neither owners nor exposures are there: of the errors only those of soundness count.
        errors = [each for each in _lint_one({**around, path: text.encode()}, path) if each.rule[0] not in "OX"]
        try:
            parse(json.dumps(_inlined(schema, meta)))
        except SchemaError as error:
            refused += 1
            if not any(each.severity == "error" for each in errors):
                missed.append((str(error), text))
    assert refused > 20
    assert missed == []


@pytest.mark.slow
def test_a_repository_without_errors_loads(contracts: dict[str, bytes], tmp_path: Path) -> None:
    source = random.Random(11)
    for path, data in contracts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    loaded = 0
    for _ in range(150):
        path = source.choice(sorted(contracts))
        is_schema = path.endswith(".avsc")
        value = _mutated(json.loads(contracts[path]) if is_schema else yaml.safe_load(contracts[path]), source)
        data = (json.dumps(value) if is_schema else yaml.safe_dump(value)).encode()
        found = lint(Repository.of({**contracts, path: data}, _TODAY))
        if any(each.severity == "error" for each in found):
            continue
        (tmp_path / path).write_bytes(data)
        load_catalog(tmp_path)
        loaded += 1
        (tmp_path / path).write_bytes(contracts[path])
    assert loaded > 10


@pytest.mark.parametrize("seed", range(4))
def test_mutated_sidecars_tags_and_definitions_are_linted_without_a_crash(
    seed: int, contracts: dict[str, bytes]
) -> None:
    source = random.Random(seed)
    definition = {
        "experiment_key": "cta",
        "unit_type": "user",
        "exposure_event": "shop.ExperimentExposed",
        "variants": [{"variant_key": "a", "weight": "0.5", "is_control": True}, {"variant_key": "b"}],
        "start_at": "2026-01-05T00:00:00Z",
        "metrics": ["revenue"],
    }
    for _ in range(40):
        path = source.choice(["tags.yaml", "shop/_domain.yaml", "shop/OrderCompleted.yaml"])
        text = yaml.safe_dump(_mutated(yaml.safe_load(contracts[path]), source))
        plan = yaml.safe_dump(_mutated(definition, source))
        found = lint(Repository.of({**contracts, path: text.encode()}, _TODAY, {"cta.yaml": plan.encode()}))
        assert all("\n" not in each.message for each in found)


@pytest.mark.parametrize(
    "value", [*_JUNK, "text", [1, "int"], {"type": "record", "name": "A", "fields": [1, None, []]}]
)
def test_any_json_is_linted_without_a_crash(value: JsonValue) -> None:
    found = _lint_one({"shop/Thing.avsc": json.dumps(value).encode()}, "shop/Thing.avsc")

    assert any(each.severity == "error" for each in found)


def test_a_deeply_nested_schema_is_linted_without_a_crash() -> None:
    text = '{"type":"array","items":' * 900 + '"strng"' + "}" * 900

    found = _lint_one({"shop/Deep.avsc": text.encode()}, "shop/Deep.avsc")

    assert any(each.rule == "S008" for each in found)
