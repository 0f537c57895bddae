"""One file of the spool: lines of events, owned by whoever holds its lock.

The lock ends with its process, however that ends. What lies in the folder without a lock was left by a process that
died, and any other may claim it. A line begins with a line break and its own checksum, so that one that was torn by a
crash spoils neither the next one nor the reader.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import time
import zlib
from typing import TYPE_CHECKING, Final

from tallystick.sdk.transport import Outgoing

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

__all__ = ["SUFFIX", "Segment", "claim", "create"]

SUFFIX: Final = ".events"
_PRIVATE: Final = 0o600
_numbers: Final = itertools.count()


class Segment:
    """A file of events that this process owns.

    Any thread may write; everything else is the dispatcher's.

    Attributes:
        path: The file.
        is_read_back: Whether its events are not in memory, and must be read to be sent.
        opened_at: When it was opened.
        touched_at: When it was last written to.
        is_deleted: Whether it is gone; what is written after that is written in vain.
        waiting: Its events in memory whose fate is open.
        size: Its bytes, about.
    """

    def __init__(self, path: Path, file: FileIO, *, is_read_back: bool) -> None:
        self.path = path
        self.is_read_back = is_read_back
        self.is_deleted = False
        self.waiting = 0
        self.size = os.fstat(file.fileno()).st_size
        self.opened_at = self.touched_at = time.monotonic()
        # Closed when the last reference goes, never sooner: another thread may be about to write.
        self._file = file
        self._offset = 0

    def write(self, event: Outgoing) -> bool:
        """Append an event; returns whether it stands there for certain.

        Raises:
            OSError: The disk is full, or gone.
        """
        self.touched_at = time.monotonic()
        line = _line(event)
        complete = self._file.write(line) == len(line)
        self.size += len(line)
        # `delete` sets the mark before it looks for news: either it sees this line, or we see the mark.
        return complete and not self.is_deleted

    def read(self) -> list[Outgoing]:
        """The events that were written since the last call; none where they are in memory anyway."""
        if not self.has_news():
            return []
        size = os.fstat(self._file.fileno()).st_size
        content = os.pread(self._file.fileno(), size - self._offset, self._offset)
        self._offset += len(content)
        events = [event for event in map(_event, content.split(b"\n")) if event is not None]
        self.waiting += len(events)
        return events

    def settled(self) -> None:
        """One of its events needs it no more."""
        self.waiting -= 1

    def is_spent(self) -> bool:
        """Whether nothing in it is needed."""
        return self.waiting == 0 and not self.has_news()

    def delete(self) -> bool:
        """Remove the file, unless something was written to it at this very moment."""
        self.is_deleted = True
        if self.has_news():
            self.is_deleted = False
            return False
        self.path.unlink(missing_ok=True)
        return True

    def has_news(self) -> bool:
        """Whether events stand there that are not in memory."""
        return self.is_read_back and os.fstat(self._file.fileno()).st_size > self._offset

    def release(self) -> None:
        """Let others claim the file."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file without releasing it: in a forked child, where the lock is the parent's."""
        self._file.close()


def create(folder: Path, *, is_read_back: bool) -> Segment:
    """Make a new file and own it.

    Raises:
        OSError: The folder cannot be written.
    """
    while True:
        path = folder / f"{time.time_ns():020d}-{os.getpid()}-{next(_numbers)}{SUFFIX}"
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        file = open(os.open(path, flags, _PRIVATE), "r+b", buffering=0)  # noqa: PTH123, SIM115 - flags; lives on
        # Somebody may have claimed it before we could lock it.
        if _lock(file):
            return Segment(path, file, is_read_back=is_read_back)
        file.close()


def claim(path: Path) -> Segment | None:
    """Own a file that nobody owns any more; None where somebody does, or was quicker."""
    try:
        file = open(os.open(path, os.O_RDWR | os.O_CLOEXEC), "r+b", buffering=0)  # noqa: PTH123, SIM115 - likewise
    except OSError:
        return None
    if _lock(file):
        return Segment(path, file, is_read_back=True)
    file.close()
    return None


def _lock(file: FileIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    # Its owner may have removed it between our opening and locking it.
    return os.fstat(file.fileno()).st_nlink > 0


def _line(event: Outgoing) -> bytes:
    content = b" ".join((event.event_id.encode(), event.event_type.encode(), event.body))
    return b"\n%08x %b\n" % (zlib.crc32(content), content)


def _event(line: bytes) -> Outgoing | None:
    """Read a line; None where it is none, or torn."""
    checksum, _, content = line.partition(b" ")
    if not content or checksum != b"%08x" % zlib.crc32(content):
        return None
    event_id, event_type, body = content.split(b" ", 2)
    return Outgoing(event_id.decode(), event_type.decode(), body)
