"""Makes one self-contained schema of a schema and those it refers to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["inline"]

_NAMED: Final = frozenset({"record", "error", "enum", "fixed"})
# Where a schema's JSON holds further schemas; everything else in it is data and stays as it is.
_NESTED: Final = ("type", "items", "values")


def inline(text: str, named: Mapping[str, str]) -> str:
    """Put the definition of each referred type where its name is first used.

    Args:
        text: A schema whose types may be named only.
        named: Full name to the schema text that defines it.
    """
    return json.dumps(_Inliner(named).schema(json.loads(text), ""), ensure_ascii=False, separators=(",", ":"))


class _Inliner:
    def __init__(self, named: Mapping[str, str]) -> None:
        self._named = named
        self._defined: set[str] = set()

    def schema(self, node: Any, namespace: str) -> Any:  # noqa: ANN401 - any JSON that Avro allows
        if isinstance(node, str):
            return self._name(node, namespace)
        if isinstance(node, list):
            return [self.schema(branch, namespace) for branch in node]
        return self._complex(node, namespace)

    def _name(self, name: str, namespace: str) -> Any:  # noqa: ANN401 - a name, or the definition in its place
        full = f"{namespace}.{name}" if "." not in name and f"{namespace}.{name}" in self._named else name
        if full in self._defined or full not in self._named:
            return name
        definition = json.loads(self._named[full])
        inner, _, simple = full.rpartition(".")
        # The namespace is spelt out: inside another record it would be inherited.
        return self.schema({**definition, "name": simple, "namespace": inner}, "")

    def _complex(self, node: dict[str, Any], namespace: str) -> dict[str, Any]:
        if _is_named(node):
            inner, _, simple = str(node["name"]).rpartition(".")
            namespace = inner or node.get("namespace", namespace)
            self._defined.add(f"{namespace}.{simple}" if namespace else simple)
        result = dict(node)
        for key in _NESTED:
            if key in node and not (key == "type" and _is_named(node)):
                result[key] = self.schema(node[key], namespace)
        if isinstance(node.get("fields"), list):
            result["fields"] = [{**field, "type": self.schema(field["type"], namespace)} for field in node["fields"]]
        return result


def _is_named(node: dict[str, Any]) -> bool:
    kind = node.get("type")
    return isinstance(kind, str) and kind in _NAMED
