"""The Avro contracts of the platform: read, compared, printed and framed, without any I/O but reading files.

A name is imported when it is first asked for: a command that lints one file does not wait for the rest.
"""

from typing import TYPE_CHECKING

from tallystick.contracts.lazy import lazily

if TYPE_CHECKING:
    from tallystick.contracts._compatibility import Incompatibility, compatibility
    from tallystick.contracts.catalog import Catalog, load_catalog
    from tallystick.contracts.contract import Contract
    from tallystick.contracts.errors import AmbiguousAliasError, FrameError, SchemaError, TallystickError
    from tallystick.contracts.experiments import ExperimentDefinition, check_experiments, load_experiments
    from tallystick.contracts.faults import CatalogError, Fault
    from tallystick.contracts.hashing import contract_hash
    from tallystick.contracts.levels import LEVELS, Direction, Finding, Level, check
    from tallystick.contracts.metrics import ExperimentRole, Metric
    from tallystick.contracts.roles import FieldPath
    from tallystick.contracts.schema import Schema, parse
    from tallystick.contracts.sidecar import Sidecar, Tag
    from tallystick.contracts.wire import Frame, frame, unframe
else:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            "_compatibility": ("Incompatibility", "compatibility"),
            "catalog": ("Catalog", "load_catalog"),
            "contract": ("Contract",),
            "errors": ("AmbiguousAliasError", "FrameError", "SchemaError", "TallystickError"),
            "experiments": ("ExperimentDefinition", "check_experiments", "load_experiments"),
            "faults": ("CatalogError", "Fault"),
            "hashing": ("contract_hash",),
            "levels": ("LEVELS", "Direction", "Finding", "Level", "check"),
            "metrics": ("ExperimentRole", "Metric"),
            "roles": ("FieldPath",),
            "schema": ("Schema", "parse"),
            "sidecar": ("Sidecar", "Tag"),
            "wire": ("Frame", "frame", "unframe"),
        },
    )


__all__ = [
    "LEVELS",
    "AmbiguousAliasError",
    "Catalog",
    "CatalogError",
    "Contract",
    "Direction",
    "ExperimentDefinition",
    "ExperimentRole",
    "Fault",
    "FieldPath",
    "Finding",
    "Frame",
    "FrameError",
    "Incompatibility",
    "Level",
    "Metric",
    "Schema",
    "SchemaError",
    "Sidecar",
    "Tag",
    "TallystickError",
    "check",
    "check_experiments",
    "compatibility",
    "contract_hash",
    "frame",
    "load_catalog",
    "load_experiments",
    "parse",
    "unframe",
]
