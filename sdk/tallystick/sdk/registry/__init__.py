"""Client of a Confluent-compatible schema registry.

It speaks only what Confluent's, Karapace's, Redpanda's, Apicurio's and our own registry have in common.
`_wire` builds requests and reads answers without any I/O; `_client` is the door.
"""

from tallystick.sdk.errors import (
    IncompatibleSchema,
    NotAvroError,
    RegistryError,
    RegistryUnavailable,
    UnknownSchema,
)
from tallystick.sdk.registry._client import RegistryClient
from tallystick.sdk.registry._wire import RegisteredSchema, Verdict

__all__ = [
    "IncompatibleSchema",
    "NotAvroError",
    "RegisteredSchema",
    "RegistryClient",
    "RegistryError",
    "RegistryUnavailable",
    "UnknownSchema",
    "Verdict",
]
