"""The jars of a lock file are fetched once, checked always, and every failure names its mend.

The repository here is a folder behind an Ivy settings file: the very way in which a corporate mirror is used.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.streaming import jars
from tallystick.streaming._ivy import SETTINGS_VARIABLE, Coordinate
from tallystick.streaming.jars import Jar, JarProgress, fetch, parse_lock, print_lock
from tallystick.streaming.java import JavaNotFoundError, JavaTooNewError, JavaTooOldError, find_java
from tallystick.streaming.locking import make_lock

if TYPE_CHECKING:
    from collections.abc import Sequence

POM = """<project><modelVersion>4.0.0</modelVersion><groupId>{0.group}</groupId><artifactId>{0.artifact}</artifactId>
<version>{0.version}</version><dependencies>{1}</dependencies></project>"""
NEEDS = """<dependency>
<groupId>{0.group}</groupId><artifactId>{0.artifact}</artifactId><version>{0.version}</version></dependency>"""
SETTINGS = """<ivysettings><settings defaultResolver="mirror"/><resolvers>
<{kind} name="mirror" m2compatible="true">{inside}</{kind}></resolvers></ivysettings>"""
IN_FOLDER = """<ivy pattern="{0}/[organisation]/[module]/[revision]/[module]-[revision].pom"/>
<artifact pattern="{0}/[organisation]/[module]/[revision]/[artifact]-[revision].[ext]"/>"""

CORE = Coordinate("org.example", "core_2.13", "1.0-rc-1")
EXTRA = Coordinate("org.example", "extra", "2.0")


class Mirror(NamedTuple):
    """A repository of two jars, one of which needs the other, with a lock of both and an empty cache."""

    folder: Path
    settings: Path
    cache: Path
    locks: Path

    def path(self, jar: Coordinate) -> Path:
        return (
            self.folder / jar.group.replace(".", "/") / jar.artifact / jar.version / f"{jar.artifact}-{jar.version}.jar"
        )

    def publish(self, jar: Coordinate, data: bytes, needs: Sequence[Coordinate] = ()) -> None:
        path = self.path(jar)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.with_suffix(".pom").write_text(POM.format(jar, "".join(NEEDS.format(need) for need in needs)))

    def fetch(self, **options: object) -> list[Path]:
        return fetch("kafka", settings=self.settings, cache=self.cache, **options)  # type: ignore[arg-type]


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    made = Mirror(tmp_path / "repository", tmp_path / "settings.xml", tmp_path / "cache", tmp_path / "locks")
    made.publish(CORE, b"core", needs=[EXTRA])
    made.publish(EXTRA, b"extra")
    made.settings.write_text(SETTINGS.format(kind="filesystem", inside=IN_FOLDER.format(made.folder)))
    made.locks.mkdir()
    lock = print_lock(
        "kafka",
        [Jar(jar, hashlib.sha256(data).hexdigest(), len(data)) for jar, data in ((CORE, b"core"), (EXTRA, b"extra"))],
    )
    (made.locks / "kafka.lock").write_text(lock)
    monkeypatch.setattr(jars, "_LOCK_FILES", made.locks)
    return made


def test_the_jars_come_from_the_mirror_that_the_settings_name(mirror: Mirror) -> None:
    paths = mirror.fetch()
    assert [path.read_bytes() for path in paths] == [b"core", b"extra"]
    assert all(mirror.cache in path.parents for path in paths)


def test_the_settings_may_be_named_by_the_environment(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTINGS_VARIABLE, str(mirror.settings))
    assert [path.read_bytes() for path in fetch("kafka", cache=mirror.cache)] == [b"core", b"extra"]


def test_what_is_in_the_cache_is_used_without_any_repository(mirror: Mirror) -> None:
    first = mirror.fetch()
    shutil.rmtree(mirror.folder)
    told: list[JarProgress] = []
    assert mirror.fetch(on_progress=told.append) == first
    assert told == []


@pytest.mark.parametrize("damage", [b"", b"cor", b"evil"])
def test_a_damaged_jar_is_fetched_again_and_only_that_one(mirror: Mirror, damage: bytes) -> None:
    core, extra = mirror.fetch()
    before = extra.stat().st_mtime_ns
    core.write_bytes(damage)
    told: list[JarProgress] = []
    assert mirror.fetch(on_progress=told.append)[0].read_bytes() == b"core"
    assert extra.stat().st_mtime_ns == before
    assert {progress.jar for progress in told} == {"core_2.13 1.0-rc-1"}


def test_progress_counts_up_to_its_total(mirror: Mirror) -> None:
    told: list[JarProgress] = []
    mirror.fetch(on_progress=told.append)
    assert [(progress.done, progress.total) for progress in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_jar_with_another_checksum_is_refused_and_not_kept(mirror: Mirror) -> None:
    mirror.publish(CORE, b"tampered")
    with pytest.raises(jars.WrongChecksumError, match="core_2"):
        mirror.fetch()
    assert not (mirror.cache / CORE.path).exists()


def test_a_jar_that_no_repository_has_is_named(mirror: Mirror) -> None:
    shutil.rmtree(mirror.path(EXTRA).parent)
    with pytest.raises(jars.JarNotFoundError, match="extra"):
        mirror.fetch()


def test_a_repository_that_does_not_answer_is_told_in_one_line_with_its_mend(mirror: Mirror, free_port: int) -> None:
    inside = IN_FOLDER.format(f"http://127.0.0.1:{free_port}")
    mirror.settings.write_text(SETTINGS.format(kind="url", inside=inside))
    with pytest.raises(jars.UnreachableError) as caught:
        mirror.fetch()
    assert "\n" not in caught.value.message
    assert SETTINGS_VARIABLE in caught.value.fix


def test_too_small_a_disk_is_told_before_anything_is_fetched(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage(mirror.locks)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(jars.DiskTooSmallError, match="0 MB left"):
        mirror.fetch()
    assert [path.name for path in mirror.cache.iterdir()] == [".lock"]


def test_nothing_of_a_broken_fetch_is_left_behind(mirror: Mirror) -> None:
    (mirror.cache / ".staging-of-a-killed-process" / "jars").mkdir(parents=True)
    mirror.fetch()
    assert {path.name for path in mirror.cache.iterdir()} == {".lock", "org.example"}


def test_processes_that_fetch_at_once_get_the_same_jars(mirror: Mirror) -> None:
    code = (
        "import sys; from pathlib import Path; from tallystick.streaming import jars\n"
        f"jars._LOCK_FILES = Path({str(mirror.locks)!r})\n"
        f"print(*jars.fetch('kafka', settings=Path({str(mirror.settings)!r}), cache=Path({str(mirror.cache)!r})))\n"
    )
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(subprocess.check_output, [sys.executable, "-c", code], text=True) for _ in range(3)]
    assert len({run.result() for run in runs}) == 1
    assert (mirror.cache / CORE.path).read_bytes() == b"core"


def test_a_lock_is_made_of_everything_that_is_needed_but_excluded(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTINGS_VARIABLE, str(mirror.settings))
    description = mirror.locks / "kafka.toml"
    description.write_text(f'resolve = ["{CORE}"]\n')
    assert [jar.coordinate for jar in make_lock("kafka", mirror.locks)] == [CORE, EXTRA]
    assert parse_lock((mirror.locks / "kafka.lock").read_text())[0].sha256 == hashlib.sha256(b"core").hexdigest()
    description.write_text(f'resolve = ["{CORE}"]\nexclude = ["org.example:extra"]\n')
    assert [jar.coordinate for jar in make_lock("kafka", mirror.locks)] == [CORE]
    description.write_text(f'alone = ["{CORE}"]\n')
    assert [jar.coordinate for jar in make_lock("kafka", mirror.locks)] == [CORE]


# A part between dots: `.` and `..` would be other folders.
PARTS = st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True)
WORDS = st.lists(PARTS, min_size=1, max_size=3).map(".".join)
COORDINATES = st.builds(Coordinate, WORDS, WORDS, WORDS)
JARS = st.builds(
    Jar,
    COORDINATES,
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.integers(min_value=0, max_value=10**12),
)


@given(st.lists(JARS))
def test_a_lock_file_says_what_was_written_into_it(written: list[Jar]) -> None:
    assert parse_lock(print_lock("spark", written)) == tuple(written)


@given(COORDINATES)
def test_a_coordinate_can_be_read_back_from_its_path(coordinate: Coordinate) -> None:
    assert Coordinate.of_path(Path("/anywhere") / coordinate.path) == coordinate
    assert Coordinate.parse(str(coordinate)) == coordinate


@pytest.mark.parametrize("name", jars.LOCKS)
def test_the_locks_that_ship_name_each_jar_once_with_a_full_checksum(name: str) -> None:
    locked = jars.read_lock(name)
    assert len({jar.coordinate for jar in locked}) == len(locked) > 10
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in locked)
    assert jars.packages(name)


def test_an_unknown_lock_is_refused_by_name() -> None:
    with pytest.raises(jars.UnknownLockError, match="'flink'"):
        fetch("flink")


def java_home(folder: Path, release: str | None, *, version_output: str = "") -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{version_output}' >&2\n")
    program.chmod(0o755)
    if release is not None:
        (folder / "release").write_text(release)
    return folder


def test_java_home_comes_first_then_the_path_then_the_oldest_that_fits(tmp_path: Path) -> None:
    named = java_home(tmp_path / "named", 'JAVA_VERSION="21.0.1"\n')
    on_path = java_home(tmp_path / "path", 'JAVA_VERSION="18"\n')
    for version in ("11.0.2", "17.0.9", "25"):
        java_home(tmp_path / "jvm" / f"java-{version}", f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    environ = {"JAVA_HOME": str(named), "PATH": str(on_path / "bin")}
    assert find_java(environ=environ, jvm_folder=tmp_path / "jvm").version == 21
    del environ["JAVA_HOME"]
    assert find_java(environ=environ, jvm_folder=tmp_path / "jvm").home == on_path
    assert find_java(environ={"PATH": ""}, jvm_folder=tmp_path / "jvm").version == 17


def test_too_old_a_java_is_passed_over_and_told_of_only_when_there_is_no_other(tmp_path: Path) -> None:
    old = java_home(tmp_path / "old", 'JAVA_VERSION="1.8.0_392"\n')
    environ = {"JAVA_HOME": str(old), "PATH": ""}
    with pytest.raises(JavaTooOldError, match=r"Java 8 at .*old is too old; Java 17 or later") as caught:
        find_java(environ=environ, jvm_folder=tmp_path / "jvm")
    assert "openjdk-17" in caught.value.fix
    java_home(tmp_path / "jvm" / "new", 'JAVA_VERSION="17"\n')
    assert find_java(environ=environ, jvm_folder=tmp_path / "jvm").version == 17


def test_too_new_a_java_is_passed_over_too(tmp_path: Path) -> None:
    new = java_home(tmp_path / "new", 'JAVA_VERSION="25.0.3"\n')
    environ = {"JAVA_HOME": str(new), "PATH": ""}
    with pytest.raises(JavaTooNewError, match=r"Java 25 at .* is too new; Spark runs on Java 17 to 22"):
        find_java(environ=environ, jvm_folder=tmp_path / "jvm")
    java_home(tmp_path / "jvm" / "lts", 'JAVA_VERSION="21.0.4"\n')
    assert find_java(environ=environ, jvm_folder=tmp_path / "jvm").version == 21


def test_a_java_without_a_release_file_is_asked(tmp_path: Path) -> None:
    home = java_home(tmp_path / "asked", None, version_output='openjdk version "19.0.2" 2023-01-17')
    assert find_java(environ={"JAVA_HOME": str(home), "PATH": ""}, jvm_folder=tmp_path).version == 19


def test_no_java_at_all_is_told_with_its_mend(tmp_path: Path) -> None:
    with pytest.raises(JavaNotFoundError) as caught:
        find_java(environ={"JAVA_HOME": str(tmp_path / "gone"), "PATH": ""}, jvm_folder=tmp_path)
    assert "JAVA_HOME" in caught.value.fix


def test_the_real_java_of_this_machine_is_found() -> None:
    found = find_java()
    answer = subprocess.run([found.program, "-version"], capture_output=True, text=True, check=True, env={**os.environ})
    assert f'version "{found.version}' in answer.stderr
