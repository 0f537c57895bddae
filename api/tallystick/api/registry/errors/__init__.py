"""Every refusal of the registry: one class per row of Confluent's error table, with its status, code and message.

    RegistryError                        status, code, message
    ├── NotFoundError                    404
    │   ├── SubjectNotFoundError         40401
    │   ├── VersionNotFoundError         40402
    │   ├── SchemaNotFoundError          40403
    │   ├── SubjectSoftDeletedError      40404
    │   ├── SubjectNotSoftDeletedError   40405
    │   ├── VersionSoftDeletedError      40406
    │   ├── VersionNotSoftDeletedError   40407
    │   ├── ConfigNotSetError            40408
    │   └── ModeNotSetError              40409
    ├── IncompatibleSchemaError          409, code 409 or 40901
    ├── UnprocessableError               422
    │   ├── InvalidSchemaError           42201
    │   ├── InvalidVersionError          42202
    │   ├── InvalidCompatibilityError    42203
    │   ├── InvalidPolicyError           42203
    │   ├── InvalidModeError             42204
    │   ├── OperationNotPermittedError   42205
    │   ├── ReferenceExistsError         42206
    │   ├── IdDoesNotMatchError          42207
    │   ├── InvalidSubjectError          42208
    │   ├── SchemaTooLargeError          42209
    │   ├── InvalidRuleSetError          42210
    │   └── ContextNotEmptyError         42211
    ├── StoreBusyError                   503, code 50302: the database is locked or away
    ├── StoreFullError                   507, code 50701: the database takes no more
    └── GenericError                     any other status, whose code is the status: 400, 401, 403, 405, 406, 413, 415

A class carries its facts; the text that a client sees is written here and nowhere else.
"""

from tallystick.api.registry.errors.base import (
    GenericError,
    RegistryError,
    StoreBusyError,
    StoreFullError,
)
from tallystick.api.registry.errors.missing import (
    ConfigNotSetError,
    ModeNotSetError,
    NotFoundError,
    SchemaNotFoundError,
    SubjectNotFoundError,
    SubjectNotSoftDeletedError,
    SubjectSoftDeletedError,
    VersionNotFoundError,
    VersionNotSoftDeletedError,
    VersionSoftDeletedError,
)
from tallystick.api.registry.errors.refused import (
    ContextNotEmptyError,
    IdDoesNotMatchError,
    IncompatibleSchemaError,
    InvalidCompatibilityError,
    InvalidModeError,
    InvalidPolicyError,
    InvalidRuleSetError,
    InvalidSchemaError,
    InvalidSubjectError,
    InvalidVersionError,
    OperationNotPermittedError,
    ReferenceExistsError,
    SchemaTooLargeError,
    UnprocessableError,
)

__all__ = [
    "ConfigNotSetError",
    "ContextNotEmptyError",
    "GenericError",
    "IdDoesNotMatchError",
    "IncompatibleSchemaError",
    "InvalidCompatibilityError",
    "InvalidModeError",
    "InvalidPolicyError",
    "InvalidRuleSetError",
    "InvalidSchemaError",
    "InvalidSubjectError",
    "InvalidVersionError",
    "ModeNotSetError",
    "NotFoundError",
    "OperationNotPermittedError",
    "ReferenceExistsError",
    "RegistryError",
    "SchemaNotFoundError",
    "SchemaTooLargeError",
    "StoreBusyError",
    "StoreFullError",
    "SubjectNotFoundError",
    "SubjectNotSoftDeletedError",
    "SubjectSoftDeletedError",
    "UnprocessableError",
    "VersionNotFoundError",
    "VersionNotSoftDeletedError",
    "VersionSoftDeletedError",
]
