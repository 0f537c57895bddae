"""Real players of a published A/B test as events: a row becomes an exposure and what the player did after it.

The file has no times, so they are made up, always the same ones for the same player. Nothing of it is kept.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tallystick.dev.demo.arithmetic import Sample, sample_ratio_p
from tallystick.dev.demo.delivery import event_id
from tallystick.dev.demo.errors import PlayersFileError
from tallystick.dev.demo.published import published_figures
from tallystick.dev.demo.traffic import Send, Traffic
from tallystick.dev.demo.truth import TrialTruth, Truth, bucket, compare
from tallystick.events.game import GateExposed, PlayerReturned, RoundsPlayed
from tallystick.events.tallystick import Meta, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from tallystick.dev.demo.setting import Trial
    from tallystick.sdk.record import Event

__all__ = ["COLUMNS", "Player", "players_traffic", "read_players"]

COLUMNS = ("userid", "version", "sum_gamerounds", "retention_1", "retention_7")
_APP = "game-client"
_BOOLEANS = {"TRUE": True, "FALSE": False}
_ON_THE_WAY = timedelta(milliseconds=200)
_FIX = f"give a CSV file with the columns {', '.join(COLUMNS)}, one player a row"


@dataclass(frozen=True, slots=True)
class Player:
    """One row of the file."""

    user_id: str
    variant: str
    rounds: int
    returned_after_1: bool
    returned_after_7: bool


def read_players(path: Path, *, variants: Sequence[str]) -> list[Player]:
    """Read and check the whole file.

    Args:
        path: The CSV file.
        variants: What the column `version` may hold.

    Raises:
        PlayersFileError: The file is not there, not a table of players, or holds a row that makes no sense; the
            message names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_players(csv.reader(file, strict=True), path, variants))
    except OSError as error:
        raise PlayersFileError(f"{path}: {error.strerror}", fix=_FIX) from error
    except UnicodeDecodeError as error:
        raise PlayersFileError(f"{path}: not a text file in UTF-8 (byte {error.start})", fix=_FIX) from error


def players_traffic(path: Path, *, trial: Trial) -> Traffic:
    """Turn the file into events, with the truth counted from its rows."""
    players = read_players(path, variants=[arm.key for arm in trial.arms])
    sends = sorted((send for p in players for send in _sends(p, trial)), key=lambda s: (s.arrives_at, s.event_id))
    kinds = Counter(send.event.SUBJECT for send in sends)
    truth = Truth(
        accepted=len(sends),
        copies=0,
        rejected={},
        events=kinds,
        lateness={bucket(timedelta(0)): len(sends)},
        outcomes=_outcomes(sends, trial),
        uncovered={measure.key: 0 for measure in trial.measures},
        trials={trial.key: _trial_truth(players, trial, _outcomes(sends, trial))},
        published=published_figures(hashlib.sha256(path.read_bytes()).hexdigest()),
    )
    return Traffic(f"{len(players):,} real players of {path.name}", tuple(sends), (), truth)


def _players(rows: Iterator[list[str]], path: Path, variants: Sequence[str]) -> Iterator[Player]:
    seen: set[str] = set()
    try:
        header = next(rows, None)
        if header is None or tuple(header) != COLUMNS:
            found = "is empty" if header is None else f"has the columns {', '.join(header)[:120]}"
            raise PlayersFileError(f"{path}: {found}", fix=_FIX)
        for line, row in enumerate(rows, start=2):
            fault = _fault(row, variants, seen)
            if fault:
                raise PlayersFileError(f"{path}, line {line}: {fault}", fix=_FIX)
            seen.add(row[0])
            yield Player(row[0], row[1], int(row[2]), _BOOLEANS[row[3]], _BOOLEANS[row[4]])
    except csv.Error as error:
        raise PlayersFileError(f"{path}: {error}", fix=_FIX) from error
    if not seen:
        raise PlayersFileError(f"{path}: has no player", fix=_FIX)


