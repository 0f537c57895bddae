"""`make install` tells what a machine lacks in one line with its mend, before it downloads anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = ("sh", "cat", "sed", "head", "awk", "dirname", "sha256sum")


class Checkout(NamedTuple):
    """A folder with the set-up script, and a machine that has only what is put on its PATH."""

    folder: Path
    path: Path

    def put(self, name: str, script: str) -> None:
        program = self.path / name
        program.unlink(missing_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def setup(self, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.folder / "scripts" / "setup.sh"],
            env={"PATH": str(self.path), "JVM_FOLDER": str(self.folder / "jvm"), "HOME": str(self.folder), **environ},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path, root: Path) -> Checkout:
    made = Checkout(tmp_path / "checkout", tmp_path / "bin")
    (made.folder / "scripts").mkdir(parents=True)
    shutil.copy(root / "scripts" / "setup.sh", made.folder / "scripts")
    (made.folder / "requirements.lock").write_text("click==8.3.0 --hash=sha256:" + "0" * 64 + "\n")
    (made.folder / "pyproject.toml").write_text("")
    made.path.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (made.path / tool).symlink_to(found)
    made.put("java", """echo 'openjdk version "17.0.15" 2025-04-15' >&2""")
    made.put("df", "printf 'Filesystem\\nnone 1 1 99999999 1%% /\\n'")
    made.put("python3.11", f'exec {sys._base_executable} "$@"')  # type: ignore[attr-defined]
    return made


def assert_told(done: subprocess.CompletedProcess[str], problem: str, mend: str) -> None:
    *_, message, fix = done.stderr.splitlines()
    assert message.startswith("tallystick: ")
    assert problem in message
    assert fix.startswith("  fix: ")
    assert mend in fix
    assert done.returncode == 2


def test_no_java(machine: Checkout) -> None:
    (machine.path / "java").unlink()
    assert_told(machine.setup(), "no Java on this machine", "openjdk-17")


@pytest.mark.parametrize(("version", "release"), [("1.8.0_392", "8"), ("11.0.2", "11"), ("16", "16")])
def test_too_old_a_java(machine: Checkout, version: str, release: str) -> None:
    machine.put("java", f"""echo 'openjdk version "{version}"' >&2""")
    assert_told(machine.setup(), f"Java {release} is too old; Java 17 or later", "JAVA_HOME")


def test_too_new_a_java(machine: Checkout) -> None:
    machine.put("java", """echo 'openjdk version "25.0.3" 2026-04-21' >&2""")
    assert_told(machine.setup(), "Java 25 is too new; Spark runs on Java 17 to 22", "JAVA_HOME")


def test_an_older_java_beside_one_that_does_not_fit_is_found(machine: Checkout) -> None:
    other = machine.folder / "jvm" / "java-17" / "bin" / "java"
    other.parent.mkdir(parents=True)
    (machine.path / "java").rename(other)
    machine.put("java", """echo 'openjdk version "25.0.3" 2026-04-21' >&2""")
    machine.put("python3.11", "exit 1")
    assert_told(machine.setup(), "no Python 3.11 or later", "python3.11")


def test_no_python_that_is_new_enough(machine: Checkout) -> None:
    machine.put("python3.11", "exit 1")
    assert_told(machine.setup(), "no Python 3.11 or later", "python3.11")


def test_no_venv_module(machine: Checkout) -> None:
    machine.put("python3.11", 'case "$2" in *ensurepip*) exit 1;; *print*) echo 3.11;; esac')
    assert_told(machine.setup(), "the venv module of python3.11 is missing", "apt-get install python3.11-venv")


def test_too_small_a_disk(machine: Checkout) -> None:
    machine.put("df", "printf 'Filesystem\\nnone 1 1 102400 1%% /\\n'")
    assert_told(machine.setup(), "has 100 MB left and the virtual environment needs 3000 MB", "free some space")


def test_no_network(machine: Checkout, free_port: int) -> None:
    nowhere = f"http://127.0.0.1:{free_port}/simple"
    done = machine.setup(PIP_INDEX_URL=nowhere, PIP_RETRIES="0", PIP_TIMEOUT="5", PIP_CONFIG_FILE=os.devnull)
    assert_told(done, "pip could not install", "PIP_INDEX_URL")


def test_an_installation_that_is_up_to_date_is_not_touched(machine: Checkout) -> None:
    # An environment whose stamp fits; its only program shows that the jars are still seen to.
    programs = machine.folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "tallystick").write_text('#!/bin/sh\necho "$@" >"$0.called"\n')
    (programs / "tallystick").chmod(0o755)
    stamp = subprocess.check_output("cat requirements.lock pyproject.toml | sha256sum", shell=True, cwd=machine.folder)  # noqa: S602 (the very pipeline of the script)
    (machine.folder / ".venv" / ".installed").write_bytes(stamp)
    (machine.path / "python3.11").unlink()
    done = machine.setup()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (programs / "tallystick.called").read_text() == "dev jars fetch spark kafka\n"
