"""`tallystick accept`: written into the sidecar, honoured until its day, and itself checked afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner, Result
from tests.breaking.states import Git, event, field, files, found, money, rules

from tallystick.cli._accepting import AcceptError, with_entries
from tallystick.cli.accept import command
from tallystick.cli.breaking import command as breaking
from tallystick.cli.lint import command as lint
from tallystick.contracts.breaking import BREAKING_RULES

if TYPE_CHECKING:
    from pathlib import Path

TEXT = event(field("note"), field("total", money(18, 2)))
SCALED = event(field("note"), field("total", money(18, 4)))
SIDECAR = "# Who sends it.\nsources: [shop-web]   # and the till\n\nexamples:\n  - name: one\n    event: {note: x}\n"
SAID = ("--reason", "agreed with finance: rows are rebuilt", "--by", "ana", "--until", "2099-01-31")


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A repository whose event has changed its scale since the last commit."""
    repository = Git(tmp_path / "work")
    repository.commit(files(TEXT, sidecars={"shop/OrderPlaced.yaml": SIDECAR}))
    repository.write(files(SCALED))
    monkeypatch.chdir(repository.folder)
    return repository


def accept(*words: str) -> Result:
    return CliRunner().invoke(command, [*words])


def findings(*words: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(breaking, ["--format", "json", *words])
    told: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    return told


def test_an_accepted_break_is_a_warning_that_says_who_why_and_until_when(git: Git) -> None:
    result = accept("b201", "shop.OrderPlaced", "total", *SAID)
    assert (result.exit_code, result.output.splitlines()[-1]) == (
        0,
        "written to schemas/shop/OrderPlaced.yaml: commit it with the change",
    )

    told = {each["rule"]: each for each in findings()}
    assert told["B201"]["severity"] == "warning"
    assert told["B201"]["accepted"] == {
        "reason": "agreed with finance: rows are rebuilt",
        "by": "ana",
        "until": "2099-01-31",
    }
    assert (told["B302"]["severity"], told["B302"]["accepted"]) == ("error", None)
    text = CliRunner().invoke(breaking, ["--category", "LOGICAL"])
    assert text.exit_code == 0
    assert "= ok:   accepted by ana until 2099-01-31: agreed with finance: rows are rebuilt" in text.output
    assert git("status", "--porcelain").count("OrderPlaced") == 2


def test_the_rest_of_the_sidecar_stays_as_it_was(git: Git) -> None:
    accept("B201", "shop.OrderPlaced", "total", *SAID)
    accept("B302", "shop.OrderPlaced", *SAID)

    text = (git.folder / "schemas/shop/OrderPlaced.yaml").read_text()
    assert text.startswith(SIDECAR)
    assert [each["rule"] for each in yaml.safe_load(text)["accepted"]] == ["B201", "B302"]
    assert "&id" not in text
    linted = CliRunner().invoke(lint, ["schemas/shop/OrderPlaced.yaml", "--format", "json"])
    assert not [each for each in json.loads(linted.stdout)["findings"] if each["rule"] == "O004"]


def test_a_contract_without_a_sidecar_gets_one(git: Git) -> None:
    (git.folder / "schemas/shop/OrderPlaced.yaml").unlink()

    assert accept("B201", "shop.OrderPlaced", *SAID).exit_code == 0
    assert (git.folder / "schemas/shop/OrderPlaced.yaml").read_text().startswith("accepted:\n  - rule: B201\n")


def test_a_deleted_contract_is_accepted_in_its_folders_defaults(git: Git) -> None:
    for name in ("OrderPlaced.avsc", "OrderPlaced.yaml"):
        (git.folder / "schemas/shop" / name).unlink()

    for rule in ("B406", "B508"):
        assert accept(rule, "shop.OrderPlaced", *SAID).exit_code == 0

    entries = yaml.safe_load((git.folder / "schemas/shop/_domain.yaml").read_text())["accepted"]
    assert [(each["rule"], each["event"]) for each in entries] == [
        ("B406", "shop.OrderPlaced"),
        ("B508", "shop.OrderPlaced"),
    ]
    assert {each["severity"] for each in findings()} == {"warning"}


def test_a_pattern_accepts_for_a_whole_domain(git: Git) -> None:
    git.commit(files(TEXT, event(field("x"), name="shop.TeaMade")))
    domain = git.folder / "schemas/shop/_domain.yaml"
    domain.write_text(domain.read_text().replace("shop-web", "search"))

    assert accept("B504", "shop.*", *SAID).exit_code == 0
    assert [(each["rule"], each["severity"]) for each in findings()] == [("B504", "warning")]


def test_what_is_not_there_cannot_be_accepted(git: Git) -> None:
    assert git.folder.exists()
    for words, told in {
        ("B999", "shop.OrderPlaced"): "there is no rule B999",
        ("B201", "shop.OrderPlaced", "totl"): "did you mean `B201 shop.OrderPlaced total`?",
        ("B504", "shop.OrderPlaced"): "there is no break B504 shop.OrderPlaced",
    }.items():
        error = accept(*words, *SAID).exception
        assert isinstance(error, AcceptError)
        assert (error.exit_code, told in error.message) == (2, True), error.message


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--until", "next year", "no day such as"),
        ("--until", "2020-01-01", "is over"),
        ("--reason", "  ", "say something"),
        ("--by", "", "say something"),
    ],
)
def test_an_approval_without_reason_name_or_end_is_refused(git: Git, option: str, value: str, told: str) -> None:
    assert git.folder.exists()
    result = accept("B201", "shop.OrderPlaced", *SAID, option, value)

    assert (result.exit_code, told in result.stderr) == (2, True)