def _fault(row: Sequence[str], variants: Sequence[str], seen: set[str]) -> str:
    if len(row) != len(COLUMNS):
        return f"{len(row)} columns instead of {len(COLUMNS)}"
    user_id, variant, rounds, *returned = row
    faults = (
        (not user_id.strip(), "userid is empty"),
        (user_id in seen, f"userid {user_id!r} occurs twice"),
        (variant not in variants, f"version {variant!r} is none of {', '.join(variants)}"),
        (not (rounds.isascii() and rounds.isdigit() and len(rounds) < 19), f"sum_gamerounds {rounds!r} is no count"),  # noqa: PLR2004 - a long has 19 digits
        (any(flag not in _BOOLEANS for flag in returned), f"retention {returned} is not TRUE or FALSE"),
    )
    return next((text for is_wrong, text in faults if is_wrong), "")


def _sends(player: Player, trial: Trial) -> Iterator[Send]:
    # Anybody's spread over the days will do, as long as each window ends within the experiment.
    chance = event_id("player", player.user_id).int
    longest = max(measure.window for measure in trial.measures)
    installed = trial.start + timedelta(seconds=chance % int((trial.end - trial.start - longest).total_seconds()))
    later = timedelta(seconds=chance % 36_000)
    for name, at, payload in _story(player, trial, installed, later):
        identity = event_id("player", player.user_id, name)
        meta = Meta(
            event_id=identity,
            event_time=at,
            sent_at=at,
            received_at=at + _ON_THE_WAY,
            source=Source(app=_APP, environment="demo"),
            user_id=player.user_id,
        )
        yield Send(payload.with_meta(meta), _APP, str(identity), at + _ON_THE_WAY, timedelta(0))


def _story(
    player: Player, trial: Trial, installed: datetime, later: timedelta
) -> Iterator[tuple[str, datetime, Event]]:
    who = player.user_id
    yield "exposed", installed, GateExposed(experiment_key=trial.key, gate_version=player.variant, player_id=who)
    if player.returned_after_1:
        at = installed + timedelta(days=1) + later
        yield "returned-1", at, PlayerReturned(player_id=who, days_since_install=1)
    if player.returned_after_7:
        at = installed + timedelta(days=7) + later
        yield "returned-7", at, PlayerReturned(player_id=who, days_since_install=7)
    # Two reports for those who play much, so that adding up is put to the test as well.
    second = player.rounds // 3 if player.rounds >= 30 else 0  # noqa: PLR2004 - what counts as much
    if player.rounds:
        yield "rounds-1", installed + later, RoundsPlayed(player_id=who, rounds=player.rounds - second)
    if second:
        yield "rounds-2", installed + timedelta(days=9) + later, RoundsPlayed(player_id=who, rounds=second)


_VALUES: Final[Mapping[str, Callable[[Player], int]]] = {
    "retention_1": lambda player: int(player.returned_after_1),
    "retention_7": lambda player: int(player.returned_after_7),
    "sum_gamerounds": lambda player: player.rounds,
}


def _outcomes(sends: Sequence[Send], trial: Trial) -> dict[str, int]:
    events = [send.event for send in sends]
    counted = {
        "retention_1": sum(isinstance(e, PlayerReturned) and e.days_since_install == 1 for e in events),
        "retention_7": sum(isinstance(e, PlayerReturned) and e.days_since_install == 7 for e in events),  # noqa: PLR2004 - a week
        "sum_gamerounds": sum(isinstance(e, RoundsPlayed) for e in events),
    }
    return {measure.key: counted[measure.key] for measure in trial.measures}


def _trial_truth(players: Sequence[Player], trial: Trial, outcomes: Mapping[str, int]) -> TrialTruth:
    units = Counter({arm.key: 0 for arm in trial.arms})
    units.update(player.variant for player in players)
    metrics = {}
    for measure in trial.measures:
        value = _VALUES[measure.key]
        samples = {
            arm: Sample.of((value(player) for player in players if player.variant == arm), n=count)
            for arm, count in units.items()
        }
        metrics[measure.key] = compare(trial, measure, samples, {"attributed": outcomes[measure.key]})
    weights = {arm.key: arm.weight for arm in trial.arms}
    return TrialTruth({"assigned": units}, sample_ratio_p(units, weights), metrics)
