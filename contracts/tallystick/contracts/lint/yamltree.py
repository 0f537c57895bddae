"""YAML as the same tree of nodes as JSON: sidecars, defaults and definitions have positions too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from tallystick.contracts._jsonfaults import Fault, conflict_fault
from tallystick.contracts.jsonspans import JsonTree, Node

if TYPE_CHECKING:
    from tallystick.contracts.jsonspans import Json

__all__ = ["read_yaml"]

# What YAML's scanner or parser says -> what the person has done. libyaml and PyYAML differ in words.
_TOLD: Final = {
    "mapping values are not allowed": "a colon and a space stand in the value: put the whole value in quotes",
    "did not find expected '-' indicator": "this line is not indented as those of its list: align it with them",
    "expected <block end>, but found '<block sequence start>'": "this `-` is not indented as its list: align it",
    "expected <block end>": "this line is not indented as those above it: align it with them",
    "did not find expected key": "this is no further key: close the quotes and brackets above, and align the keys",
    "did not find expected ',' or '": "a comma or a closing bracket is missing before this: add it",
    "expected ',' or '": "a comma or a closing bracket is missing before this: add it",
    "could not find expected ':'": "a key has no colon: write key: value",
    "found unexpected end of stream": 'a quotation mark is open until the end of the file: add the closing "',
    "found duplicate anchor": "anchors and aliases are not read: write the value again",
    "found undefined alias": "a value that starts with * stands in quotes",
}

_MAX_DEPTH: Final = 60
# libyaml is five times as quick, but not in every build of PyYAML.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> JsonTree:
    """Read a YAML text.

    Args:
        text: The whole text; anchors are refused, since nobody reads a contract with them.

    Returns:
        The tree and every fault; after an error of syntax no tree. An empty text is an empty mapping.
    """
    try:
        loader = _LOADER(text)
        try:
            composed = loader.get_single_node()
            if composed is None:
                return JsonTree(Node(0, 0, {}), ())
            converter = _Converter(loader)
            return JsonTree(converter.node(composed, 0), tuple(converter.faults))
        finally:
            loader.dispose()
    except _TooMuchError as error:
        return JsonTree(None, (error.fault,))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = min(mark.index, len(text)) if mark else 0
        return JsonTree(None, (_syntax_fault(text, at, str(error.problem or error.context)),))
    except (yaml.YAMLError, RecursionError) as error:
        at = min(getattr(error, "position", 0), len(text))
        reason = getattr(error, "reason", "it is nested too deep")
        return JsonTree(None, (Fault("syntax", at, at, f"this is no YAML: {reason}"),))


def _syntax_fault(text: str, at: int, problem: str) -> Fault:
    """Explain what YAML's own words leave open."""
    conflict = conflict_fault(text)
    if conflict:
        return conflict
    sign = text[at : at + 1]
    if sign == "\t":
        return Fault("syntax", at, at + 1, "a tab stands where YAML wants spaces: write two spaces for it")
    if "cannot start any token" in problem:
        return Fault("syntax", at, at + 1, f"no value starts with `{sign}`: put the whole value in quotes")
    told = next((words for start, words in _TOLD.items() if problem.startswith(start)), f"this is no YAML: {problem}")
    return Fault("syntax", at, at, told)


class _TooMuchError(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class _Converter:
    def __init__(self, loader: Any) -> None:  # noqa: ANN401 -- either of PyYAML's loaders, which share no annotated base
        self._loader = loader
        self._seen: set[int] = set()
        self.faults: list[Fault] = []

    def node(self, composed: yaml.Node, depth: int) -> Node:
        """Convert one node and all below it."""
        start, end = composed.start_mark.index, composed.end_mark.index
        if id(composed) in self._seen:
            raise _TooMuchError(Fault("syntax", start, end, "anchors and aliases are not read: write the value again"))
        if depth > _MAX_DEPTH:
            raise _TooMuchError(Fault("depth", start, end, f"nested deeper than {_MAX_DEPTH} levels"))
        self._seen.add(id(composed))
        if isinstance(composed, yaml.MappingNode):
            return self._mapping(composed, depth)
        if isinstance(composed, yaml.SequenceNode):
            items = [self.node(child, depth + 1) for child in composed.value]
            return Node(start, end, [item.value for item in items], items=items)
        return Node(start, end, self._scalar(composed, start, end))

    def _mapping(self, composed: yaml.MappingNode, depth: int) -> Node:
        node = Node(composed.start_mark.index, composed.end_mark.index, {})
        value: dict[str, Json] = {}
        for key_node, value_node in composed.value:
            key, child = self.node(key_node, depth + 1), self.node(value_node, depth + 1)
            key.value = key.value if isinstance(key.value, str) else str(key_node.value)
            if key.value in value:
                message = f"the key `{key.value}` stands twice in this mapping: delete one of them"
                self.faults.append(Fault("duplicate", key.start, key.end, message))
            value[key.value] = child.value
            node.members.append((key, child))
        node.value = value
        return node

    def _scalar(self, composed: yaml.Node, start: int, end: int) -> Json:
        # Times stay text: what they mean is for the rule that reads them.
        if composed.tag == "tag:yaml.org,2002:timestamp":
            return str(composed.value)
        try:
            value = self._loader.construct_object(composed)
        except (yaml.YAMLError, ValueError) as error:
            message = f"this value cannot be read: {getattr(error, 'problem', error)}"
            raise _TooMuchError(Fault("syntax", start, end, message)) from error
        return value if isinstance(value, str | int | float | bool) or value is None else str(composed.value)
