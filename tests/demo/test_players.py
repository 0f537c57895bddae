"""The file of players: read whole or refused with the line that is wrong, and always the same events."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tallystick.contracts import load_catalog, load_experiments
from tallystick.dev.demo.errors import PlayersFileError
from tallystick.dev.demo.players import Player, players_traffic, read_players
from tallystick.dev.demo.setting import trials_of
from tallystick.events.game import GateExposed, PlayerReturned, RoundsPlayed

if TYPE_CHECKING:
    from pathlib import Path

    from tallystick.dev.demo.setting import Trial

HEADER = "userid,version,sum_gamerounds,retention_1,retention_7"
VARIANTS = ("gate_30", "gate_40")
ROWS = (
    "116,gate_30,3,FALSE,FALSE",
    "337,gate_30,38,TRUE,FALSE",
    "377,gate_40,165,TRUE,TRUE",
    "483,gate_40,0,FALSE,FALSE",
)


def written(folder: Path, *lines: str, end: str = "\r\n", encoding: str = "utf-8") -> Path:
    path = folder / "players.csv"
    path.write_bytes("".join(line + end for line in lines).encode(encoding))
    return path


@pytest.fixture
def trial(root: Path) -> Trial:
    catalog = load_catalog(root / "schemas")
    (trial,) = trials_of(catalog, load_experiments(root / "experiments"), exposure_event=GateExposed.SUBJECT)
    return trial


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_every_row_is_a_player(tmp_path: Path, end: str, encoding: str) -> None:
    players = read_players(written(tmp_path, HEADER, *ROWS, end=end, encoding=encoding), variants=VARIANTS)
    assert len(players) == 4
    assert players[1] == Player("337", "gate_30", 38, returned_after_1=True, returned_after_7=False)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((), "is empty"),
        ((HEADER,), "has no player"),
        (("userid,version",), "has the columns userid, version"),
        ((HEADER, ROWS[0], "337,gate_30,38,TRUE"), "line 3: 4 columns instead of 5"),
        ((HEADER, "116,gate_50,3,FALSE,FALSE"), "line 2: version 'gate_50' is none of gate_30, gate_40"),
        ((HEADER, "116,gate_30,-3,FALSE,FALSE"), "line 2: sum_gamerounds '-3' is no count"),
        ((HEADER, "116,gate_30,3.5,FALSE,FALSE"), "line 2: sum_gamerounds '3.5' is no count"),
        ((HEADER, "116,gate_30,99999999999999999999,FALSE,FALSE"), "is no count"),
        ((HEADER, "116,gate_30,3,false,0"), "is not TRUE or FALSE"),
        ((HEADER, " ,gate_30,3,FALSE,FALSE"), "line 2: userid is empty"),
        ((HEADER, ROWS[0], ROWS[0]), "line 3: userid '116' occurs twice"),
        ((HEADER, "", ROWS[0]), "line 2: 0 columns"),
        ((HEADER, '"116,gate_30'), "unexpected end of data"),
    ],
)
def test_what_is_no_player_is_told_with_its_line(tmp_path: Path, lines: tuple[str, ...], told: str) -> None:
    with pytest.raises(PlayersFileError) as error:
        read_players(written(tmp_path, *lines), variants=VARIANTS)
    assert told in str(error.value)
    assert error.value.fix


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path, tmp_path / "missing.csv", binary):
        with pytest.raises(PlayersFileError) as error:
            read_players(path, variants=VARIANTS)
        assert str(path) in str(error.value)


def test_players_become_the_same_events_every_time(tmp_path: Path, trial: Trial) -> None:
    path = written(tmp_path, HEADER, *ROWS)
    first, second = players_traffic(path, trial=trial), players_traffic(path, trial=trial)
    assert [send.event.to_avro() for send in first.sends] == [send.event.to_avro() for send in second.sends]
    assert len({send.event_id for send in first.sends}) == len(first.sends)


def test_a_player_is_exposed_returns_and_plays_as_the_row_says(tmp_path: Path, trial: Trial) -> None:
    sends = players_traffic(written(tmp_path, HEADER, *ROWS), trial=trial).sends
    events = [send.event for send in sends]
    gates = {event.player_id: event.gate_version for event in events if isinstance(event, GateExposed)}
    assert gates == {"116": "gate_30", "337": "gate_30", "377": "gate_40", "483": "gate_40"}
    returns = {(e.player_id, e.days_since_install) for e in events if isinstance(e, PlayerReturned)}
    assert returns == {("337", 1), ("377", 1), ("377", 7)}
    rounds = [(event.player_id, event.rounds) for event in events if isinstance(event, RoundsPlayed)]
    assert sum(number for who, number in rounds if who == "377") == 165
    assert len([who for who, _ in rounds if who == "377"]) == 2
    assert "483" not in dict(rounds)


def test_every_window_ends_within_the_experiment(tmp_path: Path, trial: Trial) -> None:
    sends = players_traffic(written(tmp_path, HEADER, *ROWS), trial=trial).sends
    exposed = [vars(send.event)["meta"].event_time for send in sends if isinstance(send.event, GateExposed)]
    longest = max(measure.window for measure in trial.measures)
    assert all(trial.start <= at < trial.end - longest for at in exposed)


def test_the_truth_is_counted_from_the_rows(tmp_path: Path, trial: Trial) -> None:
    truth = players_traffic(written(tmp_path, HEADER, *ROWS), trial=trial).truth
    found = truth.trials[trial.key]
    assert found.units["assigned"] == {"gate_30": 2, "gate_40": 2}
    rounds = found.metrics["sum_gamerounds"].samples
    assert (rounds["gate_30"].total, rounds["gate_40"].total) == (Decimal(41), Decimal(165))
    assert found.metrics["retention_7"].samples["gate_40"].total == 1
    assert truth.published == ()
