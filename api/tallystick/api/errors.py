"""What can stop an HTTP service of Tallystick before it answers its first request.

TallystickError
└── ServiceError
    ├── AddressTakenError       another program listens there
    ├── AddressRefusedError     the host or port cannot be bound at all
    ├── UnguardedError          reachable from other machines, and nothing guards it
    └── BadCertificateError     TLS files that cannot be used
"""

from __future__ import annotations

from tallystick.contracts.errors import TallystickError

__all__ = ["AddressRefusedError", "AddressTakenError", "BadCertificateError", "ServiceError", "UnguardedError"]


class ServiceError(TallystickError):
    """A service that cannot start; the parent of everything in this module."""


class AddressTakenError(ServiceError):
    """Another program listens on the port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"port {port} on {host} is taken by another program",
            fix="stop that program, or choose another port with --port",
        )


class AddressRefusedError(ServiceError):
    """The operating system does not let us listen there."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"cannot listen on {host}:{port}: {reason}",
            fix="give an address of this machine with --host, and a port above 1023 with --port",
        )


class UnguardedError(ServiceError):
    """Other machines would reach a service that asks nobody for a key."""

    def __init__(self, host: str, fix: str) -> None:
        super().__init__(f"{host} is reachable from other machines, but nothing guards this service", fix=fix)


class BadCertificateError(ServiceError):
    """A certificate or private key that cannot be read, or the two do not belong together."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the TLS files cannot be used: {reason}",
            fix="give a PEM certificate chain and its private key, both readable by this user",
        )
