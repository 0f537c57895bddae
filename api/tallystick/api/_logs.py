"""Structured logs: one JSON object a line on standard error, from our code and from every library."""

from __future__ import annotations

import logging
import sys
from typing import Final

import structlog

__all__ = ["configure_logs"]

_SHARED: Final[tuple[structlog.typing.Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
)
# They tell of every request that they make, and readiness is asked for every few seconds.
_TALKATIVE: Final = ("httpx", "httpcore")


def configure_logs(*, level: str = "info") -> None:
    """Send every log record of this process to standard error as JSON.

    Context bound with `structlog.contextvars` (the request id, for one) appears on every line that is written under it.

    Args:
        level: The least severe level that is written; a name of the standard library's. Only `debug` lets the HTTP
            client's own lines through.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.NOTSET if root.level <= logging.DEBUG else logging.WARNING)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
