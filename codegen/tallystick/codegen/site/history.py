"""What changed from one version of a contract to the next: in words, and line by line."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tallystick.codegen.site.model import Version

__all__ = ["Line", "Step", "steps"]

_SHOWN: Final = 25  # versions; older ones are counted
_MAX_LINES: Final = 4_000  # of a text; comparing two takes time that grows with their product
_CONTEXT: Final = 2
_KINDS: Final[Mapping[str, str]] = {"+": "in", "-": "out", "@": "gap", " ": "same"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a comparison; its kind is `in`, `out`, `same` or `gap`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """A version beside the one before it.

    Attributes:
        version: The version.
        words: What changed, one short sentence each.
        lines: The comparison; empty for the first version, and where the texts are too long.
        is_first: Whether nothing came before.
    """

    version: Version
    words: tuple[str, ...]
    lines: tuple[Line, ...]
    is_first: bool


def steps(versions: Sequence[Version]) -> tuple[tuple[Step, ...], int]:
    """The newest versions, the newest first, and how many older ones are left out.

    Args:
        versions: All of them, the oldest first.
    """
    left_out = max(0, len(versions) - _SHOWN)
    found = []
    for index in range(len(versions) - 1, left_out - 1, -1):
        version = versions[index]
        if index == 0:
            found.append(Step(version, (), (), is_first=True))
        else:
            before = versions[index - 1]
            words = tuple(_words(_read(before.text), _read(version.text)))
            found.append(Step(version, words, tuple(_lines(before.text, version.text)), is_first=False))
    return tuple(found), left_out


def _read(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _pretty(text: str) -> list[str]:
    value = _read(text)
    return (text if value is None else json.dumps(value, indent=2, ensure_ascii=False)).splitlines()


def _lines(before: str, after: str) -> Iterator[Line]:
    old, new = _pretty(before), _pretty(after)
    if max(len(old), len(new)) > _MAX_LINES:
        return
    compared = difflib.unified_diff(old, new, n=_CONTEXT, lineterm="")
    for number, line in enumerate(compared):
        if number > 1:  # the first two name the files
            kind = _KINDS[line[:1]]
            yield Line(kind, "" if kind == "gap" else line[1:])


def _words(old: Any, new: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    before, after = dict(_fields(old)), dict(_fields(new))
    yield from (f"{name} added" for name in after if name not in before)
    yield from (f"{name} removed" for name in before if name not in after)
    for name, field in after.items():
        if name in before and field != before[name]:
            keys = [key for key in {**before[name], **field} if field.get(key) != before[name].get(key)]
            yield f"{name}: {', '.join(keys)} changed"
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [key for key in {**old, **new} if key != "fields" and old.get(key) != new.get(key)]
        yield from (f"{key} changed" for key in keys)


def _fields(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - JSON
    fields = value.get("fields") if isinstance(value, dict) else None
    for field in fields if isinstance(fields, list) else ():
        if isinstance(field, dict) and isinstance(field.get("name"), str):
            yield field["name"], field
