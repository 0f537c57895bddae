"""The complete Ivy command line that lives in pyspark's own jars: the one door to Maven repositories.

Ivy takes every address from its own settings, so none stands in our files, and a corporate mirror is an Ivy settings
file (`TALLYSTICK_IVY_SETTINGS`). Ivy runs in a cache of its own for each call: a download that broke last time, or
something that another tool left in `~/.ivy2`, cannot reach us.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from typing_extensions import override

from tallystick.contracts.errors import TallystickError
from tallystick.streaming.java import find_java

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["SETTINGS_VARIABLE", "Coordinate", "IvyError", "PysparkNotFoundError", "Wanted", "retrieve"]

SETTINGS_VARIABLE = "TALLYSTICK_IVY_SETTINGS"
# Ivy tells of every jar twice: when it has read its description, and when it has the jar itself.
_STEP = re.compile(r"(?:\[SUCCESSFUL ]|^\tfound) [^#]+#([^;]+);([^!\s]+)")
# Ivy waits for ever by itself; a repository that does not answer has to become an error.
_PATIENCE = ("-Dsun.net.client.defaultConnectTimeout=20000", "-Dsun.net.client.defaultReadTimeout=60000")


class PysparkNotFoundError(TallystickError):
    """pyspark's wheel, which carries Ivy, is not installed."""

    def __init__(self) -> None:
        super().__init__("pyspark is not installed here", fix="pip install 'tallystick[streaming]'")


class IvyError(Exception):
    """Ivy ended with an error; carries the last lines that it printed."""

    def __init__(self, output: Sequence[str]) -> None:
        super().__init__("\n".join(output))
        self.output = tuple(output)


@dataclass(frozen=True, slots=True, order=True)
class Coordinate:
    """A Maven coordinate: `group:artifact:version`."""

    group: str
    artifact: str
    version: str

    @classmethod
    def parse(cls, text: str) -> Coordinate:
        """Read `group:artifact:version`."""
        group, artifact, version = text.split(":")
        return cls(group, artifact, version)

    @property
    def path(self) -> Path:
        """Where the jar stands below a folder of jars; `of_path` is the way back."""
        return Path(self.group, self.artifact, self.version, f"{self.artifact}-{self.version}.jar")

    @classmethod
    def of_path(cls, path: Path) -> Coordinate:
        """The coordinate of a jar that stands at its `path`."""
        group, artifact, version = path.parts[-4:-1]
        return cls(group, artifact, version)

    @override
    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What Ivy shall bring.

    Attributes:
        alone: Jars to bring without what they need: the lock file names everything.
        resolve: Jars to bring with what they need at run time; only used to make a lock file.
        exclude: `group:artifact` patterns to leave out of a resolution; `*` stands for all.
    """

    alone: tuple[Coordinate, ...] = ()
    resolve: tuple[Coordinate, ...] = ()
    exclude: tuple[str, ...] = ()


def retrieve(
    wanted: Wanted,
    into: Path,
    *,
    work: Path,
    on_step: Callable[[str], None] = lambda _: None,
    settings: Path | None = None,
) -> None:
    """Bring jars into a folder.

    Args:
        wanted: The jars.
        into: The folder that gets every jar at its coordinate's `path`.
        work: A folder for Ivy's own files.
        on_step: Called with a jar's name twice: when it is found, and when it is fetched.
        settings: An Ivy settings file; by default the one that TALLYSTICK_IVY_SETTINGS names, if any.

    Raises:
        IvyError: Something could not be found or reached.
    """
    module = work / "ivy.xml"
    module.write_text(_module(wanted), encoding="utf-8")
    tail: deque[str] = deque(maxlen=200)
    with subprocess.Popen(
        _command(module, into, work, settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as ivy:
        for line in ivy.stdout or ():
            tail.append(line.rstrip())
            if step := _STEP.search(line):
                on_step(f"{step[1]} {step[2]}")
    if ivy.returncode:
        raise IvyError(tuple(tail))


def _command(module: Path, into: Path, work: Path, settings: Path | None) -> list[str]:
    if settings is None and (named := os.environ.get(SETTINGS_VARIABLE)):
        settings = Path(named)
    options = ["-settings", str(settings)] if settings else []
    return [
        *(str(find_java().program), *_PATIENCE, f"-Divy.default.ivy.user.dir={work}"),
        *("-cp", ":".join(map(str, _class_path())), "org.apache.ivy.Main", *options),
        *("-ivy", str(module), "-confs", "default", "-cache", str(work / "cache")),
        *("-retrieve", f"{into}/[organisation]/[artifact]/[revision]/[artifact]-[revision].[ext]"),
    ]


def _class_path() -> list[Path]:
    """Ivy's jar and the parser of its command line; pyspark is looked up, not imported."""
    spec = importlib.util.find_spec("pyspark")
    locations = spec.submodule_search_locations if spec else None
    if not locations:
        raise PysparkNotFoundError
    jars = Path(locations[0]) / "jars"
    return [*jars.glob("ivy-*.jar"), *jars.glob("commons-cli-*.jar")]


def _module(wanted: Wanted) -> str:
    lines = [
        '<ivy-module version="2.0">',
        '<info organisation="tallystick" module="jars"/>',
        '<configurations><conf name="default"/></configurations>',
        "<dependencies>",
        *(_dependency(jar, "default->master", transitive=False) for jar in wanted.alone),
        *(_dependency(jar, "default->master,runtime", transitive=True) for jar in wanted.resolve),
        *_exclusions(wanted.exclude),
        "</dependencies>",
        "</ivy-module>",
    ]
    return "\n".join(lines)


def _dependency(jar: Coordinate, configuration: str, *, transitive: bool) -> str:
    return (
        f"<dependency org={quoteattr(jar.group)} name={quoteattr(jar.artifact)} rev={quoteattr(jar.version)}"
        f' conf={quoteattr(configuration)} transitive="{str(transitive).lower()}"/>'
    )


def _exclusions(patterns: Iterable[str]) -> list[str]:
    pairs = (pattern.split(":") for pattern in patterns)
    return [f"<exclude org={quoteattr(group)} module={quoteattr(artifact)}/>" for group, artifact in pairs]
