"""Commands start at once: what a command does not use, it does not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROBE = (
    "import sys\nfrom tallystick.cli.main import main\ntry:\n    main()\nexcept SystemExit:\n    print(*sys.modules)\n"
)


def imported(*arguments: str) -> set[str]:
    """The modules that a command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stdout.splitlines()[-1].split())


def test_help_reads_no_contract() -> None:
    ours = {each for each in imported("--help") if each.startswith("tallystick.")}
    contracts = {"tallystick.contracts", "tallystick.contracts.errors", "tallystick.contracts.lazy"}
    assert ours == {"tallystick.cli", "tallystick.cli.main"} | contracts


def test_linting_a_file_without_rules_needs_no_compiler_of_rules_and_no_sdk() -> None:
    found = imported("lint", "schemas/shop/ExperimentExposed.avsc")
    assert "tallystick.contracts.lint.engine" in found
    unwanted = ("tallystick.contracts.cel", "tallystick.codegen", "tallystick.sdk", "pydantic", "rich", "pyspark")
    assert [each for each in found if each.startswith(unwanted)] == []


def test_every_name_of_the_contracts_is_what_it_says_whatever_was_imported_before() -> None:
    code = (
        "import pkgutil, importlib, types, tallystick.contracts as c\n"
        "for each in pkgutil.iter_modules(c.__path__):\n"
        "    importlib.import_module(f'tallystick.contracts.{each.name}')\n"
        "assert set(c.__all__) <= set(dir(c))\n"
        "print([name for name in c.__all__ if isinstance(getattr(c, name), types.ModuleType)])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
