"""Errors of the dev stack.

TallystickError
└── DevError
    ├── PortBusyError         something else listens where a part should
    ├── PartDiedError         a part ended while it was starting
    ├── NotReadyError         a part did not answer in time
    └── OtherAddressError     the stack in this folder already runs, at other addresses
"""

from __future__ import annotations

from tallystick.contracts.errors import TallystickError

__all__ = ["DevError", "NotReadyError", "OtherAddressError", "PartDiedError", "PortBusyError"]


class DevError(TallystickError):
    """The root of what can go wrong with the dev stack."""


class PortBusyError(DevError):
    """Something else listens on a port that a part of the stack wants."""

    def __init__(self, port: int, option: str) -> None:
        super().__init__(
            f"port {port} is in use by another program",
            fix=f"end that program, or choose another port with {option} PORT",
        )
        self.port = port
        self.option = option


class PartDiedError(DevError):
    """A part of the stack ended while it was starting."""

    def __init__(self, part: str, log: str, tail: str) -> None:
        super().__init__(f"the {part} ended while it was starting; its last words:\n{tail}", fix=f"read {log}")
        self.part = part


class NotReadyError(DevError):
    """A part of the stack did not become ready in time."""

    def __init__(self, part: str, address: str, seconds: float, *, fix: str) -> None:
        super().__init__(f"the {part} at {address} gave no good answer within {seconds:.0f} s", fix=fix)
        self.part = part


class OtherAddressError(DevError):
    """The stack in this folder already runs, at other addresses than the ones asked for."""

    def __init__(self, part: str, running: str, wanted: str) -> None:
        super().__init__(
            f"the {part} of this folder already runs at {running}, not at {wanted}",
            fix="tallystick dev down, then up again",
        )
        self.part = part
