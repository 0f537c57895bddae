"""The generator on legal schemas that generators die of."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.codegen.hostile import SCHEMAS

from tallystick.codegen import generate, load
from tallystick.contracts import load_catalog
from tallystick.contracts.types import Record as RecordType
from tallystick.sdk._codec.binding import attributes

if TYPE_CHECKING:
    from tallystick.contracts import Catalog

ROOT = Path(__file__).parents[2]
# What a linter of somebody else's project would say, with nothing switched off for generated code.
SETTINGS = """
[tool.ruff]
line-length = 120
target-version = "py311"
src = ["."]
[tool.ruff.lint]
select = ["ALL"]
ignore = ["COM812", "CPY001", "D203", "D213", "ISC001"]
[tool.ruff.lint.pydocstyle]
convention = "google"
[tool.pyright]
pythonVersion = "3.11"
extraPaths = [".", "{root}/contracts", "{root}/sdk"]
"""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("hostile")
    for name, schema in SCHEMAS.items():
        (folder / f"{name}.avsc").write_text(json.dumps(schema))
    return load_catalog(folder)


@pytest.fixture(scope="module")
def written(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    for name, text in generate(catalog, "acme.events").items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text(SETTINGS.replace("{root}", str(ROOT)))
    return folder


def run(folder: Path, *command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_every_class_exists_and_has_every_field_under_its_wire_name(catalog: Catalog) -> None:
    classes = load(catalog)
    for contract in catalog:
        root = contract.schema.root
        if isinstance(root, RecordType):
            assert list(attributes(classes[contract.name])) == [each.name for each in root.fields]
            assert contract.text == classes[contract.name].SCHEMA
            assert contract.contract_hash == classes[contract.name].CONTRACT_HASH


def test_no_text_of_a_schema_becomes_code(catalog: Catalog) -> None:
    for text in generate(catalog, "acme.events").values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Name):
                assert node.id != "__import__"
            if isinstance(node, ast.Attribute):
                assert node.attr != "system"
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert "os" not in {each.name for each in node.names}


def test_a_file_name_is_no_other_but_for_case(catalog: Catalog) -> None:
    names = [name.casefold() for name in generate(catalog, "acme.events")]
    assert len(set(names)) == len(names)


def test_ruff_is_content_with_every_rule(written: Path) -> None:
    assert run(written, "ruff", "check", "--no-cache", "acme") == ""
    assert run(written, "ruff", "format", "--no-cache", "--check", "acme") == ""


@pytest.mark.slow
def test_mypy_strict_is_content_without_plugins(written: Path) -> None:
    options = ["--strict", "--explicit-package-bases", "--namespace-packages", "--config-file", "/dev/null"]
    said = run(written, "mypy", *options, "--cache-dir", str(written / "cache"), "acme")
    assert said == ""


@pytest.mark.slow
def test_pyright_is_content(written: Path) -> None:
    assert run(written, "pyright", "--pythonpath", sys.executable, "acme") == ""


@pytest.mark.slow
def test_every_module_can_be_imported_first(written: Path) -> None:
    modules = [
        ".".join(path.relative_to(written).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(written.rglob("*.py"))
    ]
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}:\n"
        "    for each in [each for each in sys.modules if each.split('.')[0] == 'acme']:\n"
        "        del sys.modules[each]\n"
        "    importlib.import_module(name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=written, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
