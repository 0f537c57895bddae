"""The Java libraries that are not in pyspark's wheel: pinned in lock files, fetched once, checked every time.

A lock (`locks/<name>.lock`) names every jar with its sha256 and size. `fetch` keeps the jars in the user's cache,
shared by all locks, and reads each one through SHA-256 on every call: that takes a fraction of a second for the
largest lock, and a truncated or altered jar is fetched again instead of failing inside a JVM.

TallystickError
├── PysparkNotFoundError        pyspark, which carries Ivy, is not installed
└── JarError
    ├── UnknownLockError        there is no lock file of that name
    ├── DiskTooSmallError       the jars would not fit
    ├── UnreachableError        no repository answered
    ├── JarNotFoundError        a repository answered that it does not have a jar
    └── WrongChecksumError      what was fetched is not what the lock file pins
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from tallystick.contracts.errors import TallystickError
from tallystick.streaming._ivy import SETTINGS_VARIABLE, Coordinate, IvyError, Wanted, retrieve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "LOCKS",
    "DiskTooSmallError",
    "Jar",
    "JarError",
    "JarNotFoundError",
    "JarProgress",
    "UnknownLockError",
    "UnreachableError",
    "WrongChecksumError",
    "cache_folder",
    "fetch",
    "packages",
    "parse_lock",
    "print_lock",
    "read_lock",
]

LOCKS = ("spark", "s3a", "kafka")
_LOCK_FILES = resources.files("tallystick.streaming") / "locks"
_SPARE_BYTES = 200 * 1024 * 1024
_NO_ANSWER = re.compile(
    r"UnknownHost|Connect(?:ion)?Exception|NoRouteToHost|SocketTimeout|SSL\w*Exception|Server access error"
)


class JarError(TallystickError):
    """The root of what can go wrong with jars."""


class UnknownLockError(JarError):
    """There is no lock file of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no lock file for {name!r}", fix=f"use one of {', '.join(LOCKS)}")


class DiskTooSmallError(JarError):
    """The jars would not fit on the cache's disk."""

    def __init__(self, folder: Path, *, needed: int, free: int) -> None:
        message = f"{folder} has {free >> 20} MB left and the jars need {needed >> 20} MB"
        super().__init__(message, fix="free some space there, or set XDG_CACHE_HOME to a larger disk")


class UnreachableError(JarError):
    """No repository answered."""

    def __init__(self, detail: str) -> None:
        fix = f"check the network, or name an Ivy settings file for your mirror in {SETTINGS_VARIABLE}"
        super().__init__(f"the jars cannot be fetched, no Maven repository answered: {detail}", fix=fix)


class JarNotFoundError(JarError):
    """A repository answered that it does not have a jar."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"the jars cannot be fetched: {detail}", fix=f"check the mirror that {SETTINGS_VARIABLE} names, if any"
        )


class WrongChecksumError(JarError):
    """What was fetched is not what the lock file pins."""

    def __init__(self, jar: Jar, got: str) -> None:
        message = f"{jar.coordinate} has sha256 {got}, and the lock file pins {jar.sha256}"
        super().__init__(message, fix="do not use this jar; find out what the repository or the proxy serves")


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of a lock file."""

    coordinate: Coordinate
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class JarProgress:
    """How far a fetch is. A jar takes two steps: it is found, with what describes it, and it is fetched."""

    done: int
    total: int
    jar: str


def fetch(
    lock: str,
    *,
    on_progress: Callable[[JarProgress], None] | None = None,
    settings: Path | None = None,
    cache: Path | None = None,
) -> list[Path]:
    """The paths of a lock's jars, fetching the ones that are missing or damaged.

    Several processes may call this at once: one fetches, the others wait for it.

    Args:
        lock: `spark`, `s3a` or `kafka`.
        on_progress: Called after every step; never when nothing is missing.
        settings: An Ivy settings file for a mirror; by default the one that TALLYSTICK_IVY_SETTINGS names, if any.
        cache: The folder of jars; by default below the user's cache folder.

    Raises:
        JarError: See the tree in the module's docstring.
        JavaNotFoundError: Jars are missing, and so is the Java to fetch them with.
        JavaTooOldError: Jars are missing, and there is only an older Java.
    """
    jars, folder = read_lock(lock), cache or cache_folder()
    if _unfit(jars, folder):
        with _alone(folder):
            # Another process may have fetched them while this one waited.
            if missing := _unfit(jars, folder):
                _fetch(missing, folder, on_progress, settings)
    return [folder / jar.coordinate.path for jar in jars]


