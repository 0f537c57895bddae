"""A real Apicurio Registry: fetched once with the Ivy in pyspark, checked, kept in the user's cache, run in memory."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tallystick.dev.parts import wait_until_ready
from tallystick.dev.ports import HOST, free_port
from tallystick.dev.processes import Processes
from tallystick.streaming._ivy import SETTINGS_VARIABLE, _class_path
from tallystick.streaming.jars import cache_folder
from tallystick.streaming.java import find_java

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["running"]

VERSION = "3.3.3"
SHA256 = "8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63"
OLDEST_JAVA = 21
MODULE = f"""<ivy-module version="2.0" xmlns:m="http://ant.apache.org/ivy/maven">
<info organisation="tallystick" module="programs"/>
<configurations><conf name="default"/></configurations>
<dependencies>
<dependency org="io.apicurio" name="apicurio-registry-app" rev="{VERSION}" conf="default->master" transitive="false">
<artifact name="apicurio-registry-app" type="tar.gz" ext="tar.gz" m:classifier="all"/>
</dependency>
</dependencies>
</ivy-module>"""


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run one with an empty store; yields the address of its Confluent-compatible API."""
    java, program = _java(), _program()
    port = free_port()
    options = {
        "quarkus.http.host": HOST,
        "quarkus.http.port": port,
        "quarkus.management.host": HOST,
        "quarkus.management.port": free_port(),
    }
    processes = Processes(folder, tethered=True)
    switches = [f"-D{name}={value}" for name, value in options.items()]
    url = f"http://{HOST}:{port}/apis/ccompat/v7"
    try:
        processes.start("apicurio", [str(java), "-Xmx400m", *switches, "-jar", str(program / "quarkus-run.jar")])
        wait_until_ready("apicurio", url, is_ready=_answers, check=lambda: _require(processes), timeout=300)
        yield url
    finally:
        processes.stop("apicurio")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/subjects", timeout=5).is_success
    except httpx.HTTPError:
        return False


def _require(processes: Processes) -> None:
    assert processes.find("apicurio"), f"Apicurio Registry ended:\n{processes.tail('apicurio', lines=40)}"


def _java() -> Path:
    """A Java that is new enough for it; Spark's is older."""
    named = (Path(home) for name, home in os.environ.items() if name.startswith("JAVA_HOME"))
    for home in (*named, *sorted(Path("/usr/lib/jvm").glob("*"))):
        release = home / "release"
        found = re.search(r'JAVA_VERSION="(\d+)', release.read_text()) if release.is_file() else None
        if found and int(found[1]) >= OLDEST_JAVA and (home / "bin" / "java").exists():
            return home / "bin" / "java"
    return pytest.skip(f"no Apicurio Registry: it needs Java {OLDEST_JAVA} or later, and none is installed")


def _program() -> Path:
    """Its folder in the cache."""
    kept = cache_folder().parent / "programs" / f"apicurio-registry-{VERSION}"
    if not (kept / "quarkus-run.jar").exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".draft-") as draft:
            with tarfile.open(_archive(Path(draft))) as archive:
                archive.extractall(Path(draft) / "app", filter="data")
            shutil.rmtree(kept, ignore_errors=True)
            next((Path(draft) / "app").rglob("quarkus-run.jar")).parent.rename(kept)
    return kept


def _archive(work: Path) -> Path:
    (work / "ivy.xml").write_text(MODULE)
    settings = os.environ.get(SETTINGS_VARIABLE)
    command = [
        *(str(find_java().program), f"-Divy.default.ivy.user.dir={work}"),
        *("-Dsun.net.client.defaultConnectTimeout=20000", "-Dsun.net.client.defaultReadTimeout=60000"),
        *(
            "-cp",
            ":".join(map(str, _class_path())),
            "org.apache.ivy.Main",
            *(["-settings", settings] if settings else []),
        ),
        *("-warn", "-ivy", str(work / "ivy.xml"), "-confs", "default", "-cache", str(work / "cache")),
        *("-retrieve", f"{work}/[artifact].[ext]"),
    ]
    fetched = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    archive = work / "apicurio-registry-app.tar.gz"
    if fetched.returncode or not archive.exists():
        pytest.skip(f"no Apicurio Registry: no repository has it for us: {fetched.stdout.strip()[-300:]}")
    with archive.open("rb") as stream:
        assert hashlib.file_digest(stream, "sha256").hexdigest() == SHA256, "what was fetched is not what is pinned"
    return archive
