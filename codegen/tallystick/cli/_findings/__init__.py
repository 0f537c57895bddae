"""Findings as people, code hosts and other tools want to read them.

    print(render("sarif", report))

A report holds the findings and the texts of the files that they speak of; every format is a pure function of it,
in a module that is imported only when somebody asks for that format.
"""

from __future__ import annotations

import importlib
from typing import Final

from tallystick.cli._findings.report import Report

__all__ = ["FORMATS", "Report", "render"]

# Format -> the module here that holds a function of that name.
_MODULES: Final = {
    "text": "text",
    "json": "machines",
    "github": "hosts",
    "gitlab": "hosts",
    "sarif": "sarif",
    "junit": "machines",
}
FORMATS: Final = tuple(_MODULES)


def render(style: str, report: Report) -> str:
    """Write a report in one of the `FORMATS`; the result has no newline at its end."""
    module = importlib.import_module(f"{__name__}.{_MODULES[style]}")
    written: str = getattr(module, f"render_{style}")(report)
    return written
