"""What generated classes inherit: a record that is its contract, and goes to Avro and JSON and back.

order = OrderCompleted(order_id="o1", total=Decimal("12.50"), ...)    # checked here, all faults at once
order.to_json(); OrderCompleted.from_json(text)                       # the forms of the HTTP API
order.to_avro(); OrderCompleted.from_avro(body, writer=older_text)    # the bytes that Java writes
"""

from __future__ import annotations

import json
import struct
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import core_schema
from typing_extensions import override

from tallystick.contracts import SchemaError, parse
from tallystick.sdk._codec.binding import Binding
from tallystick.sdk._codec.decode import Cursor, Read
from tallystick.sdk._codec.encode import Write, encoder
from tallystick.sdk._codec.plain import Plain, plainer
from tallystick.sdk._codec.resolve import decoder
from tallystick.sdk._codec.violations import Violation, violations
from tallystick.sdk._codec.wire import validator
from tallystick.sdk.errors import DecodeError, EncodeError
from tallystick.sdk.rules import Rule, broken, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import SchemaValidator
    from pydantic_core.core_schema import CoreSchema

__all__ = ["Event", "Record", "Violation", "violations"]

# What a writer of a value raises when the value is not what its class promises: a record that was made or changed
# behind the validation's back.
_BROKEN: Final = (AttributeError, KeyError, TypeError, ValueError, OverflowError, struct.error, RecursionError)
_UNREADABLE: Final = (ValueError, ArithmeticError, RecursionError)
_WRITERS_KEPT: Final = 64


class _Codec:
    """Everything that is built once per class, each part when it is first used.

    Args:
        cls: A generated class.
    """

    def __init__(self, cls: type[Record]) -> None:
        self.binding = Binding(cls)
        self.read_as = lru_cache(_WRITERS_KEPT)(self._read_as)

    @cached_property
    def write(self) -> Write:
        return encoder(self.binding)

    @cached_property
    def read(self) -> Read:
        return decoder(self.binding, self.binding.schema)

    @cached_property
    def plain(self) -> Plain:
        return plainer(self.binding)

    @cached_property
    def wire(self) -> SchemaValidator:
        return validator(self.binding)

    def _read_as(self, writer: str) -> Read:
        return decoder(self.binding, parse(writer))


class Record(BaseModel):
    """A record of a contract: immutable, and never wrong.

    Attributes:
        SCHEMA: The Avro schema, self-contained.
        SUBJECT: Its full name, which is also the registry's subject.
        FINGERPRINT: CRC-64-AVRO of its canonical form.
        CONTRACT_HASH: SHA-256 over everything that the contract means, roles and tags included.
        RULES: What the contract asks for beyond types; checked at construction.
    """

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,  # JSON has no such numbers, and one of them spoils every sum
        str_max_length=2**31 - 1,  # makes pydantic look at the text itself, and refuse lone surrogates
        validate_by_name=True,
        validate_by_alias=False,
        protected_namespaces=(),
        hide_input_in_errors=True,  # a payload is never logged
    )

    SCHEMA: ClassVar[str]
    SUBJECT: ClassVar[str]
    FINGERPRINT: ClassVar[int]
    CONTRACT_HASH: ClassVar[str]
    RULES: ClassVar[tuple[Rule, ...]] = ()

    @classmethod
    @override
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let the rules follow the types; a class without rules pays nothing for them."""
        schema = handler(source)
        return core_schema.no_info_after_validator_function(_ruled, schema) if cls.RULES else schema

    def to_avro(self) -> bytes:
        """Return the Avro body, as Java's writer makes it.

        Raises:
            EncodeError: An event without `meta`, or a record that was changed behind its validation.
        """
        out = bytearray()
        try:
            _codec(type(self)).write(self, out)
        except _BROKEN as error:
            raise _cannot_encode(self, error) from error
        return bytes(out)

    @classmethod
    def from_avro(cls, data: bytes, writer: str | None = None) -> Self:
        """Read an Avro body.

        Args:
            data: The body, without a frame around it.
            writer: The schema it was written with; this class's own if left out.

        Raises:
            DecodeError: The bytes are no such record, or the writer's schema does not resolve to this one.
        """
        codec = _codec(cls)
        cursor = Cursor(data)
        try:
            read = codec.read if writer is None or writer == cls.SCHEMA else codec.read_as(writer)
            record: Self = read(cursor)
        except ValidationError as error:
            first, *_ = violations(error)
            raise DecodeError(cls.SUBJECT, f"{first.path} is {first.code}") from error
        except (*_UNREADABLE, SchemaError) as error:
            raise DecodeError(cls.SUBJECT, str(error)) from error
        if cursor.left:
            raise DecodeError(cls.SUBJECT, f"{cursor.left} bytes follow after its end")
        return record

    def to_plain(self) -> dict[str, Any]:
        """Return the JSON form as dicts, lists, texts and numbers.

        Raises:
            EncodeError: As `to_avro`.
        """
        try:
            plain: dict[str, Any] = _codec(type(self)).plain(self)
        except _BROKEN as error:
            raise _cannot_encode(self, error) from error
        return plain

    @classmethod
    def from_plain(cls, value: Mapping[str, Any]) -> Self:
        """Read the JSON form from what a JSON parser made of it.

        Raises:
            ValidationError: It breaks the contract; see `violations`.
        """
        record: Self = _codec(cls).wire.validate_python(value)
        return record

    def to_json(self) -> str:
        """Return the JSON form on one line.

        Raises:
            EncodeError: As `to_avro`.
        """
        plain = self.to_plain()
        try:
            return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        except (TypeError, ValueError, RecursionError) as error:
            raise _cannot_encode(self, error) from error

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read the JSON form.

        Raises:
            ValidationError: It is not JSON, or it breaks the contract; see `violations`.
        """
        record: Self = _codec(cls).wire.validate_json(text)
        return record


class Event(Record):
    """Something that happened: a record whose first field tells who, when and where.

    The SDK fills `meta` when the event is tracked, so that it may be left out at construction.
    """

    def with_meta(self, meta: Record) -> Self:
        """Return the same event with its `meta` filled.

        Raises:
            ValidationError: It breaks a rule about its `meta`.
        """
        event = self.model_copy(update={"meta": meta})
        if any(each.needs_meta for each in self.RULES):
            _ruled(event)
        return event

    @override
    def to_plain(self) -> dict[str, Any]:
        _require_meta(self)
        return super().to_plain()

    @override
    def to_avro(self) -> bytes:
        _require_meta(self)
        return super().to_avro()


R = TypeVar("R", bound=Record)


def _ruled(record: R) -> R:
    """Let a record through that breaks none of its own rules."""
    error = refusal(type(record).__name__, (((), rule) for rule in broken(record, record.RULES)))
    if error is not None:
        raise error
    return record


def _require_meta(event: Event) -> None:
    if event.__dict__.get("meta") is None:
        raise EncodeError(event.SUBJECT, "it has no meta", fix="track it with an EventClient, or call with_meta(...)")


def _codec(cls: type[Record]) -> _Codec:
    """Return what was built for a class; it lives and dies with the class."""
    codec: _Codec | None = cls.__dict__.get("__codec__")
    if codec is None:
        codec = _Codec(cls)
        type.__setattr__(cls, "__codec__", codec)
    return codec


def _cannot_encode(record: Record, error: BaseException) -> EncodeError:
    return EncodeError(
        record.SUBJECT,
        str(error) or type(error).__name__,
        fix="build it with its constructor, and do not change what it holds",
    )
