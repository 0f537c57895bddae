"""What an application installs is the light SDK, and it works on its own."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_holds_all_five_roots_under_one_namespace_and_their_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "tallystick/__init__.py" not in names
    assert {
        "tallystick/contracts/py.typed",
        "tallystick/codegen/py.typed",
        "tallystick/codegen/site/assets/site.css",
        "tallystick/codegen/site/templates/base.html.j2",
        "tallystick/cli/main.py",
        "tallystick/dev/stack.py",
        "tallystick/sdk/py.typed",
        "tallystick/events/py.typed",
        "tallystick/api/py.typed",
        "tallystick/api/ingestion/docs.html",
        "tallystick/api/registry/http/ui.html",
        "tallystick/api/registry/migrations/env.py",
        "tallystick/api/registry/migrations/versions/m0001_first.py",
        "tallystick/dev/demo/templates/report.html.j2",
        "tallystick/streaming/locks/spark.lock",
        "tallystick/streaming/locks/kafka.toml",
    } <= names
    assert not [name for name in names if name.startswith(("contracts/", "codegen/", "sdk/", "api/", "streaming/"))]


def test_the_bare_wheel_gives_a_clean_environment_the_sdk_and_nothing_heavy(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "clean")], check=True)
    python = tmp_path / "clean" / "bin" / "python"
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        pytest.skip(f"pip cannot reach a package index: {installed.stderr.strip().splitlines()[-1]}")
    code = "import tallystick.sdk; from tallystick.events.shop import OrderCompleted; print(OrderCompleted.SUBJECT)"
    # Outside the repository, so that nothing is found but what was installed.
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (answer.stdout, answer.stderr) == ("shop.OrderCompleted\n", "")
    for heavy in ("fastapi", "pyspark", "sqlalchemy", "confluent_kafka", "click"):
        assert subprocess.run([python, "-c", f"import {heavy}"], capture_output=True, check=False).returncode != 0
