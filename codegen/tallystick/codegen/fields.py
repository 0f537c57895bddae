"""Fields: their annotations, their defaults and what else is said about them, as Python expressions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tallystick.codegen.defaults import Defaults, NoDefaultError
from tallystick.codegen.imports import Imports
from tallystick.codegen.text import literal
from tallystick.contracts.contract import META, META_FIELD
from tallystick.contracts.roles import TAGS_PROPERTY
from tallystick.contracts.types import Array, Enum, Fixed, Map, Primitive, Record, Ref, Type, Union

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tallystick.codegen.plan import Module
    from tallystick.contracts.types import Field

__all__ = ["Attribute", "Attributes", "deprecation"]

_DEPRECATED: Final = "tallystick:deprecated"
# A field with one of these tags is not shown by `repr`, and so not logged by accident.
_HIDDEN_TAGS: Final = frozenset({"PII", "RAW"})

_TYPES: Final = "tallystick.sdk.types"

# (Avro type, logical type or None) -> (annotation, module to import it from). A logical type that is not here is
# carried as its underlying type: Python has no class that holds it exactly.
_LEAVES: Final[Mapping[tuple[str, str | None], tuple[str, str]]] = {
    ("null", None): ("None", ""),
    ("boolean", None): ("bool", ""),
    ("int", None): ("Int32", _TYPES),
    ("long", None): ("Int64", _TYPES),
    ("float", None): ("Float32", _TYPES),
    ("double", None): ("float", ""),
    ("bytes", None): ("bytes", ""),
    ("string", None): ("str", ""),
    ("string", "uuid"): ("UUID", "uuid"),
    ("fixed", "uuid"): ("UUID", "uuid"),
    ("int", "date"): ("Date", _TYPES),
    ("int", "time-millis"): ("TimeMillis", _TYPES),
    ("long", "time-micros"): ("Time", _TYPES),
    ("long", "timestamp-millis"): ("TimestampMillis", _TYPES),
    ("long", "timestamp-micros"): ("Timestamp", _TYPES),
    ("long", "local-timestamp-millis"): ("LocalTimestampMillis", _TYPES),
    ("long", "local-timestamp-micros"): ("LocalTimestamp", _TYPES),
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One field of a generated class.

    Attributes:
        name: Its Python name.
        annotation: Its type.
        default: Its default as an expression; empty if it has none.
        options: What `Field(...)` is told, in order; empty if it is not needed.
        doc: What it stands for.
    """

    name: str
    annotation: str
    default: str
    options: tuple[str, ...]
    doc: str


@dataclass(slots=True)
class Attributes:
    """Turns the fields of a module's records into attributes."""

    module: Module
    imports: Imports
    known: set[str] = field(default_factory=set)  # full names of the classes defined so far

    def of(self, record: Record) -> list[Attribute]:
        """Return a record's attributes in their order."""
        names = self.module.find(record.name).members
        is_event = record.name == self.module.contract.name and self.module.contract.is_event
        return [self._attribute(each, names[each.name], is_event=is_event) for each in record.fields]

    def _attribute(self, node: Field, name: str, *, is_event: bool) -> Attribute:
        needed = Imports()
        annotation = _Annotations(self.module, needed, self.known).of(node.type)
        self.imports.absorb(needed, is_quoted=_LATER in annotation)
        options: list[str] = []
        if is_event and node.name == META_FIELD and _name(node.type) == META:
            default, factory = "None", ""  # the SDK fills it
            annotation += " | None"
        else:
            default, factory = self._default(node)
        if factory:
            options.append(f"default_factory={factory}")
        if name != node.name:
            options.append(f"serialization_alias={literal(node.name)}")
        if _HIDDEN_TAGS.intersection(_tags(node)):
            options.append("repr=False")
        if note := deprecation(node.props):
            options.append(f"deprecated={literal(note)}")
        if options and default:
            options.insert(0, f"default={default}")
            default = ""
        if options:
            self.imports.add("pydantic", "Field")
        return Attribute(name, _quoted_if(annotation), default, tuple(options), (node.doc or "").strip())

    def _default(self, node: Field) -> tuple[str, str]:
        """Return a default and a default's factory, at most one of them filled."""
        if not node.has_default:
            return ("None" if self._is_nullable(node.type) else ""), ""
        try:
            value = Defaults(self.module, self.imports).of(node.type, node.default)
        except NoDefaultError:  # Avro lets a default be one that its logical type cannot hold
            return "", ""
        if value.is_plain:
            return value.text, ""
        if value.text == "{}":
            return "", "dict"
        return "", value.text.removesuffix("()") if value.is_bare_call else f"lambda: {value.text}"

    def _is_nullable(self, node: Type) -> bool:
        return _is_null(node) or (isinstance(node, Union) and any(_is_null(each) for each in node.branches))


