"""One state of a repository of contracts: files as bytes, read only as far as somebody asks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Final

from tallystick.contracts._files import Folder, SchemaFile, schema_file, yaml_value
from tallystick.contracts.contract import Contract
from tallystick.contracts.errors import SchemaError
from tallystick.contracts.experiments import experiment_of
from tallystick.contracts.faults import CatalogError, Fault
from tallystick.contracts.lint.document import Document, decode, read_document
from tallystick.contracts.lint.repository import contract_kind
from tallystick.contracts.schema import Schema, parse
from tallystick.contracts.sidecar import Tag, sidecar_of, tags_of_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tallystick.contracts.experiments import ExperimentDefinition
    from tallystick.contracts.jsonspans import Fault as TextFault

__all__ = ["Planned", "Snapshot"]

_TAGS: Final = "tags.yaml"
_DOMAIN: Final = "_domain.yaml"
_SCHEMA: Final = ".avsc"
_SIDECAR: Final = ".yaml"


@lru_cache(maxsize=65_536)
def _head(text: str) -> SchemaFile | Fault:
    """A schema file's name and what it mentions; two states share most of their texts."""
    faults: list[Fault] = []
    found = schema_file(text, "", faults)
    return found if found is not None else faults[0]


@dataclass(frozen=True, slots=True)
class Planned:
    """A definition of an experiment and the file that it stands in."""

    path: str
    definition: ExperimentDefinition


