"""The jobs' own log: a JSON object a line on standard error, beside Spark's warnings."""

from __future__ import annotations

import sys

import structlog

__all__ = ["configure"]


def configure() -> None:
    """Log as JSON."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
