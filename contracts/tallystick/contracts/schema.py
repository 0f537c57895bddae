"""A schema as a value: parsed once, then asked for its text, its canonical form and its types."""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from tallystick.contracts._fingerprint import crc64
from tallystick.contracts._json import check_depth, read_json
from tallystick.contracts._linking import link
from tallystick.contracts._parser import Parser
from tallystick.contracts._rendering import canonical_text, schema_text
from tallystick.contracts.types import Concrete, Enum, Fixed, Named, Primitive, Record, Ref, Type, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Schema", "parse"]


class Schema:
    """An Avro schema that Java's parser accepts. Made by `parse`; two schemas are equal if their texts are.

    Attributes:
        root: The whole schema.
        named: Full name to definition of all named types, in reading order.
    """

    def __init__(self, root: Type) -> None:
        definitions: dict[str, Named] = {}
        for node in walk(root):
            if isinstance(node, (Record, Enum, Fixed)):
                definitions.setdefault(node.name, node)
        self.root: Final = root
        self.named: Final[Mapping[str, Named]] = MappingProxyType(definitions)

    @property
    def name(self) -> str:
        """The full name, or the type's word where it has no name, such as `union`."""
        root = self.root
        return root.name if isinstance(root, (Primitive, Record, Enum, Fixed, Ref)) else root.kind

    @cached_property
    def text(self) -> str:
        """The schema on its own, as Java's `Schema.toString()` writes it.

        Raises:
            SchemaError: It nests deeper than a schema may, since each of its many types is used before its definition.
        """
        text = schema_text(self.root, self.named)
        check_depth(text)
        return text

    @cached_property
    def canonical(self) -> str:
        """The Parsing Canonical Form, as Java's `SchemaNormalization.toParsingForm` writes it."""
        return canonical_text(self.root, self.named)

    @cached_property
    def fingerprint(self) -> int:
        """CRC-64-AVRO of the canonical form, unsigned."""
        return crc64(self.canonical.encode())

    def text_beside(self, references: Iterable[Schema]) -> str:
        """The text beside other schemas: where one of them is used, its name stands alone.

        As in Java's `toString(Collection<Schema>, false)`, a type inside one of them is still written out.
        """
        return schema_text(self.root, self.named, known=[each.name for each in references])

    def resolve(self, node: Type) -> Concrete:
        """Return the definition behind a use of a named type; any other type as it is."""
        return self.named[node.name] if isinstance(node, Ref) else node

    @override
    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Schema) else NotImplemented

    @override
    def __hash__(self) -> int:
        return hash(self.text)

    @override
    def __repr__(self) -> str:
        return f"<Schema {self.name} {self.fingerprint:016x}>"


def parse(text: str, *, references: Iterable[Schema] = ()) -> Schema:
    """Read a schema from its JSON text.

    What is accepted is what Java Avro 1.12.1's `new Schema.Parser().parse(text)` accepts, but for two things: comments,
    and text far behind the end of a schema of more than 32 KiB, which Java overlooks. Both are refused.

    Args:
        text: The schema.
        references: Schemas whose named types the text may use; the result holds their definitions itself.

    Raises:
        SchemaError: Avro refuses the schema.
    """
    parser = Parser()
    for reference in references:
        for named in reference.named.values():
            parser.add(named, ())
    return Schema(link(parser.parse(read_json(text)), parser))
