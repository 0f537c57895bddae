"""The Avro contracts of the platform: read, compared, printed and framed, without any I/O but reading files."""

from tallystick.contracts.compatibility import Incompatibility, compatibility
from tallystick.contracts.errors import AmbiguousAliasError, FrameError, SchemaError, TallystickError
from tallystick.contracts.levels import LEVELS, Direction, Finding, Level, check
from tallystick.contracts.schema import Schema, parse
from tallystick.contracts.wire import Frame, frame, unframe

__all__ = [
    "LEVELS",
    "AmbiguousAliasError",
    "Direction",
    "Finding",
    "Frame",
    "FrameError",
    "Incompatibility",
    "Level",
    "Schema",
    "SchemaError",
    "TallystickError",
    "check",
    "compatibility",
    "frame",
    "parse",
    "unframe",
]
