"""Java's own Avro, out of pyspark's wheel, as the judge of ours."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = Path(__file__).parent
JARS = ("avro-1.12.*", "jackson-core-2*", "jackson-databind-2*", "jackson-annotations-2*", "slf4j-api-2*")


class Oracle:
    """Answers many questions in one run of a small Java program."""

    def __init__(self, class_path: str) -> None:
        self._class_path = class_path

    def ask(self, questions: Iterable[dict[str, str]]) -> list[dict[str, Any]]:
        lines = "".join(json.dumps(question) + "\n" for question in questions)
        command = ["java", "-Xmx1g", "-cp", self._class_path, "AvroOracle"]
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        pytest.skip("pyspark, whose wheel holds Java's Avro, is not installed")
    if shutil.which("javac") is None or shutil.which("java") is None:
        pytest.skip("there is no Java compiler; on Debian: apt-get install openjdk-17-jdk-headless")
    folder = Path(spec.origin).parent / "jars"
    jars = [str(next(folder.glob(f"{pattern}.jar"))) for pattern in JARS]
    classes = tmp_path_factory.mktemp("oracle")
    class_path = os.pathsep.join(jars)
    compiler = ["javac", "-proc:none", "-nowarn", "-cp", class_path, "-d", str(classes), str(HERE / "AvroOracle.java")]
    subprocess.run(compiler, check=True, capture_output=True, text=True)
    return Oracle(os.pathsep.join([*jars, str(classes)]))
