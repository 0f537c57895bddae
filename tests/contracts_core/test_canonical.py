"""Canonical form and fingerprint, against the figures of Avro's specification and against fastavro."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastavro.schema import fingerprint, to_parsing_canonical_form

from tallystick.contracts import parse

SCHEMAS = Path(__file__).parents[2] / "schemas"
META = parse((SCHEMAS / "tallystick" / "Meta.avsc").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ('"null"', 7195948357588979594),
        ('{"type":"boolean"}', -6970731678124411036),
        ('"int"', 8247732601305521295),
        ('"long"', -3434872931120570953),
        ('"float"', 5583340709985441680),
        ('"double"', -8181574048448539266),
        ('"bytes"', 5746618253357095269),
        ('"string"', -8142146995180207161),
        ("[]", -1241056759729112623),
        ('{"fields":[], "type":"record", "name":"foo"}', -4824392279771201922),
    ],
)
def test_fingerprints_are_those_of_the_specification(text: str, signed: int) -> None:
    assert parse(text).fingerprint == signed % 2**64


@pytest.mark.parametrize("path", sorted(SCHEMAS.rglob("*.avsc")), ids=lambda path: path.stem)
def test_fastavro_comes_to_the_same_canonical_form(path: Path) -> None:
    schema = parse(path.read_text(encoding="utf-8"), references=[META])
    assert schema.canonical == to_parsing_canonical_form(json.loads(schema.text))
    little_endian = bytes.fromhex(fingerprint(schema.canonical, "CRC-64-AVRO"))
    assert schema.fingerprint == int.from_bytes(little_endian, "little")
