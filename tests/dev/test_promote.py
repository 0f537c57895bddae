"""`tallystick promote`: ids may differ, meaning may not."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

import pytest
from click.testing import CliRunner, Result
from tests.dev.contracts import field, schema
from tests.registry.conftest import running

from tallystick.cli import promote
from tallystick.contracts import contract_hash, parse
from tallystick.sdk.registry import RegistryClient

if TYPE_CHECKING:
    from collections.abc import Iterator


class Two(NamedTuple):
    """Two registries, the second behind a password."""

    source: RegistryClient
    target: RegistryClient

    def promote(self, *words: str) -> Result:
        options = ["--from", self.source.url, "--to", self.target.url, *words]
        return CliRunner(env={"TALLYSTICK_TO_AUTH": f"ops:{PASSWORD}"}).invoke(promote.command, options)

    def meanings(self, subject: str) -> list[list[str]]:
        return [
            [contract_hash(parse(each.version(subject, number).text)) for number in each.versions(subject)]
            for each in self
        ]


PASSWORD = "kept-out-of-sight"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("registries")
    digest = hashlib.sha256(PASSWORD.encode()).hexdigest()
    (folder / "users.json").write_text(json.dumps({"users": [{"name": "ops", "sha256": digest, "role": "admin"}]}))
    guard = ("--users", str(folder / "users.json"))
    with (
        running(folder / "a.log", "--database", f"sqlite:///{folder / 'a.db'}") as a,
        running(folder / "b.log", "--database", f"sqlite:///{folder / 'b.db'}", *guard) as b,
        RegistryClient(a.url) as source,
        RegistryClient(b.url, auth=("ops", PASSWORD)) as target,
    ):
        target.register("other", json.dumps(schema("other.Event")))  # so that ids differ
        yield Two(source, target)


def fill(registry: RegistryClient, subject: str, *versions: dict[str, object]) -> None:
    for each in versions:
        registry.register(subject, json.dumps(each))


NOTE = field("note", default="")
MORE = field("more", ["null", "long"], default=None)


def test_all_versions_and_the_level_arrive_and_a_second_run_finds_nothing_to_do(two: Two) -> None:
    name = "one.Paid"
    fill(two.source, name, schema(name), schema(name, NOTE), schema(name, NOTE, MORE))
    two.source.set_compatibility(name, "FULL_TRANSITIVE")

    assert (
        "would copy one.Paid  version 1, 2, 3 and level FULL_TRANSITIVE"
        in two.promote("--subject", "one.", "--plan").output
    )
    assert name not in two.target.subjects()

    done = two.promote("--subject", "one.")
    theirs, ours = two.meanings(name)
    assert (done.exit_code, theirs, len(ours)) == (0, ours, 3)
    assert two.target.latest(name).id != two.source.latest(name).id
    assert two.target.compatibility(name) == "FULL_TRANSITIVE"
    again = two.promote("--subject", "one.")
    assert (again.exit_code, "Nothing to do" in again.output) == (0, True)
    assert PASSWORD not in done.output + again.output


def test_a_promotion_that_was_interrupted_goes_on(two: Two) -> None:
    name = "resumed.Paid"
    fill(two.source, name, schema(name), schema(name, NOTE))
    fill(two.target, name, schema(name))

    result = two.promote("--subject", "resumed.", "--format", "json")

    report = json.loads(result.stdout)
    assert (report["applied"], report["subjects"][0]["versions"]) == (True, [2])
    theirs, ours = two.meanings(name)
    assert theirs == ours


@pytest.mark.parametrize(
    ("name", "theirs", "ours", "told"),
    [
        ("apart.Told", [()], [(NOTE,)], "version 1 of the source says something else than version 1 of the target"),
        ("apart.Ahead", [()], [(), (NOTE,)], "the target has what the source has not: version 2"),
        ("apart.Later", [(), (NOTE,)], [(), (MORE,)], "version 2 of the source says something else than version 2"),
    ],
)
def test_what_has_diverged_is_refused_and_left_alone(
    two: Two,
    name: str,
    theirs: list[tuple[dict[str, object], ...]],
    ours: list[tuple[dict[str, object], ...]],
    told: str,
) -> None:
    fill(two.source, name, *(schema(name, *each) for each in theirs))
    fill(two.target, name, *(schema(name, *each) for each in ours))

    result = two.promote("--subject", name)

    assert (result.exit_code, f"refused   {name}" in result.output, told in result.output) == (1, True, True)
    assert len(two.target.versions(name)) == len(ours)


def test_a_gap_in_the_numbers_is_no_difference(two: Two) -> None:
    name = "gap.Paid"
    fill(two.source, name, schema(name), schema(name, NOTE), schema(name, NOTE, MORE))
    two.source._http.delete(f"{two.source.url}/subjects/{name}/versions/2")

    assert two.promote("--subject", name).exit_code == 0
    assert (two.source.versions(name), two.target.versions(name)) == ((1, 3), (1, 2))


def test_a_history_that_broke_its_level_is_refused_in_names_and_copied_on_request(two: Two) -> None:
    name = "broke.Paid"
    two.source.set_compatibility(name, "NONE")
    fill(two.source, name, schema(name, field("total", "long")), schema(name, field("total", "string")))
    two.source.set_compatibility(name, "FULL_TRANSITIVE")

    refused = two.promote("--subject", name)
    assert (refused.exit_code, "total: the new schema cannot read what version 1 wrote" in refused.output) == (1, True)
    assert "--loosen" in refused.output

    copied = two.promote("--subject", name, "--loosen")
    theirs, ours = two.meanings(name)
    assert (copied.exit_code, theirs, two.target.compatibility(name)) == (0, ours, "FULL_TRANSITIVE")


def test_versions_that_differ_in_documentation_only_are_copied_once(two: Two) -> None:
    name = "docs.Paid"
    fill(two.source, name, schema(name), schema(name, doc="Somebody paid."), schema(name, NOTE))
    fill(two.target, name, schema(name), schema(name, NOTE))  # as a registry that keeps no documentation has it

    assert "Nothing to do" in two.promote("--subject", name).output


def test_only_the_named_subjects_are_copied(two: Two) -> None:
    fill(two.source, "left.Paid", schema("left.Paid"))
    fill(two.source, "taken.Paid", schema("taken.Paid"))

    assert two.promote("--subject", "taken.").exit_code == 0
    assert {"left.Paid", "taken.Paid"} & set(two.target.subjects()) == {"taken.Paid"}


def test_the_wrong_password_is_told_without_it(two: Two) -> None:
    options = ["--from", two.source.url, "--to", two.target.url, "--subject", "one."]
    result = CliRunner(env={"TALLYSTICK_TO_AUTH": "ops:wrong-one"}).invoke(promote.command, options)
    assert (result.exit_code, getattr(result.exception, "status", 0)) == (1, 401)
    assert "wrong-one" not in str(result.exception)
