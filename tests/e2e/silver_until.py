"""Runs Silver and kills itself: `silver_until.py LAKE REGISTRY STEP NUMBER` dies when STEP is done NUMBER times."""

from __future__ import annotations

import os
import signal
import sys
from itertools import count

from tallystick.sdk.registry import RegistryClient
from tallystick.streaming import silver
from tallystick.streaming.lake import Lake
from tallystick.streaming.session import SessionOptions, open_session


def main(lake: str, registry: str, step: str, number: str) -> None:
    times = count(1)

    def reached(name: str) -> None:
        if name == step and next(times) == int(number):
            os.kill(os.getpid(), signal.SIGKILL)

    spark = open_session(SessionOptions(lake=lake))
    # A file of Bronze at a time, so that there are several micro-batches.
    options = silver.SilverOptions(once=True, max_files=1)
    silver.run(spark, Lake(lake), RegistryClient(registry), options, reached=reached)


if __name__ == "__main__":
    main(*sys.argv[1:])
