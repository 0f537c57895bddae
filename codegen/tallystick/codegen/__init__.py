"""The compiler: contracts in, Python out. A pure function; writing files is its caller's part."""

from tallystick.codegen.generate import generate
from tallystick.codegen.memory import load
from tallystick.codegen.render import HEADER

__all__ = ["HEADER", "generate", "load"]
