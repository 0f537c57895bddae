"""`tallystick init` and `tallystick new`: from an empty folder to a contract without errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from tallystick.cli import fmt, init, new
from tallystick.cli import lint as linting
from tallystick.contracts import load_catalog

if TYPE_CHECKING:
    from pathlib import Path

    import click


def _run(command: click.Command, *arguments: str, answers: str | None = None) -> Result:
    return CliRunner().invoke(command, arguments, input=answers)


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that `init` has just made, and here."""
    monkeypatch.chdir(tmp_path)
    assert _run(init.command, "--domain", "shop", "--owner", "shop-web").exit_code == 0
    return tmp_path


def _clean() -> bool:
    result = _run(linting.command, "--format", "json")
    findings: list[object] = json.loads(result.output)["findings"]
    return not findings


def test_a_new_repository_passes_its_own_lint_is_formatted_and_loads(started: Path) -> None:
    assert _clean()
    assert _run(fmt.command, "--check").exit_code == 0
    assert {each.name for each in load_catalog(started / "schemas").contracts} == {
        *("tallystick.Meta", "tallystick.DeadLetter", "tallystick.ExperimentDefined")
    }


def test_init_keeps_what_is_there(started: Path) -> None:
    (started / "tallystick.toml").write_text("# mine\n")

    result = _run(init.command)

    assert "kept    tallystick.toml" in result.output
    assert (started / "tallystick.toml").read_text() == "# mine\n"


def test_a_new_event_from_flags_has_no_findings_and_loads(started: Path) -> None:
    result = _run(
        new.command,
        *("shop.OrderCompleted", "--doc", "An order was placed and paid.", "--outcome", "user"),
        *("--field", "order_id:string:Number on the invoice.", "--field", "total:money:What the customer paid."),
        *(
            "--field",
            "note:string(200)?:Remark of the customer.",
            "--field",
            "skus:string(20)[]:Articles that were bought.",
        ),
        *("--field", "channel:enum(WEB|APP):Where it was placed.", "--field", "paid_at:timestamp:When it was paid."),
    )

    assert (result.exit_code, result.output) == (0, "created schemas/shop/OrderCompleted.avsc\n")
    assert _clean()
    assert _run(fmt.command, "--check").exit_code == 0
    contract = load_catalog(started / "schemas")["shop.OrderCompleted"]
    assert contract.is_event
    assert contract.experiment is not None
    assert contract.experiment.unit_type == "user"


def test_an_exposure_has_all_its_roles(started: Path) -> None:
    _run(new.command, "shop.VariantShown", "--doc", "A user met an experiment.", "--exposure", "user")

    assert _clean()
    assert "experiment.variant_key" in load_catalog(started / "schemas")["shop.VariantShown"].roles


def test_a_new_domain_needs_an_owner(started: Path) -> None:
    refused = _run(new.command, "game.LevelFinished", "--doc", "A player finished a level.")
    assert refused.exit_code == 2
    assert "--owner" in refused.output

    assert (
        _run(new.command, "game.LevelFinished", "--doc", "A player finished a level.", "--owner", "game").exit_code == 0
    )
    assert (started / "schemas/game/_domain.yaml").read_text() == "owner: game\nstatus: active\n"
    assert _clean()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["shop.orderFoo", "--doc", "An order was placed."], "N001"),
        (["shop.OrderPaid", "--doc", "An order was placed.", "--field", "class:string"], "N005"),
    ],
)
def test_an_event_with_errors_is_not_written(arguments: list[str], told: str, started: Path) -> None:
    before = sorted(started.rglob("*"))

    result = _run(new.command, *arguments)

    assert result.exit_code == 1
    assert told in result.output
    assert sorted(started.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["OrderPaid", "--doc", "x"], "has no namespace"),
        (["shop.OrderPaid"], "give --doc"),
        (["shop.OrderPaid", "--doc", "x", "--exposure", "user", "--outcome", "user"], "not both"),
        (["tallystick.Meta", "--doc", "x"], "exists: edit it instead"),
    ],
)
def test_wrong_usage_says_what_to_write(arguments: list[str], told: str, started: Path) -> None:
    result = _run(new.command, *arguments)

    assert started.exists()
    assert result.exit_code == 2
    assert told in result.output


@pytest.mark.parametrize(
    ("field", "told"),
    [("total", "is no field"), ("total:mony", "did you mean `money`?"), ("total:decimal(x)", "is no type")],
)
def test_a_wrong_field_says_what_to_write(field: str, told: str, started: Path) -> None:
    result = _run(new.command, "shop.OrderPaid", "--doc", "An order was paid.", "--field", field)

    assert started.exists()
    assert told in str(result.exception)
