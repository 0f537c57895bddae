"""Small changes: of a schema, so that the pair is nearly compatible; of its text, so that it is nearly a schema."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeAlias

from tests.contracts_core.generator import DenseGenerator, Generator
from tests.contracts_core.vocabulary import FIELDS, NAMES, PRIMITIVES, SYMBOLS, Json

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

Node: TypeAlias = dict[str, Json]
Slot: TypeAlias = tuple[Any, Any]  # a list or an object, and the index or key that holds a type

JUNK = (*'{}[]":,\\0123456789.eE+-ntfu', " ", "\n", "\x00", "\x0b", "\u00a0", "\ufeff", "NaN", "\\u12", "ü")
NAMED = ("record", "error", "enum", "fixed")


class Mutator:
    """Changes a schema a little.

    Args:
        rng: The source of chance.
    """

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._makers: tuple[Callable[[list[Slot]], None], ...] = (
            *(self._primitive, self._primitive, self._union, self._union, self._container),
            *(self._field, self._field, self._field, self._name, self._symbols, self._size),
        )

    def mutate(self, schema: Json) -> Json:
        holder = [copy.deepcopy(schema)]
        for _ in range(self.rng.choice((0, 1, 1, 2, 3))):
            self.rng.choice(self._makers)(slots_of(holder))
        return holder[0]

    def _primitive(self, slots: list[Slot]) -> None:
        plain = [(holder, key) for holder, key in slots if holder[key] in PRIMITIVES]
        if plain:
            holder, key = self.rng.choice(plain)
            holder[key] = self.rng.choice(PRIMITIVES)

    def _union(self, slots: list[Slot]) -> None:
        holder, key = self.rng.choice(slots)
        here = holder[key]
        if not isinstance(here, list):
            if here != "null" and not isinstance(holder, list):
                holder[key] = self.rng.choice((["null", here], [here, "null"], [here]))
        elif here and self.rng.random() < 0.3:
            holder[key] = self.rng.choice(here)
        elif here and self.rng.random() < 0.5:
            here.remove(self.rng.choice(here))
        else:
            here.insert(self.rng.randrange(len(here) + 1), self.rng.choice(PRIMITIVES))

    def _container(self, slots: list[Slot]) -> None:
        holder, key = self.rng.choice(slots)
        here = holder[key]
        holder[key] = self.rng.choice(({"type": "array", "items": here}, {"type": "map", "values": here}))

    def _field(self, slots: list[Slot]) -> None:
        records = [node for node in nodes_in(slots) if node["type"] in {"record", "error"}]
        if not records:
            return
        fields = self.rng.choice(records)["fields"]
        roll = self.rng.random()
        if roll < 0.3 or not fields:
            name = self.rng.choice(
                [each for each in FIELDS if each not in {field["name"] for field in fields}] or ["z"]
            )
            field: Node = {"name": name, "type": self.rng.choice((*PRIMITIVES, ["null", "string"]))}
            if self.rng.random() < 0.5:
                field = {"name": name, "type": "null", "default": None}
            fields.insert(self.rng.randrange(len(fields) + 1), field)
            return
        field = self.rng.choice(fields)
        if roll < 0.5:
            fields.remove(field)
        elif roll < 0.6:
            field.pop("default", None)
        elif roll < 0.8:
            aliases = self.rng.choice(((), (field["name"],), (field["name"], *self.rng.sample(FIELDS, 2))))
            field["name"] = self.rng.choice((*FIELDS, "renamed", field["name"]))
            field["aliases"] = list(aliases)
        else:
            self.rng.shuffle(fields)

    def _name(self, slots: list[Slot]) -> None:
        named = [node for node in nodes_in(slots) if node["type"] in NAMED]
        if not named:
            return
        node = self.rng.choice(named)
        old = node["name"]
        if self.rng.random() < 0.3:
            node["namespace"] = self.rng.choice(("moved", "ns", ""))
            node["name"] = old.rpartition(".")[2]
            return
        new = self.rng.choice((*NAMES, "Renamed", "ns.Renamed"))
        node["name"] = new
        pool = (old, f"ns.{old}", f".{old}", old.rpartition(".")[2], "other.Z")
        node["aliases"] = self.rng.sample(pool, self.rng.randrange(3))
        for holder, key in slots:
            if isinstance(holder[key], str) and holder[key].rpartition(".")[2] == old.rpartition(".")[2]:
                holder[key] = new

    def _symbols(self, slots: list[Slot]) -> None:
        enums = [node for node in nodes_in(slots) if node["type"] == "enum"]
        if enums:
            node = self.rng.choice(enums)
            node["symbols"] = self.rng.sample(SYMBOLS, self.rng.randrange(1, 5))
            node.pop("default", None)
            if self.rng.random() < 0.4:
                node["default"] = self.rng.choice(node["symbols"])

    def _size(self, slots: list[Slot]) -> None:
        for node in nodes_in(slots):
            if node["type"] == "fixed":
                node["size"] = self.rng.choice((1, 2, node["size"]))


def slots_of(holder: list[Json]) -> list[Slot]:
    """Return every place in a schema where a type stands, the schema itself in `holder[0]`."""
    found: list[Slot] = []
    todo: list[Slot] = [(holder, 0)]
    while todo:
        slot = todo.pop()
        found.append(slot)
        here = slot[0][slot[1]]
        if isinstance(here, list):
            todo += [(here, index) for index in range(len(here))]
        elif isinstance(here, dict):
            todo += [(here, key) for key in ("items", "values") if key in here]
            todo += [(field, "type") for field in here.get("fields", ())]
    return found


def nodes_in(slots: list[Slot]) -> list[Node]:
    """Return the types that are written as objects."""
    return [holder[key] for holder, key in slots if isinstance(holder[key], dict)]


def pair(rng: random.Random) -> tuple[Json, Json]:
    """Make two schemas with much in common."""
    base = rng.choice((Generator, DenseGenerator))(rng, oddity=0).schema()
    mutator = Mutator(rng)
    return mutator.mutate(base), mutator.mutate(mutator.mutate(base))


def corrupted(schema: Json, rng: random.Random) -> Json:
    """Change some part of a schema's JSON, whatever it is."""
    holder = [copy.deepcopy(schema)]
    places: list[Slot] = []
    todo: list[Any] = [holder]
    while todo:
        here = todo.pop()
        keys = list(here) if isinstance(here, dict) else range(len(here))
        places += [(here, key) for key in keys]
        todo += [here[key] for key in keys if isinstance(here[key], (dict, list))]
    here, key = rng.choice(places)
    roll = rng.random()
    if isinstance(here, dict) and roll < 0.35:
        here[rng.choice(("type", "name", "fields", "symbols", "items", "x"))] = here.pop(key)
    elif roll < 0.5 and here is not holder:
        del here[key]
    elif isinstance(here, list) and roll < 0.6:
        here.append(copy.deepcopy(here[key]))
    else:
        here[key] = rng.choice((None, True, 0, -1, 1.5, "", "x", "int", [], {}, [None], {"type": "int"}, ["int"], "A"))
    return holder[0]


def garbled(text: str, rng: random.Random) -> str:
    """Change some characters of a text; never so that a comment comes into being."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(len(text) + 1)
        before, after = text[:at], text[at:]
        junk = rng.choice(JUNK)
        text = rng.choice((before + junk + after, before + after[1:], before + junk + after[1:], before))
    return text
