"""Silver: valid, normalised, deduplicated and experiment-aware, and always to be rebuilt from Bronze.

job ── batch ── plan, decode (logical, ruled, explain) ── facts (roles) ── duplicates (displaced) ── tally
├───── landing (typed) ── definitions, metrics (memory)
└───── recompute (experiments, changes)
rebuild
"""

from tallystick.streaming.silver.job import SilverOptions, prepare, run

__all__ = ["SilverOptions", "prepare", "run"]