_LATER: Final = "\0"  # no name holds it


@dataclass(frozen=True, slots=True)
class _Annotations:
    """Writes the annotations of one module, and notes what they need."""

    module: Module
    imports: Imports
    known: Collection[str]

    def of(self, node: Type) -> str:
        """Return a type's annotation; one with a class that comes later in the module begins with a mark."""
        match node:
            case Primitive() | Fixed():
                return self._leaf(node)
            case Record() | Enum() | Ref():
                return self._class(node)
            case Array():
                self.imports.add(_TYPES, "Array")
                return f"Array[{self.of(node.items)}]"
            case Map():
                self.imports.add(_TYPES, "Map")
                return f"Map[{self.of(node.values)}]"
            case Union():
                return self._union(node)

    def _leaf(self, node: Primitive | Fixed) -> str:
        logical = node.logical
        if logical is not None and logical.name == "decimal":
            self.imports.add("decimal", "Decimal")
            self.imports.add("typing", "Annotated")
            self.imports.add(_TYPES, "Precision")
            scale = f", scale={logical.scale}" if logical.scale else ""
            return f"Annotated[Decimal, Precision({logical.precision}{scale})]"
        key = (node.kind, logical.name if logical else None)
        if key not in _LEAVES:
            key = (node.kind, None)
        if key in _LEAVES:
            text, module = _LEAVES[key]
            self.imports.add(module, text)
            return text
        self.imports.add("typing", "Annotated")
        self.imports.add(_TYPES, "Size")
        return f"Annotated[bytes, Size({node.size if isinstance(node, Fixed) else 0})]"

    def _class(self, node: Record | Enum | Ref) -> str:
        definition = self.module.contract.schema.resolve(node)
        if isinstance(definition, Fixed):
            return self._leaf(definition)
        name = self.imports.use(self.module, node.name)
        return name if node.name in self.known or node.name in self.module.imported else _LATER + name

    def _union(self, node: Union) -> str:
        texts = list(dict.fromkeys(self.of(each) for each in node.branches if not _is_null(each)))
        if len(texts) < len(node.branches) and any(_is_null(each) for each in node.branches):
            texts.append("None")
        if not texts:
            self.imports.add(_TYPES, "Nothing")
        return " | ".join(texts) or "Nothing"


def _quoted_if(annotation: str) -> str:
    """Quote an annotation that names a class which is not defined yet."""
    return literal(annotation.replace(_LATER, "")) if _LATER in annotation else annotation


def _is_null(node: Type) -> bool:
    return isinstance(node, Primitive) and node.name == "null"


def _name(node: Type) -> str:
    return node.name if isinstance(node, (Record, Enum, Fixed, Ref)) else ""


def _tags(node: Field) -> set[str]:
    tags = node.props.get(TAGS_PROPERTY)
    return {str(each) for each in tags} if isinstance(tags, list) else set()


def deprecation(props: Mapping[str, object]) -> str:
    """Return what to use instead of something deprecated; empty if it is not."""
    value = props.get(_DEPRECATED)
    if not value:
        return ""
    use = value.get("use") if isinstance(value, dict) else None
    return f"use {use}" if isinstance(use, str) else "deprecated"
