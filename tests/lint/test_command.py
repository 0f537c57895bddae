"""`tallystick lint` and `explain` as people call them: exit codes, formats, and whatever lies on a disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tallystick.cli.explain import command as explain
from tallystick.cli.lint import command
from tallystick.contracts.lint import RULES

_ROOT = Path(__file__).parents[2]
_GOOD = (
    '{"type": "record", "name": "Line", "namespace": "shop", "doc": "One position of an order.", "fields": '
    '[{"name": "quantity", "type": "int", "doc": "Number of pieces."}]}'
)
_TOTAL = _GOOD.replace('{"name": "quantity", "type": "int"', '{"name": "total", "type": "double"')


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small repository of contracts, and here."""
    (tmp_path / "schemas" / "shop").mkdir(parents=True)
    (tmp_path / "schemas" / "shop" / "_domain.yaml").write_text("owner: shop-web\n")
    (tmp_path / "schemas" / "shop" / "Line.avsc").write_text(_GOOD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _lint(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def _json(*arguments: str) -> dict[str, Any]:
    result = _lint(*arguments, "--format", "json")
    assert result.exception is None or isinstance(result.exception, SystemExit)
    report: dict[str, Any] = json.loads(result.output)
    return report


def test_this_repository_is_clean() -> None:
    report = subprocess.run(
        [sys.executable, "-c", "from tallystick.cli.lint import command; command()", "--format", "json"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(report.stdout)["findings"] == []
    assert json.loads(report.stdout)["summary"]["files"] > 10


def test_clean_files_end_with_0_and_one_line(folder: Path) -> None:
    result = _lint()

    assert (result.exit_code, result.output) == (0, "2 files, no findings\n")
    assert folder.exists()


def test_an_error_ends_with_1_and_looks_like_the_page_says(folder: Path) -> None:
    (folder / "schemas/shop/Line.avsc").write_text(
        _GOOD.replace('[{"name": "quantity", "type": "int"', '[\n {"name": "total", "type": "double"')
    )

    result = _lint("schemas/shop/Line.avsc")

    assert result.exit_code == 1
    assert result.output.splitlines()[:9] == [
        "error[T003]: `total` is money but has type double",
        " --> schemas/shop/Line.avsc:2:28",
        "  |",
        '2 |  {"name": "total", "type": "double", "doc": "Number of pieces."}]}',
        "  |                            ^^^^^^^^",
        "  = why:  sums of doubles differ with partitioning; Silver and Gold need decimals",
        '  = fix:  "type": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}     [--fix]',
        "",
        "1 file, 1 error, 0 warnings; --fix can mend 1 of them",
    ]


def test_warnings_alone_end_with_0(folder: Path) -> None:
    (folder / "schemas/shop/Line.avsc").write_text(_GOOD.replace("quantity", "delay"))

    result = _lint()

    assert result.exit_code == 0
    assert "warning[N011]" in result.output


def test_json_has_the_promised_members(folder: Path) -> None:
    (folder / "schemas/shop/Line.avsc").write_text(_TOTAL)

    report = _json()

    assert report["summary"] == {"files": 2, "errors": 1, "warnings": 0}
    (finding,) = report["findings"]
    assert list(finding) == [
        *("rule", "severity", "file", "line", "column", "end_line", "end_column", "message", "why", "fix")
    ]
    assert (finding["rule"], finding["severity"], finding["file"]) == ("T003", "error", "schemas/shop/Line.avsc")
    assert finding["fix"] == {
        "description": '"type": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}',
        "safe": True,
    }


def test_fix_mends_the_file_keeps_its_mode_and_then_finds_nothing(folder: Path) -> None:
    path = folder / "schemas/shop/Line.avsc"
    path.write_bytes(_TOTAL.encode() + b"\r\n")
    path.chmod(0o640)

    result = _lint("--fix")

    assert result.exit_code == 0
    assert (
        path.read_bytes()
        == (
            _TOTAL.replace('"double"', '{"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}')
            + "\r\n"
        ).encode()
    )
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in path.parent.iterdir()) == ["Line.avsc", "_domain.yaml"]


def test_sarif_carries_the_edits_of_a_fix(folder: Path) -> None:
    (folder / "schemas/shop/Line.avsc").write_text(_TOTAL)

    (run,) = json.loads(_lint("--format", "sarif").output)["runs"]

    (result,) = run["results"]
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    region = replacement["deletedRegion"]
    assert _TOTAL[region["startColumn"] - 1 : region["endColumn"] - 1] == '"double"'
    assert json.loads(replacement["insertedContent"]["text"])["logicalType"] == "decimal"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "T003"


def test_junit_and_gitlab_are_what_their_servers_read(folder: Path) -> None:
    (folder / "schemas/shop/Line.avsc").write_text(_TOTAL.replace("Number", "<b>&amp; Number"))

    suite = ET.fromstring(_lint("--format", "junit").output)[0]  # noqa: S314 -- our own output
    (issue,) = json.loads(_lint("--format", "gitlab").output)

    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("2", "1")
    assert (issue["check_name"], issue["severity"]) == ("T003", "major")
    assert issue["location"] == {"path": "schemas/shop/Line.avsc", "lines": {"begin": 1, "end": 1}}
    assert len(issue["fingerprint"]) == 64


def test_github_escapes_what_would_end_its_command(folder: Path) -> None:
    (folder / "schemas/shop/Line.avsc").write_text(_GOOD.replace('"int"', '"50%, a:b\\n::error"'))

    (line,) = _lint("--format", "github").output.splitlines()

    assert line.startswith("::error file=schemas/shop/Line.avsc,line=1,endLine=1,col=")
    assert "50%25, a:b%0A::error" in line


_HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty"),
    "binary": (bytes(range(256)), "the file is binary"),
    "not UTF-8": (b'{"type": "\xff"}', "is no UTF-8"),
    "UTF-16": ("{}".encode("utf-16"), "the file is UTF-16"),
    "byte order mark": (b"\xef\xbb\xbf" + _GOOD.encode(), "byte order mark"),
    "duplicate keys": (_GOOD.replace("{", '{"doc": "A", ', 1).encode(), "stands twice"),
    "NaN": (_GOOD.replace("int", "double").replace("}]}", ', "default": NaN}]}').encode(), "NaN is no JSON"),
    "lone surrogate": (_GOOD.replace("Number", "\\udc00").encode(), "half of a surrogate pair"),
    "deep": (b"[" * 200_000, "nested deeper than 1,000 levels"),
    "huge number": (b"[" + b"9" * 10_000 + b"]", "more than 4,000 digits"),
    "10 MB": (b'"' + b"x" * 10_000_000 + b'"', "a contract at most 5 MiB"),
    "array": (b"[1, 2, 3]", "here must stand a type"),
    "text": (b"hello", "`hello` stands without quotes"),
}


@pytest.mark.parametrize("kind", _HOSTILE)
def test_a_hostile_file_is_a_finding_and_the_others_are_still_checked(kind: str, folder: Path) -> None:
    data, told = _HOSTILE[kind]
    (folder / "schemas/shop/Hostile.avsc").write_bytes(data)
    (folder / "schemas/shop/Line.avsc").write_text(_TOTAL)
    started = time.monotonic()

    report = _json()

    assert any(told in each["message"] for each in report["findings"]), report["findings"]
    assert any(each["rule"] == "T003" for each in report["findings"])
    assert time.monotonic() - started < 20
    for style in ("text", "github", "gitlab", "sarif", "junit"):
        assert _lint("--format", style).exit_code == 1


def test_folders_links_pipes_and_locked_files_are_findings_too(folder: Path) -> None:
    shop = folder / "schemas/shop"
    (shop / "Folder.avsc").mkdir()
    (shop / "Nowhere.avsc").symlink_to("Missing.avsc")
    (shop / "Loop.avsc").symlink_to("Loop.avsc")
    (shop / "circle").symlink_to(shop)
    os.mkfifo(shop / "Pipe.avsc")

    report = _json()

    told = {each["file"]: each["message"] for each in report["findings"]}
    assert set(told) == {f"schemas/shop/{name}.avsc" for name in ("Folder", "Nowhere", "Loop", "Pipe")}
    assert "it is a folder" in told["schemas/shop/Folder.avsc"]
    assert "cannot be read" in told["schemas/shop/Nowhere.avsc"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.avsc"], "missing.avsc does not exist"),
        (["empty"], "empty holds no contract"),
        (["--format", "yaml"], "Invalid value for '--format'"),
    ],
)
def test_usage_ends_with_2_and_one_line(arguments: list[str], told: str, folder: Path) -> None:
    (folder / "empty").mkdir()

    result = subprocess.run(
        [sys.executable, "-m", "tallystick.cli", "lint", *arguments], capture_output=True, text=True, check=False
    )

    assert result.returncode == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_configuration_ends_with_2(folder: Path) -> None:
    (folder / "tallystick.toml").write_text('[lint.rules]\nT03 = "off"\n')

    result = subprocess.run(
        [sys.executable, "-m", "tallystick.cli", "lint"], capture_output=True, text=True, check=False
    )

    assert result.returncode == 2
    assert "tallystick.toml: there is no rule `T03`" in result.stderr


def test_the_configuration_speaks_of_paths_below_itself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "schemas/shop/Line.avsc").write_text(_TOTAL)
    (folder / "tallystick.toml").write_text('[[lint.paths]]\nmatch = ["schemas/shop/**"]\nrules = { T003 = "off" }\n')
    monkeypatch.chdir(folder / "schemas")

    assert _lint(".").exit_code == 0
    assert _lint("shop/Line.avsc").exit_code == 0


