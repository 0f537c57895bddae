"""The walk-through is true: every command block runs, every file is written, every answer is given, in its order."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.house.test_documents import FENCE, text_of

from tallystick.dev.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = "docs/walk-through.md"
# The file that a block is to be written to is the last one named before it.
NAMED = re.compile(r"`([\w./]+\.(?:avsc|py))`\s*(?:becomes)?:\s*\Z")
FAILS = "error["
SECONDS = 600  # a step; a machine that has others to serve takes its time
IDENTITY = ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL")


@dataclass(frozen=True)
class Step:
    """A block: commands with the answer that is shown under them, or a file."""

    kind: str
    body: str
    file: str = ""
    answer: str = ""


def steps() -> list[Step]:
    text = text_of(DOCUMENT)
    found: list[Step] = []
    for match in FENCE.finditer(text):
        kind, body = match.groups()
        if kind == "text":
            found[-1] = Step("sh", found[-1].body, answer=body)
            continue
        named = NAMED.search(text[: match.start()])
        assert kind == "sh" or named, f"nothing says where to write this:\n{body}"
        found.append(Step(kind, body, file=named[1] if named else ""))
    return found


@dataclass
class Reader:
    """Somebody who follows the page in a shell."""

    place: Path
    environment: dict[str, str]
    ports: dict[str, int]

    def follow(self, step: Step) -> str:
        """Do what a step says; returns what was answered."""
        if step.kind != "sh":
            (self.place / step.file).write_text(step.body.replace("127.0.0.1:8000", f"127.0.0.1:{self.ports['api']}"))
            return ""
        told = self.place.parent / "where"
        ports = " ".join(f"--{name}-port {port}" for name, port in self.ports.items())
        done = self.run(f"{step.body.replace('dev up', f'dev up {ports}')}\npwd > {told}")
        wanted = 1 if step.answer.startswith(FAILS) else 0
        assert done.returncode == wanted, f"{step.body}{done.stdout}"
        if wanted == 0:
            self.place = Path(told.read_text().strip())
        return done.stdout

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script as far as its first command that fails; both outputs are one, as in a terminal."""
        with subprocess.Popen(
            ["sh", "-ec", script],
            cwd=self.place,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # so that what hangs ends with all that it started; the stack is in its own
        ) as shell:
            try:
                output, _ = shell.communicate(timeout=SECONDS)
            except BaseException:
                os.killpg(shell.pid, signal.SIGKILL)
                raise
        return subprocess.CompletedProcess(script, shell.returncode, output)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    ports = {name: free_port() for name in ("kafka", "registry", "api")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TALLYSTICK_", "GIT_"))}
    environment |= {f"GIT_{who}": "reader@example.org" for who in IDENTITY}
    environment |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    environment |= {
        "TALLYSTICK_KAFKA": f"127.0.0.1:{ports['kafka']}",
        "TALLYSTICK_REGISTRY": f"http://127.0.0.1:{ports['registry']}",
    }
    place = tmp_path / "start"
    place.mkdir()
    found = Reader(place, environment, ports)
    yield found
    if (found.place / ".tallystick").is_dir():
        assert found.run("tallystick dev down").returncode == 0


def missing(answer: str, output: str) -> list[str]:
    """The lines of an answer that were not given, in their order; `...` stands for others."""
    given = iter([line.strip() for line in output.splitlines()])
    return [line for line in answer.splitlines() if line != "..." and not any(line.strip() in each for each in given)]


@pytest.mark.kafka
@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_whoever_follows_the_walk_through_sees_what_it_shows(reader: Reader) -> None:
    for step in steps():
        output = reader.follow(step)
        assert missing(step.answer, output) == [], f"{step.body}\n{output}"
