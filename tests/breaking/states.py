"""Small repositories of contracts in two states, as values and in git."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from typing import TYPE_CHECKING, Any

from tallystick.contracts.breaking import CATEGORIES, Options, Snapshot, breaking

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from tallystick.contracts.findings import Finding

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
META = json.dumps(
    {
        "type": "record",
        "name": "Meta",
        "namespace": "tallystick",
        "doc": "What every event has.",
        "fields": [
            {
                "name": "event_id",
                "type": {"type": "string", "logicalType": "uuid"},
                "doc": "Identity.",
                "tallystick:role": ["event_id"],
            }
        ],
    },
    indent=1,
)
DOMAIN = "owner: shop-web\nstatus: active\nkafka:\n  compatibility: FULL_TRANSITIVE\nsla:\n  retention: P400D\n"
EXPERIMENT = """experiment_key: free_tea
phase: 1
version: 1
unit_type: user
exposure_event: shop.TeaOffered
variants:
  - {variant_key: control, weight: "0.5", is_control: true}
  - {variant_key: treatment, weight: "0.5"}
start_at: 2026-11-01T00:00:00Z
end_at: 2026-12-01T00:00:00Z
metrics: [paid]
"""


def field(name: str, kind: object = "string", **more: object) -> dict[str, object]:
    return {
        "name": name,
        "type": kind,
        "doc": f"The {name} of it.",
        **{k.replace("__", ":"): v for k, v in more.items()},
    }


def money(precision: int, scale: int) -> dict[str, object]:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def enum(*symbols: str, name: str = "Status", default: str | None = "UNKNOWN") -> dict[str, object]:
    return {"type": "enum", "name": name, "symbols": list(symbols), **({"default": default} if default else {})}


def event(*fields: Mapping[str, object], name: str = "shop.OrderPlaced", **more: object) -> str:
    namespace, _, simple = name.rpartition(".")
    meta = {"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where."}
    head = {"type": "record", "name": simple, "namespace": namespace, "doc": "It has happened."}
    properties = {key.replace("__", ":"): value for key, value in more.items()}
    return json.dumps({**head, **properties, "fields": [meta, *fields]}, indent=1)


def files(*texts: str, sidecars: Mapping[str, str] | None = None) -> dict[str, str]:
    """Contracts and what stands around them, each at the path of its name."""
    found = {"tallystick/Meta.avsc": META, "shop/_domain.yaml": DOMAIN, "tags.yaml": "PII:\n  handling: drop\n"}
    for text in texts:
        value = json.loads(text)
        found[f"{value['namespace'].replace('.', '/')}/{value['name']}.avsc"] = text
    return {**found, **(sidecars or {})}


def snapshot(contents: Mapping[str, str], *experiments: str, told: str = "") -> Snapshot:
    definitions = {f"../experiments/{index}.yaml": text.encode() for index, text in enumerate(experiments)}
    return Snapshot(files={path: text.encode() for path, text in contents.items()}, definitions=definitions, told=told)


def found(
    before: Mapping[str, str],
    after: Mapping[str, str],
    *experiments: str,
    categories: Collection[str] = tuple(CATEGORIES),
) -> list[Finding]:
    options = Options(now=NOW, categories=categories)
    return breaking(snapshot(before, *experiments), snapshot(after, *experiments), options)


def rules(findings: Collection[Finding]) -> set[str]:
    return {each.rule for each in findings}


def change(
    before: Mapping[str, object] | None, after: Mapping[str, object] | None, *, level: str = "FULL_TRANSITIVE"
) -> list[Finding]:
    """What comes of one field of an event becoming another."""
    old, new = (event(*([each] if each else [])) for each in (before, after))
    sidecars = {"shop/OrderPlaced.yaml": f"kafka:\n  compatibility: {level}\n"}
    return found(files(old, sidecars=sidecars), files(new, sidecars=sidecars))


class Git:
    """A real repository with contracts below `schemas`."""

    def __init__(self, folder: Path, branch: str = "main") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self("init", "-q", "-b", branch)
        self("config", "user.name", "Ana")
        self("config", "user.email", "ana@example.com")

    def __call__(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, contents: Mapping[str, str], *, root: str = "schemas") -> None:
        for path, text in contents.items():
            place = self.folder / root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())

    def commit(self, contents: Mapping[str, str], *, root: str = "schemas") -> str:
        self.write(contents, root=root)
        self("add", "-A")
        self("commit", "-q", "-m", "a change")
        return self("rev-parse", "HEAD")


def facts(finding: Mapping[str, Any]) -> tuple[str, str, str]:
    return finding["rule"], finding["event"], finding["path"]
