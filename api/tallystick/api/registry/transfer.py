"""Everything as one file of JSON lines, and back; and everything of another registry, with its ids.

Line by line: `context` (its counter), `schema` (a content and its id), `version`, `settings` (config and mode). What is
referred to comes first, and an import that was interrupted can be run again.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from tallystick.api.registry.content import Content, Json, Reference, compact
from tallystick.api.registry.faults import TransferError
from tallystick.api.registry.names import DEFAULT, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tallystick.api.registry.store import Store
    from tallystick.api.registry.transaction import Transaction

__all__ = ["Getter", "export_lines", "import_lines", "lines_of_registry"]

_BATCH: Final = 500


class Getter(Protocol):
    """Asks another registry: path and query in, JSON out; None where there is nothing (404)."""

    def __call__(self, path: str, /, **query: str) -> Any:  # noqa: ANN401 - JSON
        """Ask."""


def export_lines(store: Store) -> Iterator[str]:
    """Everything that the store holds, as of one moment."""
    with store.read() as tx:
        for context in tx.contexts():
            yield compact({"kind": "context", "name": context, "last_id": tx.max_id(context)})
        known: set[tuple[str, int]] = set()
        for version, content in tx.everything():
            context = version.subject.context
            if (context, version.id) not in known:
                known.add((context, version.id))
                place = {"kind": "schema", "context": context, "id": version.id}
                yield compact({**place, "schema": content.text, **content.json})
            yield compact(
                {
                    "kind": "version",
                    "subject": version.subject.qualified,
                    "version": version.version,
                    "id": version.id,
                    "deleted": version.deleted,
                    "ts": version.created_ms,
                }
            )
        configs, modes = tx.configs(), tx.modes()
        for subject in sorted(configs.keys() | modes.keys()):
            settings = {"config": configs.get(subject), "mode": modes.get(subject)}
            yield compact({"kind": "settings", "subject": subject, **settings})


def import_lines(store: Store, lines: Iterable[str]) -> Mapping[str, int]:
    """Take everything over, with its ids and versions; what is there stays, and what contradicts it ends the import.

    Returns:
        How many of each kind were new.

    Raises:
        TransferError: A line is broken, or an id or a version stands for something else here.
    """
    added = dict.fromkeys(_TAKERS, 0)
    batch: list[tuple[int, str]] = []
    for numbered in enumerate(lines, start=1):
        batch.append(numbered)
        if len(batch) == _BATCH:
            _take(store, batch, added)
            batch.clear()
    _take(store, batch, added)
    return added


def lines_of_registry(get: Getter) -> Iterator[str]:
    """What another registry holds, read through Confluent's API; softly deleted versions are taken along."""
    subjects = get("/subjects", deleted="true") or []
    live = set(get("/subjects") or [])
    contexts = sorted({Subject.parse(subject).context for subject in subjects} | {DEFAULT})
    yield from (compact({"kind": "context", "name": context, "last_id": 0}) for context in contexts)
    found = [version for subject in subjects for version in _versions_of(get, subject, live=subject in live)]
    for version in sorted(found, key=lambda each: each["id"]):
        context = Subject.parse(version["subject"]).context
        parts = {key: version[key] for key in ("references", "metadata", "ruleSet") if version.get(key)}
        yield compact({"kind": "schema", "context": context, "id": version["id"], "schema": version["schema"], **parts})
        place = {key: version[key] for key in ("subject", "version", "id", "deleted")}
        yield compact({"kind": "version", **place, "ts": version.get("ts", 0)})
    for subject in ("", *(f":{context}:" for context in contexts if context != DEFAULT), *subjects):
        path = f"/{_quote(subject)}" if subject else ""
        config, mode = get(f"/config{path}"), get(f"/mode{path}")
        if config is not None or mode is not None:
            settings = {"config": config, "mode": (mode or {}).get("mode")}
            yield compact({"kind": "settings", "subject": subject, **settings})


def _versions_of(get: Getter, subject: str, *, live: bool) -> Iterator[Json]:
    path = f"/subjects/{_quote(subject)}/versions"
    alive = set(get(path) or []) if live else set()
    for number in get(path, deleted="true") or []:
        found = get(f"{path}/{number}", deleted="true")
        if found is not None:
            if found.get("schemaType", "AVRO") != "AVRO":
                raise TransferError(
                    f"{subject} version {number} is {found['schemaType']}, and this registry holds Avro only",
                    fix="move that subject elsewhere first",
                )
            yield {**found, "subject": subject, "deleted": number not in alive}


def _take(store: Store, batch: list[tuple[int, str]], added: dict[str, int]) -> None:
    if not batch:
        return
    with store.write() as tx:
        for number, line in batch:
            try:
                found = json.loads(line)
                added[found["kind"]] += _TAKERS[found["kind"]](tx, found)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise TransferError(f"line {number} of the import is broken: {error!r}") from None
            except TransferError as error:
                raise TransferError(f"line {number} of the import: {error.message}") from None
        tx.audit(who="operator", request_id="", action="import", subject="", detail={"lines": len(batch)})


def _take_context(tx: Transaction, line: Json) -> bool:
    tx.list_context(line["name"])
    tx.reach_id(line["name"], line["last_id"])
    return True


def _take_schema(tx: Transaction, line: Json) -> bool:
    home = Subject(line["context"], "")
    references = tuple(Reference(r["name"], r["subject"], r["version"]) for r in line.get("references", ()))
    content = Content(
        text=line["schema"], references=references, metadata=line.get("metadata"), rule_set=line.get("ruleSet")
    )
    present = tx.content(home.context, line["id"])
    if present is not None:
        if replace(present) != content:
            raise TransferError(f"id {line['id']} in context {home.context} stands for another schema here")
        return False
    tx.list_context(home.context)
    tx.add_content(home, line["id"], content, issue=tx.issued_id(home.context, content) is None)
    tx.reach_id(home.context, line["id"])
    tx.changed(f"id:{home.context}:{line['id']}")
    return True


def _take_version(tx: Transaction, line: Json) -> bool:
    subject = Subject.parse(line["subject"])
    present = tx.version(subject, line["version"])
    if present is not None:
        if present.id != line["id"]:
            raise TransferError(f"{line['subject']} version {line['version']} has id {present.id} here")
        return False
    version = tx.add_version(subject, line["version"], line["id"], created_ms=line["ts"] or None)
    if line["deleted"]:
        tx.mark_deleted([version])
    tx.changed(f"subject:{subject.qualified}", f"id:{subject.context}:{line['id']}")
    return True


def _take_settings(tx: Transaction, line: Json) -> bool:
    subject = Subject.parse(line["subject"])
    if line.get("config") is not None:
        tx.put_config(subject, line["config"])
    if line.get("mode") is not None:
        tx.put_mode(subject, line["mode"])
    tx.changed(f"settings:{subject.qualified}", f"subject:{subject.qualified}")
    return True


def _quote(subject: str) -> str:
    from urllib.parse import quote

    return quote(subject, safe=":")


_TAKERS: Final[Mapping[str, Callable[[Transaction, Json], bool]]] = {
    "context": _take_context,
    "schema": _take_schema,
    "version": _take_version,
    "settings": _take_settings,
}
