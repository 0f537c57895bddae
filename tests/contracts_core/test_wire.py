"""Confluent's wire format."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.contracts import FrameError, frame, unframe

IDS = st.integers(0, 2**31 - 1)


@given(IDS, st.binary())
def test_what_is_framed_comes_out_again(schema_id: int, body: bytes) -> None:
    assert unframe(frame(schema_id, body)) == (schema_id, body)


def test_a_frame_is_a_nought_the_id_and_the_body() -> None:
    assert frame(0x01020304, b"body") == b"\x00\x01\x02\x03\x04body"


@given(st.binary().filter(lambda data: len(data) < 5 or data[0] != 0 or data[1] > 127))
def test_bytes_that_are_no_frame_are_refused(data: bytes) -> None:
    with pytest.raises(FrameError) as error:
        unframe(data)
    assert error.value.reason in {"too short", "wrong magic", "bad id"}
    assert error.value.reason in str(error.value)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "too short"),
        (b"\x00\x00\x00\x00", "too short"),
        (b"{1234}", "wrong magic"),
        (b"\x00\xff\x00\x00\x00", "bad id"),
    ],
)
def test_a_frame_error_has_a_reason_to_count_by(data: bytes, reason: str) -> None:
    with pytest.raises(FrameError) as error:
        unframe(data)
    assert error.value.reason == reason


@pytest.mark.parametrize("schema_id", [-1, 2**31])
def test_an_id_that_no_registry_gives_is_not_framed(schema_id: int) -> None:
    with pytest.raises(FrameError, match="bad id"):
        frame(schema_id, b"")


def test_other_buffers_than_bytes_can_be_unframed() -> None:
    assert unframe(memoryview(b"\x00\x00\x00\x00\x07x")).body == b"x"
