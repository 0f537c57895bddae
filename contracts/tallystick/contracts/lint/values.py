"""Examples read as events: the JSON forms of the API, checked against the schema, as the values that rules see."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import uuid
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from tallystick.contracts.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.contracts.cel import Value
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Path
    from tallystick.contracts.lint.repository import Repository
    from tallystick.contracts.lint.sites import TypeSite

__all__ = ["Misfit", "read_example"]


@dataclass(frozen=True, slots=True)
class Misfit:
    """A part of an example that does not fit.

    Attributes:
        path: Where in the example.
        message: What is wrong.
        is_key: Whether the key is to blame.
    """

    path: Path
    message: str
    is_key: bool = False


def read_example(site: TypeSite, value: Json, repository: Repository) -> tuple[Value, tuple[Misfit, ...]]:
    """Read one example.

    Args:
        site: The event's type.
        value: The example, as in the sidecar; `meta` is left out.
        repository: Where other types are found.

    Returns:
        The value that rules see, and what does not fit.
    """
    reader = _Reader(repository)
    return reader.read(site, value, ()), tuple(reader.misfits)


def _boolean(value: Json) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _integer(bits: int) -> Callable[[Json], int]:
    def read(value: Json) -> int:
        if isinstance(value, str) and value.lstrip("-").isdigit():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError
        if not -(2**bits) <= value < 2**bits:
            raise ValueError
        return value

    return read


def _float(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _string(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _bytes(value: Json) -> bytes:
    return base64.b64decode(_string(value), validate=True)


def _moment(value: Json) -> dt.datetime:
    moment = dt.datetime.fromisoformat(_string(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment


_PLAIN: Final[dict[str, tuple[Callable[[Json], Value], str]]] = {
    "boolean": (_boolean, "true or false"),
    "int": (_integer(31), "a whole number of 32 bits"),
    "long": (_integer(63), "a whole number of 64 bits"),
    "float": (_float, "a number"),
    "double": (_float, "a number"),
    "string": (_string, "a string (in quotes)"),
    "bytes": (_bytes, "base64"),
    "fixed": (_bytes, "base64"),
}
_LOGICAL: Final[dict[str, tuple[Callable[[Json], Value], str]]] = {
    "uuid": (lambda value: str(uuid.UUID(_string(value))), "a UUID"),
    "date": (lambda value: dt.date.fromisoformat(_string(value)), 'a date such as "2026-01-31"'),
    "timestamp-millis": (_moment, 'a time with offset such as "2026-01-31T12:00:00Z"'),
    "timestamp-micros": (_moment, 'a time with offset such as "2026-01-31T12:00:00Z"'),
}


class _Reader:
    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self.misfits: list[Misfit] = []

    def read(self, site: TypeSite, value: Json, path: Path) -> Value:
        """Read a value of a type; what does not fit is noted and read as null."""
        site = self._repository.resolve(site)
        match site.kind:
            case "union":
                return self._union(site, value, path)
            case "record" | "error":
                return self._record(site, value, path)
            case "array" if isinstance(value, list) and site.children:
                return [self.read(site.children[0], each, (*path, index)) for index, each in enumerate(value)]
            case "map" if isinstance(value, dict) and site.children:
                return {key: self.read(site.children[0], each, (*path, key)) for key, each in value.items()}
            case "array" | "map":
                return self._misfit(path, value, "a list" if site.kind == "array" else "a mapping")
            case "enum":
                return self._enum(site, value, path)
            case "null":
                return None if value is None else self._misfit(path, value, "null")
            case _:
                return self._scalar(site, value, path)

    def _scalar(self, site: TypeSite, value: Json, path: Path) -> Value:
        if site.logical == "decimal":
            return self._decimal(site, value, path)
        logical = _LOGICAL.get(site.logical or "")
        found = logical or _PLAIN.get(site.kind)
        if found is None:
            return value
        read, told = found
        try:
            return read(value)
        except (TypeError, ValueError, binascii.Error):
            return self._misfit(path, value, told)

    def _decimal(self, site: TypeSite, value: Json, path: Path) -> Value:
        precision, scale = site.attributes.get("precision"), site.attributes.get("scale", 0)
        if not isinstance(precision, int) or not isinstance(scale, int):
            return None
        try:
            number = Decimal(_string(value))
        except (TypeError, InvalidOperation):
            return self._misfit(
                path,
                value,
                f'a decimal in quotes, such as "{Decimal("12.5").quantize(Decimal(1).scaleb(-min(scale, 20)))}"',
            )
        _, digits, exponent = number.as_tuple()
        if not isinstance(exponent, int) or -exponent > scale or len(digits) + exponent > precision - scale:
            return self._misfit(
                path, value, f"a decimal with at most {precision} digits, {scale} of them behind the point"
            )
        return number

    def _enum(self, site: TypeSite, value: Json, path: Path) -> Value:
        symbols = site.attributes.get("symbols")
        known = [each for each in symbols if isinstance(each, str)] if isinstance(symbols, list) else []
        if isinstance(value, str) and value in known:
            return value
        hint = did_you_mean(value, known) if isinstance(value, str) else ""
        self.misfits.append(Misfit(path, f"`{_short(value)}` is no symbol of {site.short_name}{hint}"))
        return None

    def _union(self, site: TypeSite, value: Json, path: Path) -> Value:
        others = [each for each in site.children if each.kind != "null"]
        if value is None and len(others) < len(site.children):
            return None
        if len(others) == 1:
            return self.read(others[0], value, path)
        for each in others:
            trial = _Reader(self._repository)
            found = trial.read(each, value, path)
            if not trial.misfits:
                return found
        return self._misfit(path, value, "a value of one of its branches")

    def _record(self, site: TypeSite, value: Json, path: Path) -> Value:
        if not isinstance(value, dict):
            return self._misfit(path, value, f"a mapping with the fields of {site.short_name}")
        known = {each.name: each for each in site.fields}
        for key in value:
            if key not in known:
                message = f"{site.short_name} has no field `{key}`{did_you_mean(key, known)}"
                self.misfits.append(Misfit((*path, key), message, is_key=True))
        found: dict[str, Value] = {}
        for name, each in known.items():
            if name in value:
                found[name] = self.read(each.type, value[name], (*path, name))
            elif "default" in each.attributes:
                found[name] = each.attributes["default"]
            elif not each.is_nullable and not (name == "meta" and not path):
                self.misfits.append(Misfit(path, f"field `{name}` of {site.short_name} is missing: add it"))
            else:
                found[name] = None
        return found

    def _misfit(self, path: Path, value: Json, told: str) -> Value:
        name = next((str(step) for step in reversed(path) if isinstance(step, str)), "this")
        self.misfits.append(Misfit(path, f"`{name}` is {_short(value)}, and must be {told}"))
        return None


def _short(value: Json) -> str:
    most = 40
    text = (
        "a mapping"
        if isinstance(value, dict)
        else "a list"
        if isinstance(value, list)
        else json.dumps(value, ensure_ascii=False)
    )
    return text if len(text) <= most else text[: most - 1] + "…"
