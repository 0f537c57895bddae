"""From a place in a contract to a file, and a stretch of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.contracts.findings import START
from tallystick.contracts.lint.sites import view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.contracts.breaking.changes import Place
    from tallystick.contracts.breaking.snapshot import Snapshot
    from tallystick.contracts.findings import Span
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.sites import SchemaView

__all__ = ["Places"]

_TAGS = "tags.yaml"


class Places:
    """Finds places in the files of one state.

    Args:
        snapshot: The state.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._views: dict[str, SchemaView] = {}

    def find(self, place: Place, contract: str) -> tuple[str, Span]:
        """The file and the stretch.

        Args:
            place: The place.
            contract: The contract under check.
        """
        if place.file == "tags":
            return self._in_yaml([_TAGS], place.keys, contract)
        if place.file == "sidecar":
            return self._in_yaml(self._snapshot.layers(contract)[::-1], place.keys, contract)
        heads = self._snapshot.heads
        origin = heads[place.record if place.record in heads else contract].origin
        return origin, self._in_schema(origin, place)

    def _in_yaml(self, paths: Sequence[str], keys: tuple[str | int, ...], contract: str) -> tuple[str, Span]:
        documents = [each for path in paths if (each := self._snapshot.document(path)) is not None]
        for document in documents:
            if _has(document.value, keys):
                return document.path, document.span(keys)
        if documents:
            return documents[0].path, START
        return self._snapshot.heads[contract].origin, START

    def _in_schema(self, origin: str, place: Place) -> Span:
        document = self._snapshot.document(origin)
        if document is None:
            return START
        if origin not in self._views:
            self._views[origin] = view(document.value)
        schema = self._views[origin]
        site = schema.named.get(place.record, schema.root)
        path = site.path
        if place.field:
            path = next((each.path for each in site.fields if each.name == place.field), path)
        for keys in (place.keys, ("name",)):
            if keys and _has(document.value, (*path, *keys)):
                return document.span((*path, *keys))
        return document.span(path)


def _has(value: Json, path: tuple[str | int, ...]) -> bool:
    for step in path:
        match value, step:
            case dict(), str() if step in value:
                value = value[step]
            case list(), int() if step < len(value):
                value = value[step]
            case _:
                return False
    return True
