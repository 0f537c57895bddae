"""Folders of contracts, written down in a test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import pytest

from tallystick.contracts import CatalogError, load_catalog

if TYPE_CHECKING:
    from pathlib import Path


Json: TypeAlias = Any


class Write(Protocol):
    def __call__(self, files: dict[str, Json]) -> Path: ...


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files below a folder: schemas as JSON, all else as it is."""

    def write(files: dict[str, Json]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return tmp_path

    return write


def record(name: str, *fields: Json, **properties: Json) -> dict[str, Json]:
    return {"type": "record", "name": name, "fields": list(fields), **properties}


def faults_of(folder: Path) -> list[str]:
    """What `load_catalog` finds wrong, one line each."""
    with pytest.raises(CatalogError) as caught:
        load_catalog(folder)
    return [str(each).removeprefix(f"{folder}/") for each in caught.value.faults]
