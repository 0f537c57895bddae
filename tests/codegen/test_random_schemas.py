"""The generator on random schemas, legal by Java's rules however odd."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.codegen.test_hostile_schemas import SETTINGS
from tests.contracts_core.generator import Generator, text_of

from tallystick.codegen import generate, load
from tallystick.contracts import Catalog, CatalogError
from tallystick.sdk.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def catalogs(seed: int, count: int) -> Iterator[Catalog]:
    """Random schemas that are contracts."""
    for each in range(seed, seed + count):
        rng = random.Random(each)
        text = text_of(Generator(rng, oddity=rng.choice([0, 0.02, 0.1])).schema(), rng)
        try:
            yield Catalog.of_texts({f"seed {each}": text})
        except CatalogError:
            continue


def test_whatever_is_legal_becomes_a_class() -> None:
    count = 0
    for catalog in catalogs(0, 400):
        for name, cls in load(catalog).items():
            assert issubclass(cls, Record)
            assert name == cls.SUBJECT
            count += 1
    assert count > 100


@pytest.mark.slow
def test_whatever_is_legal_reads_as_ruff_would_have_it(tmp_path: Path) -> None:
    for index, catalog in enumerate(catalogs(5_000, 300)):
        for name, text in generate(catalog, f"package{index}").items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "."]
        done = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