def test_a_single_file_is_checked_with_the_others_as_context(folder: Path) -> None:
    (folder / "schemas/shop/Order.avsc").write_text(
        _GOOD.replace('"Line"', '"Order"').replace('"int"', '"shop.Line"').replace("quantity", "line")
    )

    report = _json("schemas/shop/Order.avsc")

    assert report == {"findings": [], "summary": {"files": 1, "errors": 0, "warnings": 0}}


def test_no_terminal_no_colour(folder: Path) -> None:
    (folder / "schemas/shop/Line.avsc").write_text(_TOTAL)

    assert "\033" not in _lint().output


def test_a_schema_cannot_write_into_the_terminal(folder: Path) -> None:
    (folder / "schemas/shop/Line.avsc").write_text(_GOOD.replace('"int"', '"\\u001b[2Jint"'))

    result = _lint()

    assert "\033" not in result.output
    assert result.exit_code == 1


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_explained(rule: str) -> None:
    result = CliRunner().invoke(explain, [rule.lower()])

    assert result.exit_code == 0
    assert result.output.startswith(f"{rule}: {RULES[rule].title}")
    assert RULES[rule].why in result.output
    assert "Bad, " in result.output
    assert "Good, " in result.output


def test_an_unknown_rule_is_told_with_the_nearest_one() -> None:
    result = CliRunner().invoke(explain, ["T0003"])

    assert result.exit_code == 2
    assert "did you mean `T003`?" in result.output


def test_the_page_of_rules_is_what_the_rules_say() -> None:
    written = (_ROOT / "docs" / "lint-rules.md").read_text()

    assert CliRunner().invoke(explain, ["--markdown"]).output == written, (
        "tallystick explain --markdown > docs/lint-rules.md"
    )
