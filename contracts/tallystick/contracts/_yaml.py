"""YAML that holds data only, and says each thing once. Imported only where there is YAML: PyYAML is an extra."""

from __future__ import annotations

from typing import Any

import yaml
from typing_extensions import override

__all__ = ["StrictLoader"]


class StrictLoader(yaml.SafeLoader):
    """A loader that refuses a key which is there twice, and aliases, with which a small file can become a large one."""

    @override
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(None, None, "aliases are not allowed", self.get_mark())
        return super().compose_node(parent, index)

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                message = f"the key {key.value!r} is there twice"
                raise yaml.constructor.ConstructorError(None, None, message, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)
