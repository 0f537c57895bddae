"""Settings of subjects and contexts, and what is noted beside every write: its tick, its changes, its audit line."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, insert, select, update

from tallystick.api.registry._prepared import Prepared
from tallystick.api.registry.content import Json, compact
from tallystick.api.registry.names import GLOBAL, Subject
from tallystick.api.registry.tables import AUDIT, CHANGES, CLOCK, SETTINGS

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["Notes"]

# A cache that is further behind than this forgets everything instead of reading what changed.
_KEPT_TICKS: Final = 10_000
_SWEEP_EVERY: Final = 256
_TICK: Final = Prepared(select(CLOCK.c.tick))
_ADVANCE: Final = Prepared(update(CLOCK).values(tick=CLOCK.c.tick + 1).returning(CLOCK.c.tick))
_SETTINGS: Final = Prepared(
    select(SETTINGS.c.subject, SETTINGS.c.config, SETTINGS.c.mode).where(
        SETTINGS.c.subject.in_([bindparam(name) for name in ("own", "context", "all", "top")])
    )
)
_CHANGE: Final = Prepared(insert(CHANGES))
_AUDIT: Final = Prepared(insert(AUDIT))
_SWEEP: Final = Prepared(delete(CHANGES).where(CHANGES.c.tick <= bindparam("before")))


class Notes:
    """The part of a transaction that knows settings, ticks, changes and the audit log."""

    _connection: Connection
    _settings: dict[str, tuple[Json | None, str | None]]
    _tick: int

    def advance(self) -> None:
        """Begin a write: take the next tick, and with it every other writer's place in the queue."""
        ((self._tick,),) = _ADVANCE.rows(self._connection)
        self._changed: set[str] = set()

    def changed(self, *keys: str) -> None:
        """Note what caches must forget."""
        self._changed.update(keys)

    def note_changes(self) -> None:
        """Write the noted changes down, once, at the end."""
        if self._changed:
            rows = [{"tick": self._tick, "key": key} for key in sorted(self._changed)]
            _CHANGE.each(self._connection, rows)
        if self._tick % _SWEEP_EVERY == 0:
            _SWEEP.rows(self._connection, before=self._tick - _KEPT_TICKS)

    def tick(self) -> int:
        """The tick of the newest write."""
        ((tick,),) = _TICK.rows(self._connection)
        return int(tick)

    def changes_since(self, tick: int) -> set[str] | None:
        """What changed after a tick; None where that is no longer known."""
        if tick < self.tick() - _KEPT_TICKS:
            return None
        return set(self._connection.execute(select(CHANGES.c.key).where(CHANGES.c.tick > tick)).scalars())

    def config(self, subject: Subject) -> Json | None:
        """The config that is set on exactly this subject or context."""
        return self._setting(subject)[0]

    def mode(self, subject: Subject) -> str | None:
        """The mode that is set on exactly this subject or context."""
        return self._setting(subject)[1]

    def put_config(self, subject: Subject, config: Json | None) -> None:
        """Set or clear the config."""
        self._put(subject, config=None if config is None else compact(config))

    def put_mode(self, subject: Subject, mode: str | None) -> None:
        """Set or clear the mode."""
        self._put(subject, mode=mode)

    def configs(self) -> dict[str, Json]:
        """Every config that is set, by qualified subject."""
        rows = self._connection.execute(select(SETTINGS.c.subject, SETTINGS.c.config).order_by(SETTINGS.c.subject))
        return {subject: json.loads(config) for subject, config in rows if config is not None}

    def modes(self) -> dict[str, str]:
        """Every mode that is set, by qualified subject."""
        rows = self._connection.execute(select(SETTINGS.c.subject, SETTINGS.c.mode).order_by(SETTINGS.c.subject))
        return {subject: mode for subject, mode in rows if mode is not None}

    def audit(self, *, who: str, request_id: str, action: str, subject: str, detail: Json) -> None:
        """Note who did what; a write has one such line."""
        _AUDIT.rows(
            self._connection,
            tick=self._tick,
            at_ms=time.time_ns() // 1_000_000,
            who=who,
            request_id=request_id,
            action=action,
            subject=subject,
            detail=compact(detail),
        )

    def _setting(self, subject: Subject) -> tuple[Json | None, str | None]:
        """The settings of a place; with a subject's come those of all places above it, in one query."""
        if subject.qualified not in self._settings:
            top = Subject(subject.context, "")
            names = {"own": subject.qualified, "context": top.qualified, "all": f":{GLOBAL}:", "top": ""}
            self._settings |= dict.fromkeys(names.values(), (None, None))
            for name, config, mode in _SETTINGS.rows(self._connection, **names):
                self._settings[name] = (None if config is None else json.loads(config)), mode
        return self._settings[subject.qualified]

    def _put(self, subject: Subject, **values: str | None) -> None:
        self._settings.clear()
        here = SETTINGS.c.subject == subject.qualified
        if self._connection.execute(select(SETTINGS.c.subject).where(here)).first() is None:
            empty: dict[str, str | None] = {"config": None, "mode": None}
            self._connection.execute(insert(SETTINGS).values(subject=subject.qualified, **{**empty, **values}))
        else:
            self._connection.execute(update(SETTINGS).where(here).values(**values))
        self._connection.execute(delete(SETTINGS).where(here, SETTINGS.c.config.is_(None), SETTINGS.c.mode.is_(None)))
