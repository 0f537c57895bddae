"""All files of a repository of contracts, read once, and what rules about more than one file ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.document import Document, read_document
from tallystick.contracts.lint.sites import SchemaView, TypeSite, view

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from tallystick.contracts._jsonfaults import Fault
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.celtypes import StatedRule
    from tallystick.contracts.lint.document import DocumentKind, Path

    Files = Mapping[str, bytes | Fault]

__all__ = ["EXPERIMENT", "META", "Repository", "SchemaFile", "contract_kind"]

META: Final = "tallystick.Meta"
EXPERIMENT: Final = "tallystick:experiment"
_DOMAIN: Final = "_domain.yaml"
_DEEPEST_PATH: Final = 8
_TAGS: Final = "tags.yaml"
_KINDS: Final[Mapping[str, DocumentKind]] = {_DOMAIN: "domain", _TAGS: "tags"}


@dataclass(eq=False)
class SchemaFile:
    """A schema with what stands around it.

    Attributes:
        document: The file.
        repository: All the others.
    """

    document: Document
    repository: Repository

    @cached_property
    def view(self) -> SchemaView:
        """The schema's places."""
        return view(self.document.value)

    @cached_property
    def root(self) -> TypeSite:
        """The outermost type."""
        return self.view.root

    @property
    def is_record(self) -> bool:
        """Whether it is a record at all."""
        return self.root.kind == "record"

    @cached_property
    def is_event(self) -> bool:
        """Whether its first field is `meta: tallystick.Meta`."""
        fields = self.root.fields
        return bool(fields) and fields[0].name == "meta" and fields[0].type.name == META

    @cached_property
    def is_meant_as_event(self) -> bool:
        """Whether it is an event, or looks as if it was meant to be one."""
        return self.is_event or any(each.name == "meta" for each in self.root.fields)

    @cached_property
    def experiment(self) -> dict[str, Json] | None:
        """The property `tallystick:experiment`, if it is an object."""
        value = self.root.attributes.get(EXPERIMENT)
        return value if isinstance(value, dict) else None

    @cached_property
    def field_paths(self) -> tuple[str, ...]:
        """The dotted paths of all fields that are there once: through records and nullables, not lists and maps."""
        found: list[str] = []
        pending: list[tuple[TypeSite, str]] = [(self.root, "")]
        while pending:
            site, prefix = pending.pop()
            site = self.repository.resolve(site)
            pending += [(child, prefix) for child in site.children if site.kind == "union"]
            for each in site.fields:
                found.append(prefix + each.name)
                if prefix.count(".") < _DEEPEST_PATH:
                    pending.append((each.type, f"{prefix}{each.name}."))
        return tuple(found)

    @property
    def objects(self) -> Iterator[tuple[Path, Mapping[str, Json]]]:
        """Every type and field that is an object, and its place."""
        yield from ((each.path, each.attributes) for each in self.view.types if each.attributes)
        yield from ((each.path, each.attributes) for each in self.view.fields)

    @cached_property
    def rules(self) -> tuple[StatedRule, ...]:
        """The rules of its records and fields, compiled."""
        if "confluent:rules" not in self.document.text:
            return ()
        # Most files state no rule, and need no compiler of rules.
        from tallystick.contracts.lint.celtypes import stated_rules

        return tuple(stated_rules(self.view, self.repository))

    def bounded(self, record: TypeSite) -> frozenset[str]:
        """The fields of a record whose length some rule bounds."""
        return self._bounded.get(id(record), frozenset())

    @cached_property
    def _bounded(self) -> dict[int, frozenset[str]]:
        found: dict[int, frozenset[str]] = {}
        for rule in self.rules:
            for _, *names in rule.bounded:
                owner = self._owner(rule.record, names[:-1])
                found[id(owner)] = found.get(id(owner), frozenset()) | {*names[-1:]}
        return found

    def _owner(self, record: TypeSite, names: list[str]) -> TypeSite:
        for name in names:
            inner = next((each.plain for each in record.fields if each.name == name), None)
            record = self.repository.resolve(inner) if inner is not None else record
        return record

    @property
    def sidecar(self) -> Document | None:
        """The YAML file beside it."""
        return self.repository.documents.get(self.document.path.removesuffix(".avsc") + ".yaml")

    @property
    def domains(self) -> tuple[Document, ...]:
        """The defaults of its folder and of those above it, the innermost first."""
        *folders, _ = self.document.path.split("/")
        places = ["/".join((*folders[:depth], _DOMAIN)) for depth in range(len(folders), -1, -1)]
        documents = self.repository.documents
        return tuple(documents[place] for place in places if place in documents)


