"""The command line's doors to the API: every mistake is one line and its mend."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.api.serving import running, viewed

from tallystick.api.ingestion.keys import load_keys

if TYPE_CHECKING:
    from pathlib import Path


def tallystick(*arguments: str, cwd: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tallystick.cli", *arguments]
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, timeout=60, check=False)


def test_serve_names_both_services(tmp_path: Path) -> None:
    done = tallystick("serve", "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "registry" in done.stdout
    assert "api" in done.stdout
    assert tallystick("serve", "nonsense", cwd=tmp_path).returncode == 2


def test_the_api_without_keys_says_how_to_make_one(tmp_path: Path) -> None:
    done = tallystick("serve", "api", cwd=tmp_path)
    assert done.returncode == 2
    assert "tallystick keys add" in done.stderr
    assert "Traceback" not in done.stderr
    assert "tallystick keys add" in tallystick("serve", "api", "--help", cwd=tmp_path).stdout


@pytest.mark.parametrize("content", [None, "nonsense"])
def test_the_api_with_a_keys_file_that_is_none_says_so(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "keys.json").write_text(content)
    done = tallystick("serve", "api", "--keys", "keys.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "keys.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_is_added_and_its_secret_shown_once(tmp_path: Path) -> None:
    first = tallystick("keys", "add", "web", "--source", "shop-web", "--type", "shop.*", cwd=tmp_path)
    second = tallystick("keys", "add", "import", "--source", "*", "--backfill", cwd=tmp_path)
    page = tallystick("keys", "add", "page", "--source", "shop-web", "--publishable", cwd=tmp_path)
    assert [each.returncode for each in (first, second, page)] == [0, 0, 0]
    path = tmp_path / "keys.json"
    keyring = load_keys(path)
    web = keyring.find(first.stdout.strip())
    assert (web.name, web.source, web.types, web.may_backfill()) == ("web", "shop-web", ("shop.*",), False)
    assert keyring.find(second.stdout.strip()).may_backfill()
    assert keyring.find(page.stdout.strip()).kind == "publishable"
    assert first.stdout.strip() not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    assert tallystick("keys", "add", "web", "--source", "a", cwd=tmp_path).returncode == 0
    before = (tmp_path / "keys.json").read_text()
    again = tallystick("keys", "add", "web", "--source", "b", cwd=tmp_path)
    assert (again.returncode, "web" in again.stderr) == (2, True)
    assert (tmp_path / "keys.json").read_text() == before


def test_sending_from_standard_input_tells_the_bad_lines(tmp_path: Path) -> None:
    with running(tmp_path) as api:
        options = ["--endpoint", api.url, "--write-key", api.secrets["all"]]
        good = "\n".join(json.dumps(viewed()) for _ in range(3))
        done = tallystick("send", "-", *options, cwd=tmp_path, stdin=good)
        assert (done.returncode, "3 sent, 0 refused" in done.stderr) == (0, True)
        done = tallystick("send", "-", *options, cwd=tmp_path, stdin=good + "\n5\n" + json.dumps(viewed(type="no.No")))
        assert done.returncode == 1
        assert "line 4: MALFORMED_JSON" in done.stderr
        assert "line 5: UNKNOWN_TYPE" in done.stderr


def test_sending_what_cannot_be_sent_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text(json.dumps(viewed()))
    for arguments, word in (
        (["nowhere.jsonl", "--write-key", "k"], "nowhere.jsonl"),
        (["events.jsonl", "--write-key", "k", "--endpoint", "nonsense"], "endpoint"),
        (["events.jsonl", "--write-key", "k", "--endpoint", "http://127.0.0.1:9", "--wait", "0.5"], "refused"),
    ):
        done = tallystick("send", *arguments, cwd=tmp_path)
        assert done.returncode in {1, 2}
        assert word in done.stderr
        assert "Traceback" not in done.stderr
