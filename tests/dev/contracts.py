"""Folders of contracts, and registries to put them into."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

ID = {"name": "event_id", "type": "string", "tallystick:role": ["event_id"]}


def field(name: str, kind: object = "string", **more: object) -> dict[str, object]:
    return {"name": name, "type": kind, **more}


def schema(name: str, *fields: dict[str, object], doc: str = "Something happened.") -> dict[str, object]:
    """A contract that may stand on a topic: it has an identity."""
    namespace, _, short = name.rpartition(".")
    return {"type": "record", "name": short, "namespace": namespace, "doc": doc, "fields": [ID, *fields]}


def write(folder: Path, *schemas: dict[str, Any], level: str = "") -> Path:
    """Write contracts, and a level for all of them, below a folder."""
    for each in schemas:
        place = folder / "schemas" / str(each["namespace"]).replace(".", "/")
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{each['name']}.avsc").write_text(json.dumps(each))
        (place / "_domain.yaml").write_text(f"kafka:\n  compatibility: {level}\n" if level else "owner: team\n")
    return folder


def tallystick(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "tallystick.cli", *words],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