# --- checked afterwards ------------------------------------------------------------------------------------


def entry(**more: str) -> str:
    """A sidecar with one entry that fits the change of scale."""
    whole = {
        "rule": "B201",
        "path": "total",
        "from": "decimal(18, 2)",
        "to": "decimal(18, 4)",
        "reason": "it is meant",
        "by": "ana",
        "until": "2027-01-31",
        **more,
    }
    return yaml.safe_dump({"accepted": [{key: value for key, value in whole.items() if value}]})


def told(sidecar: str, before: str = TEXT, after: str = SCALED, *, old_sidecar: str = "") -> dict[str, str]:
    """Rule -> severity, of LOGICAL and POLICY."""
    old, new = (
        files(text, sidecars={"shop/OrderPlaced.yaml": side})
        for text, side in ((before, old_sidecar), (after, sidecar))
    )
    return {each.rule: each.severity for each in found(old, new, categories=["LOGICAL", "POLICY"])}


def test_an_entry_holds_for_its_rule_path_old_and_new_value_alone() -> None:
    assert told(entry()) == {"B201": "warning"}
    assert told(entry(to="decimal(18, 3)")) == {"B201": "error", "B602": "error"}
    assert told(entry(path="note")) == {"B201": "error", "B602": "error"}
    assert told(entry(rule="B203")) == {"B201": "error", "B602": "error"}


def test_an_entry_that_is_over_excuses_nothing_and_is_told() -> None:
    assert told(entry(until="2026-11-22")) == {"B201": "warning"}, "its last day is today"
    assert told(entry(until="2026-11-21")) == {"B201": "error", "B601": "error"}


def test_an_entry_that_is_not_complete_is_told() -> None:
    for key in ("reason", "by", "until", "from"):
        assert told(entry(**{key: ""})) == {"B201": "error", "B601": "error"}
    assert told(entry(until="some day")) == {"B201": "error", "B601": "error"}
    assert told(entry(comment="x")) == {"B201": "error", "B601": "error"}


def test_an_entry_whose_change_has_long_been_made_is_left_in_peace_until_it_is_over() -> None:
    later = event(field("note"), field("total", money(18, 4)), field("tea", default=""))

    assert told(entry(), SCALED, later, old_sidecar=entry()) == {}
    assert told(entry(until="2026-11-01"), SCALED, later, old_sidecar=entry(until="2026-11-01")) == {"B601": "warning"}


def test_a_further_change_at_its_place_overtakes_an_entry() -> None:
    further = event(field("note"), field("total", money(18, 6)))

    assert told(entry(), SCALED, further, old_sidecar=entry()) == {"B201": "error", "B602": "error"}


def test_an_entry_can_accept_every_rule_but_those_about_entries() -> None:
    assert {"B601", "B602"} < set(BREAKING_RULES)
    assert rules(found(files(TEXT), files(TEXT, sidecars={"shop/OrderPlaced.yaml": entry(rule="B601")}))) == {"B602"}


# --- the text ------------------------------------------------------------------------------------------------

ONE: dict[str, object] = {"rule": "B201", "from": "a: b", "to": "#c"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "owner: x",
        "owner: x\n",
        "owner: x\r\nstatus: active\r\n",
        "accepted:\n- rule: A\nowner: x\n",
        "accepted:\n  - rule: A\n    by: b   # a remark\n\n# the end\nowner: x\n",
        "accepted:\n  - rule: A",
        "accepted: []\nowner: x\n",
        "accepted:\nowner: x\n",
        "accepted: # none yet\n",
    ],
)
def test_an_entry_is_added_wherever_the_list_stands(text: str) -> None:
    before = yaml.safe_load(text) or {}
    after = yaml.safe_load(with_entries(text, [ONE]))

    assert after.pop("accepted") == [*(before.pop("accepted", None) or []), ONE]
    assert after == before
    assert all(line in with_entries(text, [ONE]) for line in text.splitlines() if "accepted" not in line)
    assert with_entries(text, [ONE]).count("\r\n") in {0, with_entries(text, [ONE]).count("\n")}


@pytest.mark.parametrize("text", ["accepted: [{rule: A}]\n", "- a list\n", "accepted: {a: b}\n", "a: [\n"])
def test_a_sidecar_that_cannot_take_an_entry_is_left_alone(text: str) -> None:
    with pytest.raises(AcceptError):
        with_entries(text, [ONE])
