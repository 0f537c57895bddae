"""Make a lock file: resolve what `locks/<name>.toml` describes, once, and write down every jar with its sha256."""

from __future__ import annotations

import hashlib
import tempfile
import tomllib
from pathlib import Path

from tallystick.streaming._ivy import Coordinate, Wanted, retrieve
from tallystick.streaming.jars import Jar, parse_lock, print_lock

__all__ = ["make_lock"]


def make_lock(name: str, folder: Path) -> tuple[Jar, ...]:
    """Resolve `<folder>/<name>.toml` and write `<folder>/<name>.lock`.

    Args:
        name: The lock's name.
        folder: The folder of descriptions and locks in the source tree: `streaming/tallystick/streaming/locks`.
    """
    described = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    wanted = Wanted(
        alone=tuple(map(Coordinate.parse, described.get("alone", ()))),
        resolve=tuple(map(Coordinate.parse, described.get("resolve", ()))),
        exclude=tuple(described.get("exclude", ())),
    )
    with tempfile.TemporaryDirectory() as work:
        retrieve(wanted, Path(work) / "jars", work=Path(work))
        jars = sorted((_jar(path) for path in Path(work).glob("jars/**/*.jar")), key=lambda jar: jar.coordinate)
    text = print_lock(name, jars)
    (folder / f"{name}.lock").write_text(text, encoding="utf-8")
    return parse_lock(text)


def _jar(path: Path) -> Jar:
    data = path.read_bytes()
    return Jar(Coordinate.of_path(path), hashlib.sha256(data).hexdigest(), len(data))