@dataclass(kw_only=True, eq=False)
class Snapshot:
    """One state.

    Attributes:
        files: Path below the root of the contracts -> bytes, or why there are none.
        definitions: The same for the definitions of experiments.
        registered: Instead of files, what a registry holds: subject -> its schemas, the newest first.
        versions: Subject -> the number of its newest version.
        told: What to call the state, such as `main at 3f2a1c9`.
    """

    files: Mapping[str, bytes | TextFault] = field(default_factory=dict)
    definitions: Mapping[str, bytes | TextFault] = field(default_factory=dict)
    registered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    told: str = ""

    def told_of(self, name: str) -> str:
        """What to call the state of one contract."""
        return f"version {self.versions[name]} in {self.told}" if name in self.versions else self.told

    @property
    def has_sidecars(self) -> bool:
        """Whether it says more than schemas do."""
        return not self.registered

    @cached_property
    def faults(self) -> list[Fault]:
        """What could not be read, so far."""
        return []

    @cached_property
    def heads(self) -> Mapping[str, SchemaFile]:
        """Full name -> schema file."""
        found: dict[str, SchemaFile] = {}
        for origin, text in sorted(self._texts.items()):
            head = _head(text)
            if isinstance(head, Fault):
                self.faults.append(Fault(origin, head.message, head.fix))
            elif head.name in found:
                self.faults.append(Fault(origin, f"{head.name} is defined in {found[head.name].origin} already"))
            else:
                found[head.name] = SchemaFile(origin, head.name, text, head.mentions)
        return found

    @cached_property
    def _texts(self) -> dict[str, str]:
        texts = {subject: schemas[0] for subject, schemas in self.registered.items() if schemas}
        for origin, data in self.files.items():
            if origin.endswith(_SCHEMA):
                text = decode(data) if isinstance(data, bytes) else data
                if isinstance(text, str):
                    texts[origin] = text
                else:
                    self.faults.append(Fault(origin, text.message))
        return texts

    def signature(self, name: str) -> str:
        """A hash of all that the contract of a name may depend on; equal ones need no comparison."""
        closure = self._closure(name)
        digest = hashlib.sha256()
        for each in sorted(closure):
            digest.update(f"{each}\0{self.heads[each].text}\0".encode())
        for place in (*self.layers(name), _TAGS):
            data = self.files.get(place)
            digest.update(data if isinstance(data, bytes) else b"\0")
        return digest.hexdigest()

    def layers(self, name: str) -> list[str]:
        """The paths of a contract's sidecar and of the defaults above it, the outermost first, whether there or not."""
        origin = self.heads[name].origin
        folders = origin.split("/")[:-1]
        domains = ["/".join((*folders[:depth], _DOMAIN)) for depth in range(len(folders) + 1)]
        return [*domains, origin.removesuffix(_SCHEMA) + _SIDECAR]

    def event_of(self, path: str) -> str:
        """The contract that a sidecar stands beside; empty where there is none."""
        return self._beside.get(path, "")

    @cached_property
    def _beside(self) -> dict[str, str]:
        return {head.origin.removesuffix(_SCHEMA) + _SIDECAR: name for name, head in self.heads.items()}

    def contract(self, name: str) -> Contract | None:
        """The contract of a name, or None where it cannot be read; why stands in `faults`."""
        if name not in self._contracts:
            self._contracts[name] = self._read(name)
        return self._contracts[name]

    @cached_property
    def _contracts(self) -> dict[str, Contract | None]:
        return {}

    @cached_property
    def _schemas(self) -> dict[str, Schema]:
        return {}

    def _read(self, name: str) -> Contract | None:
        origin = self.heads[name].origin
        before = len(self.faults)
        try:
            schema = self._schema(name)
            folder = Folder({}, {place: self._yaml(place) for place in self.layers(name) if place in self.files})
            sidecar = sidecar_of(folder.sidecar(origin), origin, self.faults)
            contract = Contract.of(schema, origin=origin, sidecar=sidecar)
        except SchemaError as error:
            self.faults.append(Fault(origin, error.message, error.fix))
        except CatalogError as error:
            self.faults.extend(error.faults)
        else:
            return contract if len(self.faults) == before else None
        return None

    def _schema(self, name: str) -> Schema:
        """Parse a schema after those that it uses."""
        graph = {each: self._used(each) for each in self._closure(name)}
        try:
            order = tuple(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = " uses ".join(reversed(error.args[1]))
            message = f"{circle}: files that use each other cannot be told apart"
            raise SchemaError(message, fix="define these types in one file") from None
        for each in order:
            if each not in self._schemas:
                references = [self._schemas[used] for used in sorted(graph[each])]
                self._schemas[each] = parse(self.heads[each].text, references=references)
        return self._schemas[name]

    def _used(self, name: str) -> set[str]:
        if self.registered:
            return set()  # what a registry serves is self-contained
        return {each for each in self.heads[name].mentions if each in self.heads and each != name}

    def _closure(self, name: str) -> set[str]:
        found: set[str] = set()
        waiting = [name]
        while waiting:
            here = waiting.pop()
            if here not in found:
                found.add(here)
                waiting.extend(self._used(here))
        return found

    def _yaml(self, path: str) -> object:
        """The content of a YAML file; a folder's defaults are read once for all its contracts."""
        document = self.document(path)
        if document is None:
            return None
        self.faults.extend(Fault(path, fault.message) for fault in document.faults)
        return document.value

    @cached_property
    def users(self) -> Mapping[str, frozenset[str]]:
        """Full name -> the contracts that have it inside, itself too."""
        found: dict[str, set[str]] = {}
        for name in self.heads:
            for each in self._closure(name):
                found.setdefault(each, set()).add(name)
        return {name: frozenset(users) for name, users in found.items()}

    @cached_property
    def tags(self) -> Mapping[str, Tag]:
        """What each tag means."""
        return tags_of_yaml(self._yaml(_TAGS), self.faults) if _TAGS in self.files else {}

    @cached_property
    def experiments(self) -> tuple[ExperimentDefinition, ...]:
        """The definitions of experiments that can be read; what is wrong with the others is for lint."""
        return tuple(each for each in self._defined.values() if each is not None)

    @cached_property
    def _defined(self) -> dict[str, ExperimentDefinition | None]:
        """Path -> the definition there, if it can be read."""
        found: dict[str, ExperimentDefinition | None] = {}
        for path, data in sorted(self.definitions.items()):
            text = decode(data) if isinstance(data, bytes) else data
            found[path] = experiment_of(yaml_value(text, path, []), path) if isinstance(text, str) else None
        return found

    @property
    def unread_definitions(self) -> frozenset[str]:
        """The paths of those that cannot be read."""
        return frozenset(path for path, each in self._defined.items() if each is None)

    @cached_property
    def plans(self) -> Mapping[tuple[str, int], Planned]:
        """Key and phase of an experiment -> the last version of its definition."""
        found: dict[tuple[str, int], Planned] = {}
        for path, each in self._defined.items():
            if each is None:
                continue
            identity = (each.experiment_key, each.phase)
            known = found.get(identity)
            if known is None or known.definition.version < each.version:
                found[identity] = Planned(path, each)
        return found

    def document(self, path: str) -> Document | None:
        """A file with positions."""
        if path not in self._documents:
            if path in self.registered:
                found = read_document(path, "schema", self.registered[path][0].encode())
            elif path in self.definitions:
                found = read_document(path, "definition", self.definitions[path])
            elif path in self.files:
                found = read_document(path, contract_kind(path), self.files[path])
            else:
                return None
            self._documents[path] = found
        return self._documents[path]

    @cached_property
    def _documents(self) -> dict[str, Document]:
        return {}
