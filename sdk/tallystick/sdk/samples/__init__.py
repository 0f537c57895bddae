"""Examples of events, made from nothing but their generated classes: valid ones, those at the limits, and wrong ones.

samples(OrderCompleted, count=3, seed=7)      # realistic, valid under every rule of the contract, always the same
boundaries(OrderCompleted)                    # least, greatest, and one for every branch of a union
mistakes(OrderCompleted, count=5, seed=7)     # in JSON form, each with the one mistake that is in it
"""

from __future__ import annotations

from tallystick.sdk.samples._boundaries import Boundary, boundaries
from tallystick.sdk.samples._errors import SampleError
from tallystick.sdk.samples._mistakes import Mistake, mistakes
from tallystick.sdk.samples._typical import samples

__all__ = ["Boundary", "Mistake", "SampleError", "boundaries", "mistakes", "samples"]
