"""Random Avro schemas as JSON: legal ones, nearly legal ones, and all the oddities that Java's parser lets pass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.contracts_core.vocabulary import (
    DOCS,
    FIELDS,
    LOGICAL,
    NAMES,
    NUMBERS,
    ODD_DOUBLES,
    ODD_NAMES,
    ODD_SPACES,
    PRIMITIVES,
    SIMPLE_VALUES,
    SPACES,
    SYMBOLS,
    WORDS,
    Raw,
)
from typing_extensions import override

if TYPE_CHECKING:
    import random

    from tests.contracts_core.vocabulary import Json


class Generator:
    """Makes one schema at a time.

    Args:
        rng: The source of chance.
        oddity: How likely a part is to be odd, which often means illegal.
    """

    def __init__(self, rng: random.Random, *, oddity: float) -> None:
        self.rng = rng
        self.oddity = oddity
        self.defined: dict[str, Json] = {}
        self.open: list[str] = []
        self.promised: list[str] = []

    def schema(self, *, known: dict[str, Json] | None = None) -> Json:
        """Make a schema that may use the known types beside its own."""
        self.defined, self.open, self.promised = dict(known or {}), [], []
        if self.rng.random() < 0.85:
            return self._record("", 0)
        return self._type("", 0)

    def odd(self, factor: float = 1.0) -> bool:
        return self.rng.random() < self.oddity * factor

    def _type(self, space: str, depth: int) -> Json:
        roll = self.rng.random()
        if depth > 4 or roll < 0.35:
            return self._primitive()
        if roll < 0.5:
            return self._reference(space)
        makers = (self._array, self._map, self._union, self._union, self._record, self._enum, self._fixed)
        return self.rng.choice(makers)(space, depth + 1)

    def _primitive(self) -> Json:
        name = self.rng.choice(PRIMITIVES)
        if self.rng.random() < 0.7:
            return name
        return {"type": name, **self._logical(name), **self._props()}

    def _logical(self, kind: str) -> dict[str, Json]:
        if kind not in LOGICAL or self.rng.random() < 0.3:
            return {}
        props: dict[str, Json] = {"logicalType": self.rng.choice(LOGICAL[kind])}
        if props["logicalType"] == "decimal":
            props["precision"] = self.rng.choice((1, 9, 18, 38, 39, 0, -1, "9", Raw("9.0"), Raw("3000000000"), None))
            if self.rng.random() < 0.7:
                props["scale"] = self.rng.choice((0, 2, 9, 18, -1, 40, Raw("2.0"), None))
        if self.odd():
            props[self.rng.choice(("java-class", "avro.java.string"))] = self.rng.choice(("x", 1, None))
        return props

    def _reference(self, space: str) -> Json:
        known = [*self.defined, *self.open]
        if self.odd():
            name = self.rng.choice((*NAMES, *ODD_NAMES))
            self.promised.append(name)
        elif known and self.rng.random() < 0.9:
            name = self.rng.choice(known)
        else:
            name = self.rng.choice(NAMES)
            self.promised.append(f"{space}.{name}" if space else name)
        simple = name.rpartition(".")[2]
        shown = simple if self.rng.random() < 0.5 and name.rpartition(".")[0] == space else name
        return {"type": shown, "ignored": 1} if self.odd(0.3) else shown

    def _array(self, space: str, depth: int) -> Json:
        return {"type": "array", "items": self._type(space, depth), **self._props()}

    def _map(self, space: str, depth: int) -> Json:
        return {"type": "map", "values": self._type(space, depth), **self._props()}

    def _union(self, space: str, depth: int) -> Json:
        branches: list[Json] = []
        kinds: set[str] = set()
        for _ in range(self.rng.choice((0, 1, 2, 2, 2, 3, 4))):
            branch = self._type(space, depth)
            kind = json.dumps(branch.get("name", branch["type"]) if isinstance(branch, dict) else branch)
            if (isinstance(branch, list) or kind in kinds) and not self.odd():
                continue
            kinds.add(kind)
            branches.append(branch)
        return branches

    def _name(self, space: str) -> tuple[dict[str, Json], str, str]:
        name = self.rng.choice(ODD_NAMES) if self.odd(0.3) else self.rng.choice(NAMES)
        if self.promised and self.rng.random() < 0.6:
            name = self.promised.pop()
        parts: dict[str, Json] = {"name": name}
        own = space
        if self.rng.random() < 0.3:
            own = self.rng.choice(ODD_SPACES) if self.odd(0.3) else self.rng.choice(SPACES)
            parts["namespace"] = own
        if self.odd(0.1):
            parts["namespace"] = self.rng.choice((None, 1, []))
        if "." in name:
            own, _, name = name.rpartition(".")
        return parts, f"{own}.{name}" if own else name, own

    def _record(self, space: str, depth: int) -> Json:
        parts, full, own = self._name(space)
        if full in {*self.defined, *self.open} and not self.odd():
            return self.defined[full] if full in self.defined and self.odd(0.5) else full
        self.open.append(full)
        names = self.rng.sample(FIELDS, self.rng.choice((0, 1, 2, 2, 3, 4, 5)))
        fields = [self._field(name, own, depth) for name in names]
        if fields and self.odd(0.2):
            fields.append(self.rng.choice(fields))
        self.open.remove(full)
        word = "error" if self.rng.random() < 0.05 else "record"
        return self._finish(full, {"type": word, **parts, "fields": fields}, own)

    def _field(self, name: str, space: str, depth: int) -> Json:
        kind = self._type(space, depth + 1)
        field: dict[str, Json] = {"name": self.rng.choice(ODD_NAMES) if self.odd(0.2) else name, "type": kind}
        if self.rng.random() < 0.3:
            field["default"] = self.value(kind) if not self.odd() else self.rng.choice((self.json(), *ODD_DOUBLES))
        if self.rng.random() < 0.15:
            field["order"] = self.rng.choice(("ascending", "descending", "ignore", "Ignore", "DESCENDING"))
        if self.odd(0.2):
            field["order"] = self.rng.choice((None, 1, "up", "\u0131gnore"))
        if self.rng.random() < 0.2:
            field["aliases"] = self.rng.choices((*FIELDS, "not a name", ""), k=self.rng.randrange(3))
        return self._document({**field, **self._props()})

    def _enum(self, space: str, _depth: int) -> Json:
        parts, full, own = self._name(space)
        if full in {*self.defined, *self.open} and not self.odd():
            return full
        symbols: list[Json] = self.rng.sample(SYMBOLS, self.rng.randrange(5))
        if symbols and self.odd(0.3):
            symbols.append(self.rng.choice((symbols[0], "1", "", None, "a.b")))
        enum = {"type": "enum", **parts, "symbols": symbols}
        if symbols and self.rng.random() < 0.4:
            enum["default"] = self.rng.choice(symbols)
        if self.odd(0.3):
            enum["default"] = self.rng.choice(("nope", None, 1, ""))
        return self._finish(full, enum, own)

    def _fixed(self, space: str, _depth: int) -> Json:
        parts, full, own = self._name(space)
        if full in {*self.defined, *self.open} and not self.odd():
            return full
        size: Json = self.rng.choice((0, 1, 4, 12, 16, 1000))
        if self.odd(0.3):
            size = self.rng.choice((-1, "4", Raw("4.0"), None, 2147483639, 2147483640, Raw("3000000000"), True))
        return self._finish(full, {"type": "fixed", **parts, "size": size, **self._logical("fixed")}, own)

    def _finish(self, full: str, node: dict[str, Json], space: str) -> Json:
        if self.rng.random() < 0.2:
            pool = (*NAMES, "ns.A", "other.B", ".C", space + ".D", "ns.int")
            node["aliases"] = self.rng.choices(pool, k=self.rng.randrange(3))
        if self.odd(0.2):
            node["aliases"] = self.rng.choice((None, "A", [1], ["1a"], ["a b.C"], ["..A"], [""]))
        node = self._document({**node, **self._props()})
        self.defined.setdefault(full, node)
        return node

    def _document(self, node: dict[str, Json]) -> dict[str, Json]:
        if self.rng.random() < 0.2:
            node["doc"] = self.rng.choice((*DOCS, None, 1)) if self.odd() else self.rng.choice(DOCS)
        if self.rng.random() < 0.3:
            items = list(node.items())
            self.rng.shuffle(items)
            node = dict(items)
        return node

    def _props(self) -> dict[str, Json]:
        if self.rng.random() < 0.8:
            return {}
        return {self.rng.choice(WORDS): self.json() for _ in range(self.rng.randrange(3))}

    def json(self, depth: int = 0) -> Json:
        roll = self.rng.random()
        if depth < 3 and roll < 0.15:
            return [self.json(depth + 1) for _ in range(self.rng.randrange(3))]
        if depth < 3 and roll < 0.3:
            return {self.rng.choice(DOCS): self.json(depth + 1) for _ in range(self.rng.randrange(3))}
        if roll < 0.5:
            return self.number()
        return self.rng.choice((None, True, False, *DOCS))

    def number(self) -> Raw:
        if self.rng.random() < 0.8:
            return Raw(self.rng.choice(NUMBERS))
        digits = self.rng.randrange(10 ** self.rng.randrange(1, 18))
        return Raw(f"{digits}e{self.rng.randrange(-40, 40)}")

    def value(self, kind: Json, depth: int = 0) -> Json:
        """Make a JSON value that a type takes as a default, as far as is easily told."""
        if depth > 5:
            return {}
        if isinstance(kind, list):
            return self.value(self.rng.choice(kind), depth + 1) if kind else None
        if isinstance(kind, str) and kind not in PRIMITIVES:
            kind = next((node for name, node in self.defined.items() if name.rpartition(".")[2] == kind), {})
        node = kind if isinstance(kind, dict) else {"type": kind}
        word = node.get("type")
        simple = SIMPLE_VALUES.get(word) if isinstance(word, str) else None
        if simple:
            return self.rng.choice(simple)
        if word in {"float", "double"}:
            return self.number() if self.rng.random() < 0.8 else self.rng.choice(ODD_DOUBLES)
        if word == "array":
            return [self.value(node.get("items"), depth + 1) for _ in range(self.rng.randrange(3))]
        if word == "map":
            return {
                key: self.value(node.get("values"), depth + 1) for key in self.rng.sample(DOCS, self.rng.randrange(3))
            }
        if word == "enum":
            return self.rng.choice(node.get("symbols") or ["X"])
        fields = [each for each in node.get("fields", ()) if "default" not in each or self.rng.random() < 0.5]
        return {each["name"]: self.value(each["type"], depth + 1) for each in fields}


class DenseGenerator(Generator):
    """Makes schemas with many unions, records and uses of names: what comparing two schemas can get wrong."""

    @override
    def _type(self, space: str, depth: int) -> Json:
        roll = self.rng.random()
        if depth > 5 or roll < 0.15:
            return self._primitive()
        if roll < 0.4:
            return self._reference(space)
        makers = (self._union, self._union, self._union, self._record, self._record, self._enum, self._fixed)
        return self.rng.choice(makers)(space, depth + 1)


def text_of(value: Json, rng: random.Random) -> str:
    """Write JSON with the blanks and escapes that a person, or another tool, might use."""
    blank = rng.choice(("", "", "", " ", "\n", "\t \r\n"))
    escape = rng.random() < 0.3

    def write(part: Json) -> str:
        match part:
            case Raw():
                return part
            case dict():
                pairs = (f"{json.dumps(key, ensure_ascii=escape)}{blank}:{write(each)}" for key, each in part.items())
                return f"{{{blank}{f'{blank},{blank}'.join(pairs)}{blank}}}"
            case list():
                return f"[{blank}{f',{blank}'.join(map(write, part))}{blank}]"
            case _:
                return json.dumps(part, ensure_ascii=escape)

    return f"{blank}{write(value)}{blank}"
