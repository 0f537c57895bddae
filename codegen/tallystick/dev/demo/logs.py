"""Keeps the jobs' log lines off the terminal, where the bars are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["log_to"]


def log_to(path: Path) -> None:
    """Write what the Spark jobs log to a file, a JSON object a line; an older file is replaced."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        # Held open for as long as the process lives.
        logger_factory=structlog.WriteLoggerFactory(path.open("w", encoding="utf-8")),
        cache_logger_on_first_use=False,
    )
