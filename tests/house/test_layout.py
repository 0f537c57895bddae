"""The house keeps its own rules: one namespace, small pieces, a light SDK, locks that fit what they lock."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from tallystick.streaming._ivy import Coordinate
from tallystick.streaming.jars import LOCKS, read_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOTS = ("contracts", "codegen", "sdk", "api", "streaming")
MODULE_LINES, FUNCTION_LINES = 300, 45


def modules(root: Path) -> Iterator[Path]:
    """Every module that people write; generated event classes and migrations are as long as they must be."""
    for name in ROOTS:
        for path in sorted((root / name).rglob("*.py")):
            if "events" not in path.parts and "migrations" not in path.parts:
                yield path


@pytest.mark.parametrize("name", ROOTS)
def test_no_root_closes_the_namespace(root: Path, name: str) -> None:
    assert (root / name / "tallystick").is_dir()
    assert not (root / name / "tallystick" / "__init__.py").exists(), "it would hide the other four roots"


def test_every_module_is_short_enough_to_read_at_once(root: Path) -> None:
    long = {
        str(path.relative_to(root)): lines
        for path in modules(root)
        if (lines := len(path.read_text().splitlines())) > MODULE_LINES
    }
    assert long == {}


def test_every_function_fits_a_screen(root: Path) -> None:
    long = {
        f"{path.relative_to(root)}:{node.lineno} {node.name}": lines
        for path in modules(root)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (lines := _lines(node)) > FUNCTION_LINES
    }
    assert long == {}


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Its lines without its docstring: a long explanation is no long function."""
    end, first = function.end_lineno or 0, function.body[0]
    documented = ast.get_docstring(function, clean=False) is not None
    return end - function.lineno + 1 - ((first.end_lineno or 0) - first.lineno + 1 if documented else 0)


def test_imports_point_one_way(root: Path) -> None:
    done = subprocess.run(
        [f"{sys.prefix}/bin/lint-imports", "--no-logo"], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("package", "heavy"),
    [
        ("tallystick.sdk", ("fastapi", "pyspark", "sqlalchemy", "confluent_kafka", "click")),
        ("tallystick.events", ("fastapi", "pyspark", "sqlalchemy", "confluent_kafka", "click")),
        ("tallystick.contracts", ("fastapi", "pyspark", "httpx", "pydantic")),
        ("tallystick.cli.main", ("fastapi", "pyspark", "sqlalchemy", "httpx", "pydantic")),
    ],
)
def test_what_is_light_stays_light(package: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {package}; print(*sorted(set(sys.modules) & set({heavy!r})))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == []


def _pins(root: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", (root / "requirements.lock").read_text(), re.MULTILINE
    ):
        found.setdefault(name, set()).add(version)
    return found


def test_the_python_lock_satisfies_every_requirement_that_is_declared(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    declared = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for extra in project["project"]["optional-dependencies"].values():
        declared += extra
    pins = _pins(root)
    unmet = [
        text
        for text in declared
        if (wanted := Requirement(text)).name != "tallystick"
        and not any(wanted.specifier.contains(pin, prereleases=True) for pin in pins.get(_normal(wanted.name), ()))
    ]
    assert unmet == []


def test_every_line_of_the_python_lock_has_a_hash(root: Path) -> None:
    lock = (root / "requirements.lock").read_text()
    blocks = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", lock, re.MULTILINE | re.DOTALL)
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_pinned_pyspark_and_the_locked_jars_are_of_one_version(root: Path) -> None:
    (pyspark,) = _pins(root)["pyspark"]
    spark = {jar.coordinate.artifact: jar.coordinate.version for jar in read_lock("spark")}
    assert {spark["spark-avro_2.13"], spark["spark-sql-kafka-0-10_2.13"]} == {pyspark}
    (delta,) = _pins(root)["delta-spark"]
    assert spark["delta-spark_" + pyspark.rpartition(".")[0] + "_2.13"] == delta


@pytest.mark.parametrize("name", LOCKS)
def test_a_jar_lock_holds_every_jar_that_its_description_names(root: Path, name: str) -> None:
    described = tomllib.loads((root / f"streaming/tallystick/streaming/locks/{name}.toml").read_text())
    named = {Coordinate.parse(text) for text in (*described.get("alone", ()), *described.get("resolve", ()))}
    assert named <= {jar.coordinate for jar in read_lock(name)}


def test_an_application_installs_three_libraries_and_no_more() -> None:
    light = {Requirement(text).name for text in requires("tallystick") or () if "extra ==" not in text}
    assert light == {"httpx", "pydantic", "typing-extensions"}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