@dataclass(eq=False)
class Repository:
    """Every file below one root.

    Attributes:
        documents: Path below the root -> file, sorted.
        definitions: Path -> definition of an experiment, sorted.
        today: The day on which suppressions are judged.
        above: The path of the root itself: the folders of a namespace may start there.
    """

    documents: Mapping[str, Document]
    definitions: Mapping[str, Document]
    today: dt.date
    above: str = ""

    @classmethod
    def of(cls, files: Files, today: dt.date, definitions: Files | None = None, *, above: str = "") -> Repository:
        """Read files.

        Args:
            files: Path below the root -> bytes, or why there are none.
            today: The day on which suppressions are judged.
            definitions: The same for the definitions of experiments.
            above: The path of the root itself.
        """
        documents = {path: read_document(path, contract_kind(path), files[path]) for path in sorted(files)}
        plans = {path: read_document(path, "definition", data) for path, data in sorted((definitions or {}).items())}
        return cls(documents, plans, today, above)

    @cached_property
    def schemas(self) -> Mapping[str, SchemaFile]:
        """Path -> schema, for every schema that is JSON."""
        return {
            path: SchemaFile(document, self)
            for path, document in self.documents.items()
            if document.kind == "schema" and document.is_readable
        }

    @cached_property
    def roots(self) -> Mapping[str, SchemaFile]:
        """Full name -> the file that holds it; only these can be named in other files."""
        found: dict[str, SchemaFile] = {}
        for schema in self.schemas.values():
            found.setdefault(schema.root.name, schema)
        return found

    @cached_property
    def named(self) -> Mapping[str, tuple[SchemaFile, TypeSite]]:
        """Full name -> where it is defined first, also within another type; a file's own type comes first."""
        found = {name: (schema, schema.root) for name, schema in self.roots.items()}
        for schema in self.schemas.values():
            for name, site in schema.view.named.items():
                found.setdefault(name, (schema, site))
        return found

    @cached_property
    def metrics(self) -> Mapping[str, tuple[SchemaFile, Path]]:
        """Key of a metric -> where it is defined first."""
        found: dict[str, tuple[SchemaFile, Path]] = {}
        for schema in self.schemas.values():
            stated = (schema.experiment or {}).get("metrics")
            for index, each in enumerate(stated if isinstance(stated, list) else ()):
                key = each.get("key") if isinstance(each, dict) else None
                if isinstance(key, str):
                    found.setdefault(key, (schema, (EXPERIMENT, "metrics", index)))
        return found

    @cached_property
    def exposed_units(self) -> frozenset[str]:
        """The unit types of all exposures."""
        parts = (schema.experiment or {} for schema in self.schemas.values())
        return frozenset(str(part.get("unit_type")) for part in parts if part.get("role") == "exposure")

    @cached_property
    def tags(self) -> Mapping[str, Json] | None:
        """The tags of `tags.yaml`, or None where there is no such file."""
        document = self.documents.get(_TAGS)
        if document is None or not isinstance(document.value, dict):
            return None
        return document.value

    def resolve(self, site: TypeSite) -> TypeSite:
        """The definition that a ref refers to, in this file or another; any other type itself."""
        if site.kind != "ref":
            return site
        if site.target is not None:
            return site.target
        found = self.roots.get(site.name)
        return found.root if found else site


def contract_kind(path: str) -> DocumentKind:
    """What a file below the root is for, by its name."""
    name = path.rpartition("/")[2]
    if name.endswith((".avsc", ".json")):
        return "schema"
    return _KINDS.get(name, "sidecar")
