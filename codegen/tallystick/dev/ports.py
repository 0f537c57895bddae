"""TCP ports on loopback: is one free, and which one is."""

from __future__ import annotations

import socket

from tallystick.dev.errors import PortBusyError

__all__ = ["HOST", "free_port", "is_free", "require_free"]

HOST = "127.0.0.1"


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether nothing listens on a port."""
    with socket.socket() as probe:
        # Connections that are only waiting for their last packets must not count as a listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def require_free(port: int, option: str) -> None:
    """Refuse a port that something listens on.

    Args:
        port: The port.
        option: The option that chooses another one, for the message.

    Raises:
        PortBusyError: Something listens there.
    """
    if not is_free(port):
        raise PortBusyError(port, option)
