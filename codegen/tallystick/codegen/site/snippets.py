"""How to send an event: from Python with its generated class, and with curl."""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from tallystick.codegen.defaults import expression
from tallystick.codegen.imports import Imports
from tallystick.codegen.site.layout import Group, laid_out
from tallystick.codegen.site.values import Tagged, example, is_tagged, sample, tag_of
from tallystick.codegen.text import literal
from tallystick.contracts.contract import META_FIELD
from tallystick.contracts.types import Array, Enum, Fixed, Map, Primitive, Record, Type, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tallystick.codegen.plan import Class, Module, Plan
    from tallystick.codegen.site.layout import Code
    from tallystick.contracts.contract import Contract

__all__ = ["Origin", "Snippets", "Unfit", "Writer"]

_USER: Final = "u-42"
_KEY: Final = "YOUR-WRITE-KEY"
_EVENT_ID: Final = """'"$(cat /proc/sys/kernel/random/uuid)"'"""
_NOW: Final = """'"$(date -u +%FT%TZ)"'"""
_ID_MARK, _TIME_MARK = "\0id\0", "\0time\0"  # JSON texts never hold them: json.dumps writes NUL as an escape


class Unfit(ValueError):  # noqa: N818 - it is caught beside, and ends in another sample
    """A value that is none of its type."""


class Origin(StrEnum):
    """Where values are from: the team's example, a sample that keeps the rules, or nothing but the types."""

    EXAMPLE = "example"
    SAMPLE = "sample"
    TYPES = "types"


@dataclass(frozen=True, slots=True)
class Writer:
    """What sends an event, as two texts, and where the values in them are from."""

    python: str
    curl: str
    origin: Origin


@dataclass(slots=True)
class Snippets:
    """Writes the snippets of one plan.

    Attributes:
        plan: What was generated.
        endpoint: Address of the ingestion API.
        samples: Full name -> fields of an event that keeps the contract's rules.
    """

    plan: Plan
    endpoint: str
    samples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    _shared: Counter[tuple[str, str]] = field(default_factory=Counter)
    _modules: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._modules = {module.name for module in self.plan.modules.values()}
        self._shared.update(
            (module.package, each.name) for module in self.plan.modules.values() for each in module.own.values()
        )

    def of(self, contract: Contract, by_role: Mapping[str, str]) -> Writer:
        """The snippets of an event, with the first values that are there and fit its types."""
        stated = ((Origin.EXAMPLE, example(contract)), (Origin.SAMPLE, self.samples.get(contract.name)))
        for origin, fields in stated:
            if fields is not None:
                try:
                    return self._writer(contract, dict(fields), origin)
                except Unfit:
                    continue
        return self._writer(contract, sample(contract, by_role), Origin.TYPES)

    def _writer(self, contract: Contract, fields: dict[str, Any], origin: Origin) -> Writer:
        source = str(next(iter(contract.sidecar.sources), "my-app"))
        body = {"type": contract.name, **fields}
        return Writer(self._python(contract, fields, source), self._curl(body, source), origin)

    def _python(self, contract: Contract, fields: dict[str, Any], source: str) -> str:
        module = self.plan.modules[contract.name]
        imports = Imports()
        imports.add("tallystick.sdk", "EventClient")
        event = _Values(module, imports, self._home).of(contract.schema.root, fields)
        options = Group(
            "EventClient(",
            (
                ("endpoint=", literal(self.endpoint)),
                ("write_key=", literal(_KEY)),
                ("source=", literal(source)),
            ),
            ")",
        )
        track = Group("client.track(", (("", event), ("user_id=", literal(_USER))), ")")
        groups: dict[bool, list[str]] = {False: [], True: []}
        for name in sorted(imports.by_module):
            line = f"from {name} import {', '.join(sorted(imports.by_module[name]))}"
            groups[name.startswith(("tallystick", self.plan.root))].append(line)
        lines = [*groups[False], *([""] if groups[False] else []), *groups[True], ""]
        lines += [*laid_out(options, "with ", " as client:"), *laid_out(track, depth=1)]
        return "\n".join(lines)

    def _home(self, cls: Class, package: str) -> str:
        """Where a class is imported from: its package, unless that has two of the name, or a module of the name."""
        is_alone = self._shared[package, cls.name] == 1 and f"{package}.{cls.name}" not in self._modules
        return package if is_alone else cls.module

    def _curl(self, body: dict[str, Any], source: str) -> str:
        meta = {"event_id": _ID_MARK, "event_time": _TIME_MARK, "user_id": _USER, "source": {"app": source}}
        text = json.dumps({**body, META_FIELD: meta}, indent=2, ensure_ascii=False).replace("'", "'\\''")
        for mark, command in ((_ID_MARK, _EVENT_ID), (_TIME_MARK, _NOW)):
            text = text.replace(json.dumps(mark)[1:-1], command)
        return (
            f"curl -sS {self.endpoint}/v1/events \\\n"
            f'  -H "Authorization: Bearer {_KEY}" \\\n'
            '  -H "Content-Type: application/json" \\\n'
            f"  -d '{text}'"
        )


