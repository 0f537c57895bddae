"""`tallystick register`: the plan says what will be, then it is; twice changes nothing more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from tests.dev.contracts import field, schema, write
from tests.registry.conftest import running

from tallystick.cli import register
from tallystick.contracts import parse
from tallystick.sdk.registry import RegistryClient, RegistryUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("registry")
    with running(folder / "log", "--database", f"sqlite:///{folder / 'registry.db'}") as process:
        yield process.url


@pytest.fixture
def client(registry: str) -> Iterator[RegistryClient]:
    with RegistryClient(registry) as opened:
        yield opened


def run(registry: str, folder: Path, *words: str) -> Result:
    return CliRunner().invoke(register.command, ["--registry", registry, "--schemas", str(folder / "schemas"), *words])


def report(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_plan_changes_nothing_and_the_run_after_it_does_what_it_said(
    registry: str, client: RegistryClient, tmp_path: Path
) -> None:
    write(tmp_path, schema("one.Made"), schema("one.Sold"))

    plan = run(registry, tmp_path, "--plan")
    assert (plan.exit_code, "+ one.Made  new subject, level FULL_TRANSITIVE" in plan.output) == (0, True)
    assert "Plan: 2 to create, 0 to change, 0 levels to set, 0 refused, 0 unchanged." in plan.output
    assert not [each for each in client.subjects() if each.startswith("one.")]

    done = run(registry, tmp_path)
    assert (done.exit_code, done.output.count("created ")) == (0, 2)
    assert client.compatibility("one.Made") == "FULL_TRANSITIVE"
    assert client.versions("one.Sold") == (1,)


def test_a_second_run_has_nothing_to_do(registry: str, client: RegistryClient, tmp_path: Path) -> None:
    write(tmp_path, schema("two.Made"))
    run(registry, tmp_path)

    again = run(registry, tmp_path)

    assert (again.exit_code, "Nothing to do" in again.output, client.versions("two.Made")) == (0, True, (1,))
    assert "Nothing to do" in run(registry, tmp_path, "--plan").output


def test_what_is_refused_is_explained_in_names_and_nothing_at_all_is_registered(
    registry: str, client: RegistryClient, tmp_path: Path
) -> None:
    write(tmp_path, schema("three.Paid", field("total", "long")), schema("three.Sent"))
    run(registry, tmp_path)
    write(tmp_path, schema("three.Paid", field("total", "string")), schema("three.Added"))

    for words in (("--plan",), ()):
        result = run(registry, tmp_path, *words)
        assert result.exit_code == 1
        assert "! three.Paid   refused as version 2 at level FULL_TRANSITIVE" in result.output
        assert "total: the new schema cannot read what version 1 wrote" in result.output
        assert "the registry: " in result.output
        assert "oldSchema" not in result.output
    assert "--keep-going" in result.stderr
    assert client.versions("three.Paid") == (1,)
    assert "three.Added" not in client.subjects()


def test_the_others_are_registered_on_request(registry: str, client: RegistryClient, tmp_path: Path) -> None:
    write(tmp_path, schema("four.Paid", field("total", "long")))
    run(registry, tmp_path)
    write(tmp_path, schema("four.Paid", field("total", "string")), schema("four.Sent"))

    result = run(registry, tmp_path, "--keep-going")

    assert (result.exit_code, client.versions("four.Paid"), client.versions("four.Sent")) == (1, (1,), (1,))


def test_a_change_is_a_new_version_and_its_json_says_all(registry: str, client: RegistryClient, tmp_path: Path) -> None:
    write(tmp_path, schema("five.Paid"))
    run(registry, tmp_path)
    write(tmp_path, schema("five.Paid", field("note", ["null", "string"], default=None)))

    plan = report(run(registry, tmp_path, "--plan", "--format", "json"))
    (step,) = plan["subjects"]
    assert (plan["applied"], step["action"], step["outcome"], step["version"]) == (False, "change", None, 2)
    assert plan["summary"] == {"create": 0, "change": 1, "unchanged": 0, "refuse": 0, "levels": 0}

    done = report(run(registry, tmp_path, "--format", "json"))
    (step,) = done["subjects"]
    assert (done["applied"], step["outcome"], step["version"]) == (True, "created", 2)
    assert step["id"] == client.latest("five.Paid").id


def test_a_level_alone_is_a_change_and_the_new_one_judges(
    registry: str, client: RegistryClient, tmp_path: Path
) -> None:
    write(tmp_path, schema("six.Paid", field("total", "long")))
    run(registry, tmp_path)

    write(tmp_path, schema("six.Paid", field("total", "long")), level="BACKWARD")
    assert (
        "~ six.Paid  version 1, unchanged; level FULL_TRANSITIVE -> BACKWARD"
        in run(registry, tmp_path, "--plan").output
    )
    # A required field less is no fault to BACKWARD; to the level that the registry still has, it is one.
    write(tmp_path, schema("six.Paid"), level="BACKWARD")
    assert run(registry, tmp_path).exit_code == 0
    assert (client.compatibility("six.Paid"), client.versions("six.Paid")) == ("BACKWARD", (1, 2))


def test_another_text_of_the_same_schema_is_no_change(registry: str, client: RegistryClient, tmp_path: Path) -> None:
    mine = schema("seven.Paid", field("total", "long"))
    rewritten = dict(reversed(mine.items()))
    assert json.dumps(mine) != json.dumps(rewritten)
    assert parse(json.dumps(mine)) == parse(json.dumps(rewritten))
    client.register("seven.Paid", json.dumps(rewritten))
    write(tmp_path, mine)

    assert "seven.Paid  version 1, unchanged" in run(registry, tmp_path, "--plan").output
    assert run(registry, tmp_path).exit_code == 0
    assert client.versions("seven.Paid") == (1,)


def test_a_change_of_documentation_says_that_it_is_only_that(registry: str, tmp_path: Path) -> None:
    write(tmp_path, schema("eight.Paid"))
    run(registry, tmp_path)
    write(tmp_path, schema("eight.Paid", doc="Somebody paid."))

    assert "(only documentation differs)" in run(registry, tmp_path, "--plan").output


def test_going_back_to_an_old_schema_is_told(registry: str, tmp_path: Path) -> None:
    write(tmp_path, schema("nine.Paid"))
    run(registry, tmp_path)
    write(tmp_path, schema("nine.Paid", field("note", default="")))
    run(registry, tmp_path)
    write(tmp_path, schema("nine.Paid"))

    assert "its newest stays version 2" in run(registry, tmp_path, "--plan").output


def test_a_registry_that_is_not_there_is_a_matter_of_the_network(tmp_path: Path, free_port: int) -> None:
    write(tmp_path, schema("far.Paid"))
    result = run(f"http://127.0.0.1:{free_port}", tmp_path, "--plan")
    assert isinstance(result.exception, RegistryUnavailable)
    assert result.exception.exit_code == 2
