"""The demo's errors, all for a person to mend.

DemoError
├── PlayersFileError    --players names a file that is not what it should be
└── SettingError        the contracts or experiments do not hold what the demo needs
"""

from __future__ import annotations

from tallystick.contracts.errors import TallystickError

__all__ = ["DemoError", "PlayersFileError", "SettingError"]


class DemoError(TallystickError):
    """Something that keeps the demo from running."""


class PlayersFileError(DemoError):
    """A file of players that cannot be read as one."""


class SettingError(DemoError):
    """Contracts or experiments without which the demo has nothing to show."""
