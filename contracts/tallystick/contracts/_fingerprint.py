"""CRC-64-AVRO, the 64-bit Rabin fingerprint of Avro's specification."""

from __future__ import annotations

from typing import Final

__all__ = ["crc64"]

_EMPTY: Final = 0xC15D213AA4D7A795


def _entry(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ (_EMPTY if value & 1 else 0)
    return value


_TABLE: Final = tuple(_entry(byte) for byte in range(256))


def crc64(data: bytes) -> int:
    """Return the fingerprint as an unsigned number."""
    result = _EMPTY
    for byte in data:
        result = (result >> 8) ^ _TABLE[(result ^ byte) & 0xFF]
    return result
