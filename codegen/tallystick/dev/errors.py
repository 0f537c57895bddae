"""Errors of the dev stack.

TallystickError
└── DevError
    ├── PortBusyError         something else listens where a part should
    ├── PartDiedError         a part ended while it was starting
    ├── NotReadyError         a part did not answer in time
    ├── ContractRefusedError  the registry holds versions that a contract cannot follow
    ├── TopicMissingError     Kafka has no such topic
    └── QueryError            a question that the lake cannot answer
"""

from __future__ import annotations

from tallystick.contracts.errors import TallystickError

__all__ = [
    "ContractRefusedError",
    "DevError",
    "NotReadyError",
    "PartDiedError",
    "PortBusyError",
    "QueryError",
    "TopicMissingError",
]


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

    def __init__(self, part: str, address: str, seconds: float) -> None:
        message = f"the {part} at {address} gave no good answer within {seconds:.0f} s"
        super().__init__(message, fix=f"check that address and the {part}'s log")
        self.part = part


class ContractRefusedError(DevError):
    """The registry holds versions of a contract that the one in the folder cannot follow."""

    def __init__(self, subject: str, reasons: tuple[str, ...]) -> None:
        super().__init__(
            f"the registry refuses {subject}: {'; '.join(reasons)}",
            fix="make the change compatible; where the data is worth nothing, delete the stack's folder",
        )
        self.subject = subject


class TopicMissingError(DevError):
    """Kafka has no such topic."""

    def __init__(self, topic: str, bootstrap: str) -> None:
        super().__init__(
            f"Kafka at {bootstrap} has no topic {topic}", fix="`tallystick dev up` makes the platform's topics"
        )
        self.topic = topic


class QueryError(DevError):
    """A question that the lake cannot answer."""
