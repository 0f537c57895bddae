"""A catalogue: every contract of a folder, or of a registry, each self-contained.

schemas/<namespace path>/<Name>.avsc      one named type per file; it names others by their full names
schemas/<namespace path>/<Name>.yaml      its sidecar, if it needs one; _domain.yaml holds a folder's defaults
schemas/tags.yaml                         what each tag means
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import TYPE_CHECKING

from tallystick.contracts._files import SchemaFile, read_folder
from tallystick.contracts.contract import Contract, subschema
from tallystick.contracts.errors import SchemaError
from tallystick.contracts.faults import CatalogError, Fault
from tallystick.contracts.schema import Schema, parse
from tallystick.contracts.sidecar import Tag, sidecar_of, tags_of_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Catalog", "load_catalog"]


@dataclass(frozen=True)
class Catalog:
    """Contracts by full name, in the order of their names.

    Attributes:
        contracts: All of them.
        tags: Tag -> what it means, from `tags.yaml`.
    """

    contracts: tuple[Contract, ...]
    tags: Mapping[str, Tag] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of_texts(cls, texts: Mapping[str, str]) -> Catalog:
        """Make a catalogue of self-contained texts, such as a registry serves.

        Args:
            texts: Where each comes from, for messages -> the schema.

        Raises:
            CatalogError: Every fault of every text; also two texts of one name.
        """
        faults: list[Fault] = []
        contracts: dict[str, Contract] = {}
        for origin, text in texts.items():
            try:
                contract = Contract.of(parse(text), origin=origin)
            except SchemaError as error:
                faults.append(Fault(origin, error.message, error.fix))
            except CatalogError as error:
                faults.extend(error.faults)
            else:
                if contract.name in contracts:
                    faults.append(Fault(origin, f"{contract.name} stands in {contracts[contract.name].origin} already"))
                contracts.setdefault(contract.name, contract)
        if faults:
            raise CatalogError(faults)
        return cls(tuple(contracts[name] for name in sorted(contracts)))

    @cached_property
    def _by_name(self) -> dict[str, Contract]:
        return {each.name: each for each in self.contracts}

    @property
    def events(self) -> tuple[Contract, ...]:
        """The contracts that are events."""
        return tuple(each for each in self.contracts if each.is_event)

    @property
    def messages(self) -> tuple[Contract, ...]:
        """The contracts that may stand on a topic by themselves: what a registry holds."""
        return tuple(each for each in self.contracts if each.is_message)

    def owners(self, contract: Contract) -> Mapping[str, Contract]:
        """Return the named types inside a contract that belong to other contracts, with these.

        A type that has a contract of its own belongs to that one, with all that is defined inside it, as long as both
        say the same of it.
        """
        used = [self._by_name[name] for name in contract.schema.named if name in self._by_name]
        used = [each for each in used if _is_part(each, contract)]
        used.sort(key=lambda each: -len(each.schema.named))  # the innermost has the last word
        return {name: each for each in used for name in each.schema.named}

    def __getitem__(self, name: str) -> Contract:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Contract]:
        return iter(self.contracts)

    def __len__(self) -> int:
        return len(self.contracts)


def _is_part(part: Contract, whole: Contract) -> bool:
    if whole.name in part.schema.named:  # the contract itself, or one that contains it in turn
        return False
    return subschema(whole.schema, part.name) == part.schema


def load_catalog(folder: Path) -> Catalog:
    """Read every contract below a folder.

    Raises:
        CatalogError: Every fault of every file; or there is no such folder.
    """
    faults: list[Fault] = []
    read = read_folder(folder, faults)
    contracts: list[Contract] = []
    for file, schema in _linked(read.files, faults):
        sidecar = sidecar_of(read.sidecar(file.origin), file.origin, faults)
        try:
            contracts.append(Contract.of(schema, origin=file.origin, sidecar=sidecar))
        except CatalogError as error:
            faults.extend(error.faults)
    tags = tags_of_yaml(read.tags, faults)
    if faults:
        raise CatalogError(faults, folder)
    return Catalog(tuple(sorted(contracts, key=lambda each: each.name)), tags)


def _linked(files: Mapping[str, SchemaFile], faults: list[Fault]) -> Iterator[tuple[SchemaFile, Schema]]:
    """Yield each file with its self-contained schema, those that others use first."""
    schemas: dict[str, Schema] = {}
    broken: set[str] = set()
    for name in _in_order(files, faults):
        file = files[name]
        needed = [each for each in sorted(file.mentions) if each in files and each != name]
        if broken.intersection(needed):  # its fault is the other file's
            broken.add(name)
            continue
        try:
            schemas[name] = parse(file.text, references=[schemas[each] for each in needed])
        except SchemaError as error:
            broken.add(name)
            faults.append(Fault(file.origin, error.message, error.fix))
        else:
            yield file, schemas[name]


def _in_order(files: Mapping[str, SchemaFile], faults: list[Fault]) -> Iterator[str]:
    """Yield the names so that each comes after those that it uses; files that use each other are faults."""
    sorter = TopologicalSorter(
        {name: file.mentions.intersection(files) - {name} for name, file in sorted(files.items())}
    )
    try:
        yield from tuple(sorter.static_order())
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        message = f"{' uses '.join(circle)}: files that use each other cannot be told apart"
        faults.append(Fault(files[circle[0]].origin, message, "define these types in one file"))
