"""Java's own Avro as a process that answers one question after the other."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
JARS = ("avro-1.12.*", "jackson-core-2*", "jackson-databind-2*", "jackson-annotations-2*", "slf4j-api-2*")


class JavaAvro:
    """Reads bytes with one schema as another, and writes them again."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def convert(self, body: bytes, *, writer: str, reader: str, decimals: bool = False) -> bytes | None:
        """The bytes that Java writes after reading; None if it refuses."""
        question = {"writer": writer, "reader": reader, "body": body.hex(), "decimals": decimals}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return bytes.fromhex(answer["body"]) if "body" in answer else None


@pytest.fixture(scope="session")
def java_avro(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaAvro]:
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        pytest.skip("pyspark, whose wheel holds Java's Avro, is not installed")
    if shutil.which("javac") is None or shutil.which("java") is None:
        pytest.skip("there is no Java compiler; on Debian: apt-get install openjdk-17-jdk-headless")
    folder = Path(spec.origin).parent / "jars"
    jars = [str(next(folder.glob(f"{pattern}.jar"))) for pattern in JARS]
    classes = tmp_path_factory.mktemp("codec")
    compiler = ["javac", "-proc:none", "-nowarn", "-cp", os.pathsep.join(jars), "-d", str(classes)]
    subprocess.run([*compiler, str(HERE / "AvroCodec.java")], check=True, capture_output=True, text=True)
    command = ["java", "-Xmx256m", "-cp", os.pathsep.join([*jars, str(classes)]), "AvroCodec"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        yield JavaAvro(process)
        assert process.stdin is not None
        process.stdin.close()
