"""Tells an exposure that is news from one that was sent already."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from tallystick.sdk.errors import OptionsError
from tallystick.sdk.roles import reader, roles_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.sdk.record import Event

__all__ = ["Exposures"]

_ROLES: Final = ("experiment.experiment_key", "experiment.unit_id", "experiment.variant_key")


class Exposures:
    """Remembers the variant that each unit saw last in each experiment.

    Args:
        limit: How many units of experiments are remembered; the longest unseen are forgotten first, and sent again.
    """

    def __init__(self, limit: int = 100_000) -> None:
        self._limit = limit
        self._seen: OrderedDict[tuple[object, ...], object] = OrderedDict()
        self._readers: dict[type[Event], Callable[[Event], tuple[Any, ...]]] = {}

    def is_news(self, event: Event) -> bool:
        """Whether the unit has not just been exposed to this very variant.

        Raises:
            OptionsError: The event's contract is no exposure.
        """
        experiment, unit, variant = self._reader(type(event))(event)
        place = (event.SUBJECT, experiment, unit)
        if self._seen.get(place) == variant:
            self._seen.move_to_end(place)
            return False
        self._seen[place] = variant
        self._seen.move_to_end(place)
        if len(self._seen) > self._limit:
            self._seen.popitem(last=False)
        return True

    def _reader(self, kind: type[Event]) -> Callable[[Event], tuple[Any, ...]]:
        reader = self._readers.get(kind)
        if reader is None:
            reader = self._readers[kind] = _reader_of(kind)
        return reader


def _reader_of(kind: type[Event]) -> Callable[[Event], tuple[Any, ...]]:
    roles = roles_of(kind)
    if any(role not in roles for role in _ROLES):
        raise OptionsError(f"{kind.SUBJECT} is no exposure: it lacks one of the roles {', '.join(_ROLES)}")
    return reader(kind, [roles[role][0] for role in _ROLES])
