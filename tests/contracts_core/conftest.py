"""Java's own Avro, out of pyspark's wheel, as the judge of ours."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

HERE = Path(__file__).parent
JARS = ("avro-1.12.*", "jackson-core-2*", "jackson-databind-2*", "jackson-annotations-2*", "slf4j-api-2*")

LAST_OLD_DOUBLES = 18


class Oracle:
    """A small Java program that answers batches of questions, one JSON value a line."""

    def __init__(self, class_path: str) -> None:
        command = ["java", "-Xmx1g", "-cp", class_path, "AvroOracle"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def ask(self, questions: Iterable[Mapping[str, object]]) -> list[dict[str, Any]]:
        lines = [json.dumps(question) + "\n" for question in questions]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # Written from a thread of its own: both pipes are shorter than a batch.
        writer = threading.Thread(target=self._write, args=("".join([*lines, "\n"]),))
        writer.start()
        answers = [json.loads(self._process.stdout.readline() or "null") for _ in lines]
        writer.join()
        assert None not in answers, "Java has ended"
        return answers

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _write(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text)
        self._process.stdin.flush()


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        pytest.skip("pyspark, whose wheel holds Java's Avro, is not installed")
    if shutil.which("javac") is None or shutil.which("java") is None:
        pytest.skip("there is no Java compiler; on Debian: apt-get install openjdk-17-jdk-headless")
    version = subprocess.run(
        ["java", "-XshowSettings:properties", "-version"], check=True, capture_output=True, text=True
    )
    found = re.search(r"java\.specification\.version = (?:1\.)?(\d+)", version.stderr)
    if found is None or int(found[1]) > LAST_OLD_DOUBLES:
        pytest.skip("Java 19 and later write some doubles shorter; ours writes them as Java 17 does")
    folder = Path(spec.origin).parent / "jars"
    jars = [str(next(folder.glob(f"{pattern}.jar"))) for pattern in JARS]
    classes = str(tmp_path_factory.mktemp("oracle"))
    class_path = os.pathsep.join(jars)
    compiler = ["javac", "-proc:none", "-nowarn", "-cp", class_path, "-d", classes, str(HERE / "AvroOracle.java")]
    subprocess.run(compiler, check=True, capture_output=True, text=True)
    oracle = Oracle(os.pathsep.join([*jars, classes]))
    yield oracle
    oracle.close()
