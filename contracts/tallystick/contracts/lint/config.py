"""`tallystick.toml`: which rules hold where.

[lint.rules]                     # everywhere
T007 = "off"
N007 = "error"

[[lint.paths]]                   # below these, later tables before earlier ones
match = ["schemas/legacy/**"]
reason = "kept as the old system sent it"
rules = { T003 = "warning", N = "off" }    # an id, or the letter of a family
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tallystick.contracts.errors import TallystickError
from tallystick.contracts.lint.rules import FAMILIES, RULES
from tallystick.contracts.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.contracts.findings import Severity

__all__ = ["ConfigError", "LintConfig"]

_LEVELS: Final = ("error", "warning", "off")
_PATH_KEYS: Final = ("match", "rules", "reason")


class ConfigError(TallystickError):
    """A `tallystick.toml` that does not say what it means."""


@dataclass(frozen=True, slots=True)
class _Layer:
    patterns: tuple[re.Pattern[str], ...]
    levels: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LintConfig:
    """Severities by path.

    Attributes:
        layers: Patterns of paths and what holds below them; a later layer wins.
    """

    layers: tuple[_Layer, ...] = ()

    @classmethod
    def read(cls, text: str, origin: str = "tallystick.toml") -> LintConfig:
        """Read the configuration.

        Args:
            text: The whole file.
            origin: Its name, for messages.

        Raises:
            ConfigError: It is no TOML, or names what does not exist.
        """
        try:
            lint = tomllib.loads(text).get("lint", {})
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{origin} is no TOML: {error}") from error
        reader = _ConfigReader(origin)
        reader.known_keys("[lint]", reader.table("[lint]", lint), ("rules", "paths"))
        layers = [_Layer((re.compile(".*"),), reader.levels("[lint.rules]", lint.get("rules", {})))]
        paths = lint.get("paths", [])
        if not isinstance(paths, list):
            raise ConfigError(f"{origin}: [lint.paths] is no list of tables", fix="write [[lint.paths]]")
        layers += [reader.layer(reader.table("[[lint.paths]]", each)) for each in paths]
        return cls(tuple(layers))

    def severities(self, path: str) -> Mapping[str, Severity]:
        """The rules that hold for a file, each with its severity; one that is off is missing.

        Args:
            path: The file, relative to the configuration, with `/`.
        """
        return _severities(
            tuple(layer for layer in self.layers if any(each.fullmatch(path) for each in layer.patterns))
        )


@lru_cache(maxsize=256)
def _severities(layers: tuple[_Layer, ...]) -> Mapping[str, Severity]:
    found: dict[str, str] = {rule.id: rule.severity for rule in RULES.values()}
    for layer in layers:
        # A family before its rules, so that one rule of a family can be kept.
        for name, level in sorted(layer.levels, key=lambda each: len(each[0])):
            found.update(dict.fromkeys((rule for rule in RULES if rule.startswith(name)), level))
    return {rule: _SEVERITIES[level] for rule, level in found.items() if level != "off"}


_SEVERITIES: Final[Mapping[str, Severity]] = {"error": "error", "warning": "warning"}


class _ConfigReader:
    def __init__(self, origin: str) -> None:
        self._origin = origin

    def _fail(self, message: str) -> ConfigError:
        return ConfigError(f"{self._origin}: {message}")

    def table(self, where: str, value: object) -> dict[str, Any]:
        """A table, or an error."""
        if not isinstance(value, dict):
            raise self._fail(f"{where} is no table")
        return value

    def known_keys(self, where: str, table: Mapping[str, object], known: tuple[str, ...]) -> None:
        """Refuse every other key."""
        for key in table:
            if key not in known:
                raise self._fail(f"`{key}` means nothing in {where}{did_you_mean(key, known)}")

    def levels(self, where: str, value: object) -> tuple[tuple[str, str], ...]:
        """Rules or families with their levels."""
        levels = self.table(where, value)
        for name, level in levels.items():
            if name not in RULES and name not in FAMILIES:
                raise self._fail(f"there is no rule `{name}`{did_you_mean(name, (*RULES, *FAMILIES))}")
            if level not in _LEVELS:
                raise self._fail(f"`{level}` is no severity of {name}{did_you_mean(str(level), _LEVELS)}")
        return tuple(levels.items())

    def layer(self, table: dict[str, Any]) -> _Layer:
        """One table of [[lint.paths]]."""
        self.known_keys("[[lint.paths]]", table, _PATH_KEYS)
        match = table.get("match", [])
        patterns = [match] if isinstance(match, str) else match
        if not patterns or not isinstance(patterns, list) or not all(isinstance(each, str) for each in patterns):
            raise self._fail('[[lint.paths]] needs paths: write match = ["schemas/legacy/**"]')
        return _Layer(tuple(_glob(each) for each in patterns), self.levels("[[lint.paths]]", table.get("rules", {})))


def _glob(pattern: str) -> re.Pattern[str]:
    """A glob as a regular expression: `**` crosses folders, `*` and `?` do not; a folder means all below it."""
    pattern = pattern.removeprefix("./").rstrip("/")
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    text = "".join(parts.get(piece, re.escape(piece)) for piece in pieces)
    return re.compile(f"{text}(?:/.*)?")
