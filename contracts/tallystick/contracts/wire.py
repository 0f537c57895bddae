"""The frame around every Avro body on Kafka, as Confluent's serialisers write it.

byte 0      magic, always 0
bytes 1-4   id of the writer schema, big-endian
bytes 5-    the Avro body
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from tallystick.contracts.errors import FrameError

__all__ = ["HEADER_SIZE", "MAGIC", "Frame", "frame", "unframe"]

MAGIC: Final = 0
_HEADER: Final = struct.Struct(">Bi")
HEADER_SIZE: Final = _HEADER.size
_MAX_ID: Final = 2**31 - 1


class Frame(NamedTuple):
    """A framed message taken apart."""

    schema_id: int
    body: bytes


def frame(schema_id: int, body: bytes) -> bytes:
    """Put the schema's id before an Avro body.

    Raises:
        FrameError: The id is none that a registry gives.
    """
    if not 0 <= schema_id <= _MAX_ID:
        raise FrameError("bad id", f"schema id {schema_id} is not within 0 and {_MAX_ID}")
    return _HEADER.pack(MAGIC, schema_id) + body


def unframe(data: bytes | bytearray | memoryview) -> Frame:
    """Take a framed message apart.

    Raises:
        FrameError: The bytes are no frame; its `reason` tells why.
    """
    if len(data) < HEADER_SIZE:
        raise FrameError("too short", f"{len(data)} bytes are less than the {HEADER_SIZE} of the header")
    magic, schema_id = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise FrameError("wrong magic", f"the first byte is {magic}, not {MAGIC}")
    if schema_id < 0:
        raise FrameError("bad id", f"schema id {schema_id} is negative")
    return Frame(schema_id, bytes(data[HEADER_SIZE:]))
