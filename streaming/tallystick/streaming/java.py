"""Find a Java that Spark, Kafka and Ivy can run on.

TallystickError
├── JavaNotFoundError    there is no Java on this machine
├── JavaTooOldError      there is one, and it is older than Java 17
└── JavaTooNewError      there is one, and Hadoop cannot run on it yet
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tallystick.contracts.errors import TallystickError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["NEWEST", "OLDEST", "Java", "JavaNotFoundError", "JavaTooNewError", "JavaTooOldError", "find_java"]

OLDEST = 17
# From Java 23 on Hadoop 3.4 fails at start: `Subject.getSubject` is gone.
NEWEST = 22
_INSTALL = f"apt-get install openjdk-17-jre-headless, or set JAVA_HOME to a Java {OLDEST} to {NEWEST}"
_VERSION = re.compile(r'(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)')
_JVM_FOLDER = Path("/usr/lib/jvm")


class JavaNotFoundError(TallystickError):
    """No Java in JAVA_HOME, on PATH or under /usr/lib/jvm."""

    def __init__(self) -> None:
        super().__init__("there is no Java on this machine; Spark and Kafka need one", fix=_INSTALL)


class JavaTooOldError(TallystickError):
    """No Java fits, and the first one that was found is older than what is needed."""

    def __init__(self, found: Java) -> None:
        super().__init__(
            f"Java {found.version} at {found.home} is too old; Java {OLDEST} or later is needed", fix=_INSTALL
        )
        self.found = found


class JavaTooNewError(TallystickError):
    """No Java fits, and the first one that was found is newer than what Spark's libraries can run on."""

    def __init__(self, found: Java) -> None:
        super().__init__(
            f"Java {found.version} at {found.home} is too new; Spark runs on Java {OLDEST} to {NEWEST}", fix=_INSTALL
        )
        self.found = found


@dataclass(frozen=True, slots=True)
class Java:
    """One installed Java.

    Attributes:
        home: The folder that JAVA_HOME names.
        version: The feature release: 8, 11, 17, 21.
    """

    home: Path
    version: int

    @property
    def program(self) -> Path:
        """The `java` program itself."""
        return self.home / "bin" / "java"


def find_java(*, environ: Mapping[str, str] = os.environ, jvm_folder: Path = _JVM_FOLDER) -> Java:
    """The first Java that fits: JAVA_HOME's, then PATH's, then the oldest one under /usr/lib/jvm.

    Raises:
        JavaNotFoundError: There is none at all.
        JavaTooOldError: None fits; the first one is too old.
        JavaTooNewError: None fits; the first one is too new.
    """
    found = [java for home in _homes(environ, jvm_folder) if (java := _read(home))]
    if not found:
        raise JavaNotFoundError
    fitting = next((java for java in found if OLDEST <= java.version <= NEWEST), None)
    if fitting is None:
        raise JavaTooOldError(found[0]) if found[0].version < OLDEST else JavaTooNewError(found[0])
    return fitting


def _homes(environ: Mapping[str, str], jvm_folder: Path) -> Iterator[Path]:
    """Where a Java may live, in the order of preference, each home once."""
    candidates = []
    if environ.get("JAVA_HOME"):
        candidates.append(Path(environ["JAVA_HOME"]))
    if program := shutil.which("java", path=environ.get("PATH", "")):
        candidates.append(Path(program).resolve().parent.parent)
    installed = [home for home in sorted(jvm_folder.glob("*")) if (home / "bin" / "java").exists()]
    # Oldest first: Spark and Hadoop are tried on the older long-term releases before the newest ones.
    candidates += sorted(installed, key=lambda home: java.version if (java := _read(home)) else 0)
    seen: set[Path] = set()
    for home in candidates:
        if (real := home.resolve()) not in seen:
            seen.add(real)
            yield home


def _read(home: Path) -> Java | None:
    """The Java in a folder: told by its `release` file, or by the program where that file is missing."""
    program = home / "bin" / "java"
    if not os.access(program, os.X_OK):
        return None
    release = home / "release"
    text = release.read_text(encoding="utf-8", errors="replace") if release.is_file() else _ask(program)
    match = _VERSION.search(text) or _VERSION.search(_ask(program))
    return Java(home, int(match[1])) if match else None


def _ask(program: Path) -> str:
    try:
        answer = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stderr + answer.stdout
