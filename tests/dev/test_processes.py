"""A process of ours is found again, ended, and never confused with another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tallystick.dev.processes import Processes

if TYPE_CHECKING:
    from pathlib import Path

SLEEPER = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('awake', flush=True); time.sleep(60)",
]


def wait_for_word(processes: Processes, name: str, word: str = "awake") -> None:
    deadline = time.monotonic() + 20
    while word not in processes.tail(name):
        assert time.monotonic() < deadline, f"{name} never said {word}"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_another_command_finds_and_ends_the_process(tmp_path: Path) -> None:
    started = Processes(tmp_path).start("part", SLEEPER)
    other = Processes(tmp_path)
    assert other.find("part") == started
    assert other.stop("part") is True
    assert not lives(started.pid)
    assert other.find("part") is None


def test_ending_twice_is_no_error(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    processes.start("part", SLEEPER)
    assert [processes.stop("part"), processes.stop("part"), processes.stop("never")] == [True, False, False]


def test_a_process_that_ignores_sigterm_is_killed_after_the_bound(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    started = processes.start("part", STUBBORN)
    wait_for_word(processes, "part")
    before = time.monotonic()
    assert processes.stop("part", patience=0.3) is True
    assert time.monotonic() - before < 10
    assert not lives(started.pid)


def test_a_pid_that_belongs_to_another_process_now_is_left_alone(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        (tmp_path / "run").mkdir()
        pid_file = tmp_path / "run" / "part.json"
        pid_file.write_text(json.dumps({"pid": stranger.pid, "started": "another-boot/1"}))
        assert processes.find("part") is None
        assert processes.stop("part") is False
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '"x"', "null"])
def test_a_damaged_pid_file_names_no_process(tmp_path: Path, text: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "part.json").write_text(text)
    processes = Processes(tmp_path)
    assert processes.find("part") is None
    assert processes.stop("part") is False


def test_a_process_that_ended_by_itself_is_not_found(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    processes.start("part", [sys.executable, "-c", "print('last words')"])
    wait_for_word(processes, "part", "last words")
    deadline = time.monotonic() + 10
    while processes.find("part"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert processes.tail("part") == "last words"


def test_the_log_of_the_last_run_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    for word in ("first", "second"):
        processes.start("part", [sys.executable, "-c", f"print({word!r})"])
        wait_for_word(processes, "part", word)
        processes.stop("part")
    assert processes.log("part").read_text() == "second\n"
    assert processes.log("part").with_suffix(".log.1").read_text() == "first\n"


def test_a_process_runs_in_a_session_of_its_own(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    started = processes.start("part", SLEEPER)
    assert os.getsid(started.pid) == started.pid
    processes.stop("part")


@pytest.mark.parametrize(("tethered", "survives"), [(True, False), (False, True)])
def test_a_tethered_process_ends_with_a_starter_that_is_killed(
    tmp_path: Path, *, tethered: bool, survives: bool
) -> None:
    code = (
        "import os, pathlib, signal, sys\n"
        "from tallystick.dev.processes import Processes\n"
        f"Processes(pathlib.Path({str(tmp_path)!r}), tethered={tethered}).start('part', {SLEEPER!r})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    processes = Processes(tmp_path)
    deadline = time.monotonic() + 10
    while processes.find("part") and not survives and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        assert (processes.find("part") is not None) is survives
    finally:
        processes.stop("part")
