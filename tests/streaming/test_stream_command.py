"""The command line: a mistake ends in one line and its mend, before Spark has started."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def stream(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tallystick.cli", "stream", *arguments],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("bronze", "--once", "--kafka", "127.0.0.1:1"), "no Kafka answers at 127.0.0.1:1"),
        (("silver", "--once", "--registry", "http://127.0.0.1:1"), "127.0.0.1:1"),
        (("gold", "--once", "--lake", "hdfs://somewhere/lake"), "neither a folder nor on s3a://"),
        (("gold", "--once", "--lake", "/proc/lake"), "/proc/lake cannot be made"),
    ],
)
def test_a_mistake_is_one_line_and_its_mend(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    result = stream(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    first, second = result.stderr.strip().splitlines()
    assert told in first
    assert second.startswith("  fix: ")


def test_an_option_that_is_no_pair_is_a_usage_error(tmp_path: Path) -> None:
    result = stream("gold", "--once", "--conf", "spark.ui.enabled", cwd=tmp_path)
    assert result.returncode == 2
    assert "KEY=VALUE" in result.stderr


@pytest.mark.spark
@pytest.mark.slow
def test_a_job_without_its_input_says_which_job_comes_first(tmp_path: Path) -> None:
    result = stream("gold", "--once", "--lake", str(tmp_path / "lake"), cwd=tmp_path)
    assert result.returncode == 2
    assert "there is no Silver yet" in result.stderr
    assert "Traceback" not in result.stderr
    assert "\tat " not in result.stderr