def packages(lock: str) -> str:
    """What `spark-submit --packages` wants for a lock: for clusters that resolve their own jars."""
    described = tomllib.loads(_lock_text(lock, "toml"))
    return ",".join(described["packages"])


def cache_folder() -> Path:
    """The jars' folder: `$XDG_CACHE_HOME/tallystick/jars`, by default `~/.cache/tallystick/jars`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tallystick" / "jars"


def read_lock(name: str) -> tuple[Jar, ...]:
    """The jars of the lock file that ships under a name."""
    return parse_lock(_lock_text(name, "lock"))


def parse_lock(text: str) -> tuple[Jar, ...]:
    """Read a lock file: `group:artifact:version sha256=HEX size=BYTES` per line, `#` starts a comment."""
    jars = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            coordinate, digest, size = line.split()
            jars.append(
                Jar(Coordinate.parse(coordinate), digest.removeprefix("sha256="), int(size.removeprefix("size=")))
            )
    return tuple(jars)


def print_lock(name: str, jars: Sequence[Jar]) -> str:
    """The text of a lock file."""
    head = f"# Made by `tallystick dev jars lock {name}` from {name}.toml. Do not edit.\n"
    return head + "".join(f"{jar.coordinate} sha256={jar.sha256} size={jar.size}\n" for jar in jars)


def _lock_text(name: str, suffix: str) -> str:
    if name not in LOCKS:
        raise UnknownLockError(name)
    return (_LOCK_FILES / f"{name}.{suffix}").read_text(encoding="utf-8")


def _unfit(jars: Sequence[Jar], folder: Path) -> list[Jar]:
    """The jars that are missing or are not what the lock pins. Threads: hashing releases the interpreter lock."""
    with ThreadPoolExecutor() as pool:
        digests = pool.map(lambda jar: _digest(folder / jar.coordinate.path), jars)
        return [jar for jar, digest in zip(jars, digests, strict=True) if digest != jar.sha256]


def _digest(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(
    jars: Sequence[Jar], folder: Path, on_progress: Callable[[JarProgress], None] | None, settings: Path | None
) -> None:
    """Bring jars into a folder beside the cache, check them, and only then move each to its place."""
    needed, free = 2 * sum(jar.size for jar in jars) + _SPARE_BYTES, shutil.disk_usage(folder).free
    if free < needed:
        raise DiskTooSmallError(folder, needed=needed, free=free)
    done = 0

    def count(name: str) -> None:
        nonlocal done
        done += 1
        if on_progress:
            on_progress(JarProgress(done, 2 * len(jars), name))

    with _staging(folder) as staging:
        try:
            retrieve(
                Wanted(alone=tuple(jar.coordinate for jar in jars)),
                staging / "jars",
                work=staging,
                on_step=count,
                settings=settings,
            )
        except IvyError as failure:
            raise _named(failure) from failure
        for jar in jars:
            _place(jar, staging / "jars" / jar.coordinate.path, folder / jar.coordinate.path)


def _place(jar: Jar, fetched: Path, place: Path) -> None:
    digest = _digest(fetched)
    if not digest:
        raise JarNotFoundError(f"{jar.coordinate} did not come with the others")
    if digest != jar.sha256:
        raise WrongChecksumError(jar, digest)
    place.parent.mkdir(parents=True, exist_ok=True)
    fetched.replace(place)


def _named(failure: IvyError) -> JarError:
    """Ivy's output as one line: a repository that did not answer, or a jar that no repository has."""
    if silent := next((line for line in failure.output if _NO_ANSWER.search(line)), None):
        return UnreachableError(silent.strip())
    unresolved = [line.strip(": \t") for line in failure.output if "not found" in line or "UNRESOLVED" in line]
    return JarNotFoundError(unresolved[0] if unresolved else " ".join(failure.output[-3:]))


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    for left_over in folder.glob(".staging-*"):  # the lock is held, so nobody is working in one of these
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".staging-", dir=folder, ignore_cleanup_errors=True) as staging:
        yield Path(staging)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system drops it when this process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
