"""Processes that outlive the command that started them, and that only their own folder may end.

A pid alone names nobody: the system gives it away again. The pid file therefore keeps the process's start time and
the machine's boot as well, and a signal goes through a pidfd, which cannot come to mean another process between the
check and the signal.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Processes", "Running"]

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_KILL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Running:
    """A process of ours.

    Attributes:
        pid: Its id, for as long as it lives.
        started: What tells it from every other process that gets this id: boot, and ticks since then.
    """

    pid: int
    started: str


class Processes:
    """The processes of one folder: pid files under `run/`, output under `logs/`.

    Args:
        folder: The folder; made when the first process starts.
        tethered: Whether the processes end with the one that starts them, even if that one is killed. For tests and
            the demo; `tallystick dev up` leaves its processes behind on purpose.
    """

    def __init__(self, folder: Path, *, tethered: bool = False) -> None:
        self._folder = folder
        self._tether = ["setpriv", "--pdeathsig", "TERM"] if tethered and shutil.which("setpriv") else []

    def log(self, name: str) -> Path:
        """The file that holds what a process printed since it started last."""
        return self._folder / "logs" / f"{name}.log"

    def tail(self, name: str, *, lines: int = 15) -> str:
        """The last lines of a process's log."""
        log = self.log(name)
        text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
        return "\n".join(text.splitlines()[-lines:])

    def start(self, name: str, command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Running:
        """Start a process in a session of its own, so that a Ctrl-C in our terminal is not one in its.

        Args:
            name: What its pid file and its log are called.
            command: The program and its arguments.
            environment: Variables to set beside the ones that are set here.
        """
        log = self.log(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*self._tether, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )
        if self._tether:
            _wait_for_tether(process.pid)
        # The pid file is what ends it later; a Popen that is collected would only warn that its child lives on.
        process.returncode = 0
        seen = _look(process.pid)
        running = Running(process.pid, seen.started if seen else "")
        self._write(name, running)
        return running

    def find(self, name: str) -> Running | None:
        """The process of that name, if it lives and is the very one that was started."""
        running = self._read(name)
        return running if running and _look(running.pid) == _Seen(running.started, ended=False) else None

    def stop(self, name: str, *, patience: float = 30.0) -> bool:
        """End a process: SIGTERM, and SIGKILL to its whole session when patience is over.

        Returns:
            Whether there was one to end.
        """
        running = self._read(name)
        if running is None:
            return False
        ended = _end(running, patience)
        _collect(running)
        self._pid_file(name).unlink(missing_ok=True)
        return ended

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other commands on the same folder waiting: two of them must not start the same process twice."""
        run = self._folder / "run"
        run.mkdir(parents=True, exist_ok=True)
        with (run / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _pid_file(self, name: str) -> Path:
        return self._folder / "run" / f"{name}.json"

    def _read(self, name: str) -> Running | None:
        try:
            return Running(**json.loads(self._pid_file(name).read_bytes()))
        except (FileNotFoundError, ValueError, TypeError):  # a pid file that says nothing names no process
            return None

    def _write(self, name: str, running: Running) -> None:
        file = self._pid_file(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(running)), encoding="utf-8")
        draft.replace(file)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the system says of a pid."""

    started: str
    ended: bool


def _wait_for_tether(pid: int) -> None:
    """Wait until the tether is tied: until the program that ties it has become the one that was asked for."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        while Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"setpriv\0"):
            time.sleep(0.001)


def _look(pid: int) -> _Seen | None:
    """What runs under a pid; `ended` when only the note for its parent is left of it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in parentheses and may hold anything. State: field 3; start: field 22.
    fields = stat.rpartition(")")[2].split()
    return _Seen(f"{_BOOT_ID.read_text(encoding='ascii').strip()}/{fields[19]}", fields[0] in "ZX")


def _end(running: Running, patience: float) -> bool:
    """End a process if it is still the very one; whether it was there to end."""
    try:
        handle = os.pidfd_open(running.pid)
    except ProcessLookupError:
        return False
    try:
        if _look(running.pid) != _Seen(running.started, ended=False):
            return False
        with contextlib.suppress(ProcessLookupError):  # it may end by itself at any moment
            signal.pidfd_send_signal(handle, signal.SIGTERM)
            if not _ends_within(handle, patience):
                os.killpg(running.pid, signal.SIGKILL)
                _ends_within(handle, _KILL_SECONDS)
    finally:
        os.close(handle)
    return True


def _ends_within(handle: int, seconds: float) -> bool:
    readable, _, _ = select.select([handle], [], [], seconds)
    return bool(readable)


def _collect(running: Running) -> None:
    """Take the note that an ended child leaves; another command's child is not ours to collect."""
    if _look(running.pid) == _Seen(running.started, ended=True):
        with contextlib.suppress(ChildProcessError):
            os.waitpid(running.pid, os.WNOHANG)
