"""What will be generated: modules, classes and fields with their Python names, decided before a line is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tallystick.codegen.names import CLASS_WORDS, FIELD_WORDS, SYMBOL_WORDS, Names, constant, snake
from tallystick.contracts.contract import subschema
from tallystick.contracts.rules import rules_of
from tallystick.contracts.types import Enum, Fixed, Record, Ref, children

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tallystick.contracts import Catalog, Contract, Schema
    from tallystick.contracts.rules import ContractRule
    from tallystick.contracts.types import Type

__all__ = ["SCHEMAS_MODULE", "Class", "Module", "Plan", "plan"]

SCHEMAS_MODULE: Final = "_schemas"


@dataclass(frozen=True, slots=True)
class Class:
    """One record or enum.

    Attributes:
        node: What it stands for.
        name: Its Python name.
        module: The module that defines it, dotted.
        schema: Its self-contained schema.
        constant: Name of the schema's text in the package's `_schemas`.
        members: Avro name -> Python name, of a record's fields or an enum's symbols.
    """

    node: Record | Enum
    name: str
    module: str
    schema: Schema
    constant: str
    members: Mapping[str, str]


@dataclass(frozen=True)
class Module:
    """The module of one contract.

    Attributes:
        contract: The contract.
        package: The package that holds the module, dotted.
        name: The module, dotted.
        own: Full name -> class that it defines, those first that others need.
        names: Full name -> name by which the module knows a class, its own or an imported one.
        imported: The classes of other modules that it uses.
        inside: Full name -> class of every record or enum inside the contract, wherever it is defined.
    """

    contract: Contract
    package: str
    name: str
    own: Mapping[str, Class]
    names: Mapping[str, str]
    imported: Mapping[str, Class]
    inside: Mapping[str, Class]

    @cached_property
    def rules(self) -> Mapping[str, tuple[ContractRule, ...]]:
        """Full name of a record -> its rules."""
        return rules_of(self.contract.schema)

    def find(self, name: str) -> Class:
        """Return a class that the module defines or imports, by its full name."""
        return self.own.get(name) or self.imported[name]


@dataclass(frozen=True, slots=True)
class Plan:
    """All modules, each after those that it uses.

    Attributes:
        root: The package that holds everything, dotted.
        namespaces: Avro namespace -> package, dotted; with those in between that hold no contract.
        modules: Contract's full name -> module.
    """

    root: str
    namespaces: Mapping[str, str]
    modules: Mapping[str, Module]


def plan(catalog: Catalog, package: str) -> Plan:
    """Decide what to generate for a catalogue, below a package."""
    places = _Places(catalog, package)
    modules: dict[str, Module] = {}
    owners = {each.name: catalog.owners(each) for each in catalog}
    # A contract inside another has fewer named types, so it comes first.
    for contract in sorted(catalog, key=lambda each: (len(each.schema.named), each.name)):
        modules[contract.name] = _module(contract, owners[contract.name], places, modules)
    return Plan(package, places.packages, modules)


@dataclass
class _Places:
    """Packages, modules and names of the contracts' own classes, decided for all contracts together."""

    catalog: Catalog
    root: str
    packages: dict[str, str] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Names] = field(default_factory=dict)

    def __post_init__(self) -> None:
        files: dict[str, Names] = {self.root: Names({SCHEMAS_MODULE}, fold=True)}
        self.packages[""] = self.root
        for namespace in sorted({prefix for each in self.catalog for prefix in _prefixes(each.name)}):
            outer, _, last = namespace.rpartition(".")
            self.packages[namespace] = f"{self.packages[outer]}.{files[self.packages[outer]].give(last)}"
            files[self.packages[namespace]] = Names({SCHEMAS_MODULE}, fold=True)
        for namespace, package in self.packages.items():
            here = [each.name for each in self.catalog if each.name.rpartition(".")[0] == namespace]
            simple = Names(CLASS_WORDS).give_all([each.rpartition(".")[2] for each in here])
            self.constants[package] = Names()
            for name in here:
                self.classes[name] = simple[name.rpartition(".")[2]]
                module = files[package].give(snake(name.rpartition(".")[2]))
                if module in simple.values():  # the package could not hold both
                    module = files[package].give(f"{module}_module")
                self.modules[name] = f"{package}.{module}"


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")[:-1]
    return [".".join(parts[: end + 1]) for end in range(len(parts))]


def _module(contract: Contract, owners: Mapping[str, Contract], places: _Places, done: Mapping[str, Module]) -> Module:
    package = places.packages[contract.name.rpartition(".")[0]]
    scope = Names(CLASS_WORDS)
    main = places.classes[contract.name]
    names: dict[str, str] = {contract.name: scope.give(main)}
    survey = _survey(contract.schema, owners)
    for node in survey.own:
        if node.name not in names:
            names[node.name] = scope.give(node.simple_name)
    imported = {name: done[owners[name].name].own[name] for name in survey.imported}
    names.update({name: scope.give(each.name) for name, each in imported.items()})
    own: dict[str, Class] = {}
    for node in survey.own:
        is_main = node.name == contract.name
        name = names[node.name]
        own[node.name] = Class(
            node=node,
            name=name,
            module=places.modules[contract.name],
            schema=contract.schema if is_main else subschema(contract.schema, node.name),
            constant=places.constants[package].give(constant(main if is_main else f"{main}__{name}")),
            members=_members(node, names.values()),
        )
    others = {name: done[each.name].own for name, each in owners.items() if name not in own}
    inside = {**own, **{name: classes[name] for name, classes in others.items() if name in classes}}
    return Module(contract, package, places.modules[contract.name], own, names, imported, inside)


def _members(node: Record | Enum, classes: Iterable[str]) -> Mapping[str, str]:
    if isinstance(node, Enum):
        return Names(SYMBOL_WORDS).give_all(node.symbols)
    return Names(FIELD_WORDS.union(classes)).give_all([each.name for each in node.fields])


@dataclass(frozen=True, slots=True)
class _Survey:
    """The classes that a module defines, each after those inside it, and the names of those that it imports."""

    own: list[Record | Enum] = field(default_factory=list)
    imported: dict[str, None] = field(default_factory=dict)


def _survey(schema: Schema, owners: Mapping[str, Contract]) -> _Survey:
    survey = _Survey()
    waiting: list[tuple[Type, bool]] = [(schema.root, False)]
    while waiting:
        node, is_done = waiting.pop()
        name = node.name if isinstance(node, (Record, Enum, Fixed, Ref)) else ""
        if name in owners:
            if isinstance(schema.named[name], (Record, Enum)):
                survey.imported[name] = None
        elif is_done and isinstance(node, (Record, Enum)):
            survey.own.append(node)
        else:
            if isinstance(node, (Record, Enum)):
                waiting.append((node, True))
            waiting.extend((each, False) for each in reversed(children(node)))
    return survey
