"""What a person reads first when the command line itself was mistyped, or called in the wrong place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tallystick.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

_NO_FOLDER = "tallystick: schemas: there is no such folder here"
# What is typed in an empty folder -> the first line, a part of the second one, and the exit code.
_MISTAKES = {
    "lnt": ("tallystick: there is no command lnt: did you mean `lint`?", "tallystick --help", 2),
    "lint --fx": ("tallystick: No such option '--fx'. Did you mean '--fix'?", "tallystick lint --help", 2),
    "accept B504 shop.A": ("tallystick: Missing option '--reason'.", "tallystick accept --help", 2),
    "lint": ("tallystick: there is no folder schemas here", "tallystick init", 2),
    "generate --check": (_NO_FOLDER, "tallystick init", 2),
    "golden": (_NO_FOLDER, "tallystick init", 2),
    "experiments check": ("tallystick: experiments: there is no such folder here", "tallystick init", 2),
}


def _typed(words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[str, str, object]:
    monkeypatch.setattr("sys.argv", ["tallystick", *words.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err.splitlines()
    return said[0], said[1] if said[1:] else "", ended.value.code


@pytest.mark.parametrize("words", _MISTAKES)
def test_the_first_line_says_what_is_wrong_and_the_second_what_to_type(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    first, second, code = _MISTAKES[words]
    said = _typed(words, monkeypatch, capsys)
    assert said[0] == first
    assert said[1].startswith("  fix: ")
    assert second in said[1]
    assert said[2] == code


def test_below_the_root_lint_says_how_to_get_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "schemas" / "shop").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "schemas" / "shop")
    assert _typed("lint", monkeypatch, capsys)[1].startswith("  fix: cd ../..")


def test_a_file_that_is_no_json_is_named_as_it_is_typed_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "Sold.avsc").write_text('{"type": "record",\n<<<<<<< HEAD\n"name": "Sold"}\n')
    first, second, code = _typed("generate", monkeypatch, capsys)
    assert first.startswith("tallystick: schemas/Sold.avsc:2:1: is not JSON: a merge conflict is left here")
    assert ("tallystick lint" in second, code) == (True, 1)


def test_help_and_version_are_no_mistakes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ("--help", "--version", "lint --help"):
        monkeypatch.setattr("sys.argv", ["tallystick", *words.split()])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        assert "tallystick" in capsys.readouterr().out
