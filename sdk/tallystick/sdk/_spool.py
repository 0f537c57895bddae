"""Events on disk until their fate is known, so that neither `kill -9` nor a long outage loses one.

Two kinds of files: the journal holds what is also in memory, for the case that the process dies; the overflow holds
what found no room in memory, and is read back when there is. Files of processes that died are read back like the
overflow, oldest first.
"""

from __future__ import annotations

import logging
import time
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tallystick.sdk._segments import SUFFIX, Segment, claim, create
from tallystick.sdk.errors import OptionsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tallystick.sdk.transport import Outgoing

__all__ = ["Spool"]

_log = logging.getLogger("tallystick.sdk")

_SEGMENT_BYTES: Final = 4 * 1024 * 1024
# A journal whose events are all delivered is replaced when it is this old: so it is short, and replays little.
_JOURNAL_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 10.0


class Spool:
    """The files of one client in a folder that it may share.

    Args:
        folder: The folder; made if it is missing.
        max_bytes: What this client may keep there.

    Raises:
        OptionsError: The folder cannot be used.
    """

    def __init__(self, folder: Path | str, max_bytes: int) -> None:
        self._folder = Path(folder)
        self._max_bytes = max_bytes
        self._journal: Segment | None = None
        self._overflow: Segment | None = None
        # Written by trackers and tended by the dispatcher; both only append or replace, which no thread sees half done.
        self._owned: list[Segment] = []
        self._looked_at = float("-inf")
        self._bytes = 0
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = create(self._folder, is_read_back=False)
            probe.delete()
            probe.release()
        except OSError as error:
            raise OptionsError(f"spool_dir {folder} cannot be used: {error.strerror}") from None

    # --- for any thread ---------------------------------------------------------------------------

    def journal(self, event: Outgoing) -> Segment | None:
        """Write down an event that stays in memory; None where there is no room."""
        while True:
            segment = self._journal or self._open(is_read_back=False)
            if segment is None or not self._try(segment, event):
                return None
            if not segment.is_deleted:
                return segment

    def overflow(self, event: Outgoing) -> bool:
        """Write down an event that has no room in memory; returns whether that could be done."""
        while True:
            segment = self._overflow or self._open(is_read_back=True)
            if segment is None or not self._try(segment, event):
                return False
            if not segment.is_deleted:
                return True

    def _open(self, *, is_read_back: bool) -> Segment | None:
        if self._bytes >= self._max_bytes:
            return None
        try:
            segment = self._own(create(self._folder, is_read_back=is_read_back))
        except OSError as error:
            _log.error("the spool cannot be written: %s", error.strerror)
            return None
        if is_read_back:
            self._overflow = segment
        else:
            self._journal = segment
        return segment

    def _try(self, segment: Segment, event: Outgoing) -> bool:
        if self._bytes >= self._max_bytes:
            return False
        try:
            return segment.write(event) or segment.is_deleted
        except OSError as error:
            _log.error("the spool cannot be written: %s", error.strerror)
            return False

    def _own(self, segment: Segment) -> Segment:
        self._owned.append(segment)
        return segment

    # --- for the dispatcher -----------------------------------------------------------------------

    def tend(self, *, is_quiet: bool) -> None:
        """Replace what is full or done with, and remove what is spent.

        Args:
            is_quiet: Whether every event that was written down is known to the dispatcher.
        """
        journal, overflow = self._journal, self._overflow
        if journal is not None and (journal.size >= _SEGMENT_BYTES or (is_quiet and _is_stale(journal))):
            self._journal = None
        if overflow is not None and overflow.size >= _SEGMENT_BYTES:
            self._overflow = None
        in_use = (self._journal, self._overflow)
        for segment in tuple(self._owned):
            if segment not in in_use and segment.is_spent() and segment.delete():
                self._owned.remove(segment)
        self._bytes = sum(segment.size for segment in self._owned)

    def read_back(self) -> list[tuple[Outgoing, Segment]]:
        """Events that are on disk only, the oldest first; one file at a time."""
        self._look()
        for segment in sorted(self._owned, key=lambda each: each.path.name):
            if segment.has_news():
                if segment is self._overflow:
                    self._overflow = None
                return [(event, segment) for event in segment.read()]
        return []

    def has_overflow(self) -> bool:
        """Whether events wait on disk for room in memory."""
        return any(segment.has_news() for segment in tuple(self._owned))

    def end(self, events: Iterable[Outgoing]) -> None:
        """Leave behind the events whose fate is open, and nothing else, for the next process to find."""
        unread = (event for segment in self._owned for event in segment.read())
        try:
            last: Segment | None = None
            for event in chain(events, unread):
                last = last or create(self._folder, is_read_back=True)
                last.write(event)
        except OSError as error:
            # What is there already stays; some of it will arrive twice, under the same ids.
            _log.error("the spool cannot be tidied: %s", error.strerror)
        else:
            for segment in self._owned:
                segment.delete()
        for segment in filter(None, (*self._owned, last)):
            segment.release()

    def let_go(self) -> None:
        """In a forked child: the files are the parent's."""
        for segment in self._owned:
            segment.close()

    def _look(self) -> None:
        """Claim, now and then, what processes that died have left."""
        now = time.monotonic()
        if now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        owned = {segment.path for segment in self._owned}
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            if path not in owned and (segment := claim(path)) is not None:
                self._own(segment)


def _is_stale(journal: Segment) -> bool:
    age, rest = time.monotonic() - journal.opened_at, time.monotonic() - journal.touched_at
    return journal.waiting == 0 and age > _JOURNAL_SECONDS and rest > _JOURNAL_SECONDS / 2
