"""Registries as the command line reaches them: the address on the line, the secret in the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tallystick.sdk.registry import RegistryClient

__all__ = ["REGISTRY_AUTH", "open_registry"]

REGISTRY_AUTH: Final = "TALLYSTICK_REGISTRY_AUTH"


def open_registry(url: str, variable: str = REGISTRY_AUTH) -> RegistryClient:
    """A client of a registry.

    Args:
        url: Its address.
        variable: The environment variable that holds NAME:PASSWORD or a bearer token, if the registry wants any.
    """
    from tallystick.sdk.registry import RegistryClient

    secret = os.environ.get(variable, "")
    name, colon, password = secret.partition(":")
    return RegistryClient(url, auth=(name, password) if colon else secret or None)
