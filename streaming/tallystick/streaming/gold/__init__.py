"""Gold: the results of experiments, as they follow from Silver alone.

job ── snapshot ── counts ── results ── statistics
"""

from tallystick.streaming.gold.job import GoldOptions, compute, run

__all__ = ["GoldOptions", "compute", "run"]