@dataclass(slots=True)
class _Values:
    """Turns values in the API's JSON form into Python expressions."""

    module: Module
    imports: Imports
    home: Callable[[Class, str], str]

    def of(self, node: Type, value: Any) -> Code:  # noqa: ANN401 - JSON
        """The expression for a value.

        Raises:
            Unfit: It is no value of the type.
        """
        match self.module.contract.schema.resolve(node):
            case Record() as record if isinstance(value, dict):
                return self._record(record, value)
            case Enum() as enum if value in enum.symbols:
                return f"{self._name(enum.name)}.{self.module.find(enum.name).members[value]}"
            case Array(items=inner) if isinstance(value, list):
                return Group("[", [("", self.of(inner, each)) for each in value], "]")
            case Map(values=inner) if isinstance(value, dict):
                items = [(f"{literal(str(key))}: ", self.of(inner, each)) for key, each in value.items()]
                return Group("{", items, "}")
            case Union() as union:
                return self._union(union, value)
            case (Primitive() | Fixed()) as leaf:
                return self._leaf(leaf, value)
            case _:
                raise Unfit(f"{value!r} is no {node.kind if not hasattr(node, 'name') else node.name}")

    def _record(self, node: Record, value: dict[str, Any]) -> Code:
        names = self.module.find(node.name).members
        is_event = node.name == self.module.contract.name and self.module.contract.is_event
        known = {each.name: each for each in node.fields}
        wanted = {name for name, each in known.items() if not each.has_default} - ({META_FIELD} if is_event else set())
        if value.keys() - known.keys() or wanted - value.keys():
            raise Unfit(f"other fields than those of {node.name}")
        items = [(f"{names[name]}=", self.of(known[name].type, each)) for name, each in value.items()]
        return Group(f"{self._name(node.name)}(", items, ")")

    def _union(self, node: Union, value: Any) -> Code:  # noqa: ANN401 - JSON
        branches = [self.module.contract.schema.resolve(each) for each in node.branches]
        if value is not None and is_tagged(branches) and isinstance(value, (Tagged, dict)) and len(value) == 1:
            ((name, inner),) = value.items()
            branches = [each for each in branches if tag_of(each) == name]
            value = inner
        for branch in branches:
            try:
                return self.of(branch, value)
            except Unfit:
                continue
        raise Unfit("no branch takes it")

    def _leaf(self, node: Primitive | Fixed, value: Any) -> str:  # noqa: ANN401 - JSON
        logical = node.logical.name if node.logical is not None else None
        read = _READ.get((node.kind, logical)) or _READ.get((None, logical)) or _READ[node.kind, None]
        try:
            text, module, names = expression(read(value))
        except (ValueError, TypeError, ArithmeticError) as error:
            raise Unfit(str(error)) from None
        self.imports.add(module, *names)
        return text

    def _name(self, full: str) -> str:
        cls, local = self.module.find(full), self.module.names[full]
        package = cls.module.rpartition(".")[0]
        self.imports.add(self.home(cls, package), local if local == cls.name else f"{cls.name} as {local}")
        return local


def _only(*classes: type) -> Callable[[Any], Any]:
    def check(value: object) -> object:
        if type(value) not in classes:
            raise Unfit(f"a {type(value).__name__}")
        return value

    return check


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise Unfit("no time zone")
    return moment.astimezone(UTC)


def _text(make: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: make(_only(str)(value))


_READ: Final[Mapping[tuple[str | None, str | None], Callable[[Any], Any]]] = {
    ("null", None): _only(type(None)),
    ("boolean", None): _only(bool),
    ("int", None): _only(int),
    ("long", None): lambda value: int(_only(int, str)(value)),
    ("float", None): lambda value: float(_only(int, float)(value)),
    ("double", None): lambda value: float(_only(int, float)(value)),
    ("string", None): _only(str),
    ("bytes", None): _text(base64.b64decode),
    ("fixed", None): _text(base64.b64decode),
    (None, "decimal"): _text(Decimal),
    (None, "uuid"): _text(UUID),
    ("int", "date"): _text(date.fromisoformat),
    ("int", "time-millis"): _text(time.fromisoformat),
    ("long", "time-micros"): _text(time.fromisoformat),
    ("long", "timestamp-millis"): _text(_moment),
    ("long", "timestamp-micros"): _text(_moment),
    ("long", "local-timestamp-millis"): _text(datetime.fromisoformat),
    ("long", "local-timestamp-micros"): _text(datetime.fromisoformat),
}
