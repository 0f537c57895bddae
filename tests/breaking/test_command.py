"""`tallystick breaking` as people call it: real git repositories, folders, a real registry, every format."""

from __future__ import annotations

import json
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from tests.breaking.states import EXPERIMENT, Git, event, field, files, money
from tests.registry.conftest import running

from tallystick.cli.breaking import command
from tallystick.cli.explain import command as explain
from tallystick.contracts import load_catalog
from tallystick.contracts.breaking import BREAKING_RULES
from tallystick.contracts.errors import TallystickError
from tallystick.sdk.registry import RegistryClient

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TEXT = event(field("note"), field("total", money(18, 2)))
SCALED = event(field("note"), field("total", money(18, 4)))
MEMBERS = {
    *("rule", "severity", "file", "line", "column", "end_line", "end_column", "message", "why", "fix"),
    *("category", "baseline", "against", "event", "events", "path", "old", "new", "consequence", "consumers"),
    *("recommendation", "execution", "accepted"),
}


def run(*words: str) -> Result:
    return CliRunner().invoke(command, words)


def findings(*words: str) -> list[dict[str, Any]]:
    result = run("--format", "json", *words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    found: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    return found


def refusal(*words: str) -> TallystickError:
    """What the program prints in one line, with its mend, before it ends with 2."""
    error = run(*words).exception
    assert isinstance(error, TallystickError), error
    assert error.exit_code == 2
    assert "\n" not in error.message
    assert error.fix
    return error


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A repository with one event on `main`, and here."""
    repository = Git(tmp_path / "work")
    repository.commit(files(TEXT))
    monkeypatch.chdir(repository.folder)
    return repository


# --- git -------------------------------------------------------------------------------------------------


def test_nothing_changed_ends_with_0_and_says_what_it_was_compared_with(git: Git) -> None:
    result = run()

    assert (result.exit_code, result.stdout) == (0, "4 files, no findings\n")
    assert result.stderr == f"compared with main at {git('rev-parse', 'HEAD')[:9]}\n"


def test_a_break_ends_with_1_and_its_first_line_says_all(git: Git) -> None:
    git.write(files(SCALED))
    result = run("--category", "LOGICAL")

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0] == (
        "error[B201]: `total` changes its scale from decimal(18, 2) to decimal(18, 4): 12.34 becomes 0.1234 in Spark"
    )
    assert lines[1].strip().startswith("--> schemas/shop/OrderPlaced.avsc:")
    assert any(line.strip().startswith("= old:  decimal(18, 2)   (main at ") for line in lines)
    assert any("12.34 becomes 12.3400 in Python and 0.1234 in Spark" in line for line in lines)
    assert lines[-1] == "4 files, 1 error, 0 warnings"


def test_a_warning_ends_with_0(git: Git) -> None:
    rule = {"name": "note_is_short", "expr": "size(this.note) <= 100"}
    git.write(files(event(field("note", confluent__rules=[rule]), field("total", money(18, 2)))))

    result = run()

    assert result.exit_code == 0
    assert result.stdout.startswith("warning[B407]")


def test_the_work_tree_is_what_counts_and_is_left_alone(git: Git) -> None:
    git.write(files(SCALED))
    before = git("status", "--porcelain"), git("rev-parse", "HEAD")

    assert {each["rule"] for each in findings()} == {"B201", "B302", "B403"}
    assert (git("status", "--porcelain"), git("rev-parse", "HEAD")) == before


def test_a_branch_is_compared_by_its_merge_base_and_not_blamed_for_what_main_has_added(git: Git) -> None:
    git("switch", "-q", "-c", "work")
    git.commit(files(event(field("note"), field("total", money(18, 2)), field("tea", default=""))))
    git("switch", "-q", "main")
    git.commit({**files(event(field("x"), name="shop.TeaMade")), "shop/OrderPlaced.yaml": "status: deprecated\n"})
    git("switch", "-q", "work")

    result = run()

    assert result.exit_code == 0, result.stdout
    assert "and with the tip" in result.stderr


def test_what_only_the_tip_makes_a_break_is_told_apart(git: Git) -> None:
    git("switch", "-q", "-c", "work")
    git.commit(files(event(field("note"), field("total", money(18, 2)), field("tea", "int", default=0))))
    git("switch", "-q", "main")
    git.commit(files(event(field("note"), field("total", money(18, 2)), field("tea", "string", default=""))))
    git("switch", "-q", "work")

    found = findings()

    assert {each["baseline"] for each in found} == {"tip"}
    assert {each["path"] for each in found} == {"tea"}
    assert "B302" in {each["rule"] for each in found}
    assert all(each["against"].startswith("the tip ") for each in found)


def test_a_finding_of_both_is_told_once(git: Git) -> None:
    git("switch", "-q", "-c", "work")
    git.commit(files(SCALED))
    git("switch", "-q", "main")
    git.commit(files(event(field("x"), name="shop.TeaMade")))
    git("switch", "-q", "work")

    assert [(each["rule"], each["baseline"]) for each in findings()] == [
        ("B201", "merge-base"),
        ("B302", "merge-base"),
        ("B403", "merge-base"),
    ]


def test_the_main_branch_is_origins_where_there_is_one(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "clone"
    git("clone", "-q", str(git.folder), str(clone))
    monkeypatch.chdir(clone)

    assert run().stderr.startswith("compared with origin/HEAD at ")


def test_any_ref_will_do(git: Git) -> None:
    git("tag", "v1")
    git.commit(files(SCALED))

    assert findings() == []
    assert {each["rule"] for each in findings("--against", "v1")} == {"B201", "B302", "B403"}
    assert {each["rule"] for each in findings("--against", "HEAD~1")} == {"B201", "B302", "B403"}


def test_a_deleted_contract_is_told_in_the_file_that_it_stood_in(git: Git) -> None:
    git.commit(files(event(field("x"), name="shop.TeaMade")))
    (git.folder / "schemas/shop/OrderPlaced.avsc").unlink()

    result = run()

    assert "--> schemas/shop/OrderPlaced.avsc:" in result.stdout
    assert '"name": "OrderPlaced"' in result.stdout


def test_contracts_may_stand_deeper_in_the_repository(tmp_path: Path) -> None:
    git = Git(tmp_path / "mono")
    git.commit(files(TEXT), root="services/shop/schemas")
    git.write(files(SCALED), root="services/shop/schemas")

    found = findings("--schemas", str(git.folder / "services/shop/schemas"), "--category", "logical")

    assert [each["rule"] for each in found] == ["B201"]


def test_an_experiment_in_git_says_who_reads(git: Git) -> None:
    part = {"role": "exposure", "unit_type": "user"}
    roles = [
        field(name, tallystick__role=[f"experiment.{name}"]) for name in ("unit_id", "experiment_key", "variant_key")
    ]
    offered = event(*roles, name="shop.TeaOffered", tallystick__experiment=part)
    git.commit(files(offered))
    git.commit({"free_tea.yaml": EXPERIMENT}, root="experiments")
    (git.folder / "schemas/shop/TeaOffered.avsc").write_text(offered.replace('"experiment.unit_id"', ""))

    found = [each for each in findings() if each["rule"] == "B505"]

    assert [(each["path"], each["consumers"]) for each in found] == [("unit_id", found[0]["consumers"])]
    assert found[0]["consumers"][0].startswith("experiment free_tea")


# --- what cannot be compared -------------------------------------------------------------------------------


def test_an_unknown_ref_is_told_with_the_nearest_one(git: Git) -> None:
    git("branch", "release-1")

    assert "did you mean `release-1`?" in refusal("--against", "relase-1").message


def test_no_repository_is_told(tmp_path: Path) -> None:
    for path, text in files(TEXT).items():
        place = tmp_path / "schemas" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    error = refusal("--schemas", str(tmp_path / "schemas"))

    assert error.message.endswith("is in no git repository")
    assert "--against DIR" in error.fix


def test_no_main_branch_is_told(tmp_path: Path) -> None:
    git = Git(tmp_path / "odd", branch="trunk")
    git.commit(files(TEXT))

    error = refusal("--schemas", str(git.folder / "schemas"))

    assert "there is no main branch here: none of origin/HEAD, origin/main, main, master" in error.message
    assert run("--schemas", str(git.folder / "schemas"), "--against", "trunk").exit_code == 0


def test_a_shallow_clone_without_the_merge_base_is_told(git: Git, tmp_path: Path) -> None:
    git("switch", "-q", "-c", "work")
    git.commit(files(SCALED))
    git("switch", "-q", "main")
    git.commit(files(event(field("x"), name="shop.TeaMade")))
    clone = tmp_path / "clone"
    url = f"file://{git.folder}"
    git("clone", "-q", "--depth", "1", "--no-single-branch", "-b", "work", url, str(clone))

    error = refusal("--schemas", str(clone / "schemas"))

    assert "shallow clone" in error.message
    assert "fetch-depth: 0" in error.fix


def test_histories_that_share_nothing_are_told(git: Git) -> None:
    git("switch", "-q", "--orphan", "other")
    git.commit(files(SCALED))

    assert "share no history" in refusal("--against", "main").message


def test_an_unreachable_registry_is_told(git: Git, free_port: int) -> None:
    assert git.folder.exists()
    assert "does not answer" in refusal("--against", f"http://127.0.0.1:{free_port}").message


@pytest.mark.parametrize("word", ["WIRES", "", ","])
def test_an_unknown_category_is_told(git: Git, word: str) -> None:
    assert git.folder.exists()
    result = run("--category", word)

    assert result.exit_code == 2
    assert "WIRE" in result.stderr


def test_no_contracts_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert "schemas does not exist" in refusal().message


# --- folders -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", ["", "schemas"])
def test_a_folder_may_be_a_repository_or_its_schemas(git: Git, tmp_path: Path, inside: str) -> None:
    other = Git(tmp_path / "before")
    other.write(files(SCALED))
    assert git.folder.exists()

    found = findings("--against", str(other.folder / inside), "--category", "LOGICAL")

    assert [(each["rule"], each["baseline"], each["old"]) for each in found] == [("B201", "dir", "decimal(18, 4)")]


def test_a_folder_without_contracts_is_told(git: Git, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert git.folder.exists()

    assert refusal("--against", str(tmp_path / "empty")).message.endswith("holds no contract")
    assert "no folder and no address" in refusal("--against", str(tmp_path / "missing")).message


# --- a registry ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("registry")
    with running(folder / "log", "--database", f"sqlite:///{folder / 'registry.db'}") as process:
        yield process.url


def test_a_registry_is_compared_at_every_version_that_the_level_asks_for(registry: str, git: Git) -> None:
    versions = [
        [field("note", "int", default=0), field("total", money(18, 2))],
        [field("total", money(18, 2))],
    ]
    with RegistryClient(registry) as client:
        client.set_compatibility("shop.OrderPlaced", "NONE")
        for fields in versions:
            git.write(files(event(*fields)))
            client.register("shop.OrderPlaced", load_catalog(git.folder / "schemas")["shop.OrderPlaced"].text)
    git.write(files(event(field("note", default=""), field("total", money(18, 4)))))

    found = findings("--against", registry)

    assert {each["baseline"] for each in found} == {"registry"}
    assert all(each["against"] == f"version 2 in the registry at {registry}" for each in found)
    # `note` was an int in version 1, and was not there in version 2: only a transitive level sees that.
    assert [each["path"] for each in found if each["rule"] == "B102"] == ["note"]
    assert [each["rule"] for each in found if each["path"] == "total"] == ["B201", "B302", "B403"]
    assert run("--against", registry, "--category", "POLICY").exit_code == 0, "a registry knows no owners"


def test_an_empty_registry_has_nothing_to_break(registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git = Git(tmp_path / "other")
    git.write(files(event(field("x"), name="till.TillOpened")))
    monkeypatch.chdir(git.folder)

    assert run("--against", registry).exit_code == 0


# --- formats and rules -----------------------------------------------------------------------------------------


def test_json_has_every_member(git: Git) -> None:
    git.write(files(SCALED))
    (found,) = findings("--category", "LOGICAL")

    assert set(found) == MEMBERS
    assert found["baseline"] == "merge-base"
    assert found["execution"] == {"written": "12.34", "python": "12.3400", "spark": "0.1234"}
    assert (found["event"], found["path"], found["old"], found["new"]) == (
        *("shop.OrderPlaced", "total"),
        *("decimal(18, 2)", "decimal(18, 4)"),
    )


def test_every_format_reports_the_break(git: Git) -> None:
    git.write(files(SCALED))
    shown = {style: run("--format", style).stdout for style in ("github", "gitlab", "sarif", "junit")}

    assert shown["github"].startswith("::error file=schemas/shop/OrderPlaced.avsc,line=")
    assert {each["check_name"] for each in json.loads(shown["gitlab"])} == {"B201", "B302", "B403"}
    (sarif,) = json.loads(shown["sarif"])["runs"]
    assert [each["ruleId"] for each in sarif["results"]] == ["B201", "B302", "B403"]
    assert ET.fromstring(shown["junit"]).find(".//failure") is not None  # noqa: S314 - our own


def test_each_category_can_be_used_alone(git: Git) -> None:
    git.write(files(event(field("note", "int"), field("total", money(18, 4)))))

    assert {each["category"] for each in findings("--category", "wire")} == {"WIRE"}
    assert {each["category"] for each in findings("--category", "TABLE, SOURCE")} == {"TABLE", "SOURCE"}


@pytest.mark.parametrize("rule", BREAKING_RULES)
def test_every_rule_is_explained(rule: str) -> None:
    result = CliRunner().invoke(explain, [rule.lower()])

    assert result.exit_code == 0
    assert result.output.startswith(f"{rule}: {BREAKING_RULES[rule].title}")
    assert BREAKING_RULES[rule].why in result.output


def test_the_page_of_rules_is_what_the_rules_say() -> None:
    written = (ROOT / "docs" / "breaking-rules.md").read_text()

    assert CliRunner().invoke(explain, ["--breaking", "--markdown"]).output == written, (
        "tallystick explain --breaking --markdown > docs/breaking-rules.md"
    )


def test_this_repository_can_be_compared_with_itself() -> None:
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    if commit.returncode:
        pytest.skip("these sources are in no git repository")

    result = run("--schemas", str(ROOT / "schemas"), "--against", "HEAD")

    assert result.exit_code in {0, 1}
    assert result.stderr.startswith("compared with HEAD at ")
