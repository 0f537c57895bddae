"""The Avro contracts of the platform: read, compared, printed and framed, without any I/O but reading files."""

from tallystick.contracts.catalog import Catalog, load_catalog
from tallystick.contracts.compatibility import Incompatibility, compatibility
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
