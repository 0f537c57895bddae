"""Ours and Java's Avro, asked the same questions. TALLYSTICK_AVRO_CASES (2000) and TALLYSTICK_AVRO_SEED vary them."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

import pytest
from tests.contracts_core.generator import Generator, text_of
from tests.contracts_core.mutations import corrupted, garbled, pair

from tallystick.contracts import AmbiguousAliasError, Schema, SchemaError, compatibility, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.contracts_core.conftest import Oracle

pytestmark = [pytest.mark.java, pytest.mark.slow]

CASES = int(os.environ.get("TALLYSTICK_AVRO_CASES", "2000"))
SEED = int(os.environ.get("TALLYSTICK_AVRO_SEED", "20261122"))


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    print(f"seed {SEED}, {CASES} cases")  # noqa: T201  # pytest shows it with a failure, and with -s
    return random.Random(f"{SEED} {request.node.name}")


def read(text: str, first: list[str] | None = None) -> dict[str, Any]:
    references: list[Schema] = []
    try:
        for each in first or ():
            references.append(parse(each, references=references))
        schema = parse(text, references=references)
    except SchemaError:
        return {"refused": True}
    answer: dict[str, Any] = {"canonical": schema.canonical, "fingerprint": str(schema.fingerprint)}
    try:
        answer["text"] = schema.text
    except SchemaError:
        answer["unwritable"] = True
    return answer | ({"beside": schema.text_beside(references)} if references else {})


def compare(reader: str, writer: str) -> dict[str, Any]:
    try:
        findings = compatibility(reader=parse(reader), writer=parse(writer))
    except AmbiguousAliasError:
        return {"ambiguous": True}
    except SchemaError:
        return {"refused": True}
    return {"found": [[each.type, each.location, each.message] for each in findings]}


def in_short(answer: dict[str, Any]) -> dict[str, Any]:
    """Leave out Java's words where it refuses: ours are better, and only the verdict must agree."""
    if "matches multiple fields in writer" in answer.get("refused", ""):
        return {"ambiguous": True}
    return {key: value if key not in {"refused", "unwritable"} else True for key, value in answer.items()}


def differences(
    oracle: Oracle, questions: list[dict[str, Any]], ours: Callable[..., dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    for question, theirs in zip(questions, oracle.ask(questions), strict=True):
        if "first" in question and "fields not set yet" in theirs.get("refused", ""):
            continue  # Java's parser copies all types anew for every text, and may then refuse defaults it took before
        answer = ours(**question)
        if answer != in_short(theirs):
            yield question, answer, theirs


def accepted(texts: list[str]) -> int:
    return sum("refused" not in read(text) for text in texts)


@pytest.mark.parametrize("oddity", [0.0, 0.03, 0.2])
def test_schemas_are_accepted_and_written_as_by_java(oracle: Oracle, rng: random.Random, oddity: float) -> None:
    generator = Generator(rng, oddity=oddity)
    texts = [text_of(generator.schema(), rng) for _ in range(CASES // 2)]
    assert next(differences(oracle, [{"text": text} for text in texts], read), None) is None
    assert accepted(texts) > len(texts) * 0.25, "the generator makes too little that is legal"


def test_schemas_use_the_types_of_others_as_with_one_parser_of_java(oracle: Oracle, rng: random.Random) -> None:
    generator = Generator(rng, oddity=0.0)
    questions: list[dict[str, Any]] = []
    while len(questions) < CASES // 2:
        first: list[str] = []
        known: dict[str, Any] = {}
        for _ in range(rng.choice((1, 1, 2))):
            first.append(text_of(generator.schema(known=known), rng))
            known |= generator.defined
        if "refused" not in read(first[-1], first[:-1]):
            questions.append({"text": text_of(generator.schema(known=known), rng), "first": first})
    assert next(differences(oracle, questions, read), None) is None
    assert sum("refused" not in read(**question) for question in questions) > len(questions) * 0.25


@pytest.mark.parametrize("damage", ["corrupted", "garbled"])
def test_damaged_schemas_are_refused_where_java_refuses_them(oracle: Oracle, rng: random.Random, damage: str) -> None:
    generator = Generator(rng, oddity=0.02)
    texts: list[str] = []
    while len(texts) < CASES:
        schema = generator.schema()
        if damage == "corrupted":
            texts.append(text_of(corrupted(schema, rng), rng))
        else:
            texts.append(garbled(text_of(schema, rng), rng))
    assert next(differences(oracle, [{"text": text} for text in texts], read), None) is None
    assert accepted(texts) < len(texts) * 0.6, "the damage does too little"


def test_pairs_are_compatible_where_java_says_so_and_for_its_reasons(oracle: Oracle, rng: random.Random) -> None:
    questions: list[dict[str, Any]] = []
    while len(questions) < CASES:
        reader, writer = (text_of(each, rng) for each in pair(rng))
        answer = compare(reader, writer)
        if "refused" not in answer:
            questions.append({"reader": reader, "writer": writer})
    assert next(differences(oracle, questions, compare), None) is None
    verdicts = [compare(**question) for question in questions[:200]]
    incompatible = sum(bool(verdict.get("found")) for verdict in verdicts)
    assert 20 < incompatible < 180, "the pairs are too much alike or too little"


def test_doubles_are_written_as_by_java(oracle: Oracle, rng: random.Random) -> None:
    values = [rng.randrange(1, 10**17) * 10.0 ** rng.randrange(-340, 290) for _ in range(CASES)]
    values += [float(rng.randrange(1, 1000)) * 2.0 ** rng.randrange(-1074, 1000) for _ in range(CASES)]
    values += [round(rng.uniform(-10_000, 10_000), rng.randrange(6)) for _ in range(CASES)]
    text = f'{{"type": "int", "values of doubles": {[value for value in values if value]}}}'
    assert next(differences(oracle, [{"text": text.replace("inf", "1e400")}], read), None) is None
