"""`tallystick codeowners`: the code host asks those who stand in the sidecars, and nobody's own lines are touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.cli import codeowners
from tallystick.contracts.codeowners import BEGIN, END, CodeownersError, Teams, merged, owners_block
from tallystick.contracts.errors import TallystickError

if TYPE_CHECKING:
    from pathlib import Path

# Any characters, but no lone surrogates, which no file holds.
_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"))
_RECORD = '{"type": "record", "name": "%s", "namespace": "%s", "fields": []}'


def run(*words: str) -> Result:
    return CliRunner().invoke(codeowners.command, words)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two domains, one inside the other, and a contract that another team owns."""
    files = {
        "schemas/shop/_domain.yaml": "owner: web\n",
        "schemas/shop/Sold.avsc": _RECORD % ("Sold", "shop"),
        "schemas/shop/Paid.avsc": _RECORD % ("Paid", "shop"),
        "schemas/shop/Paid.yaml": "owner: payments\n",
        "schemas/shop/Seen.avsc": _RECORD % ("Seen", "shop"),
        "schemas/shop/Seen.yaml": "owner: web\n",
        "schemas/shop/till/_domain.yaml": "owner: stores\n",
        "schemas/shop/till/Rung.avsc": _RECORD % ("Rung", "shop.till"),
        "tallystick.toml": '[codeowners]\norganisation = "acme"\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_folders_have_owners_and_contracts_that_differ_come_behind_them(repository: Path) -> None:
    assert run().exit_code == 0
    assert (repository / ".github/CODEOWNERS").read_text().splitlines()[1:-1] == [
        "/schemas/shop/ @acme/web",
        "/schemas/shop/Paid.* @acme/payments",
        "/schemas/shop/till/ @acme/stores",
    ]


def test_a_second_run_has_nothing_to_do_and_the_check_agrees(repository: Path) -> None:
    assert run("--check").exit_code == 1
    assert not (repository / ".github").exists()
    run()
    assert [run("--check").exit_code, "nothing to do" in run().output] == [0, True]


def test_a_change_of_owner_is_told_with_what_to_type(repository: Path) -> None:
    run()
    (repository / "schemas/shop/_domain.yaml").write_text("owner: checkout\n")
    result = run("--check")
    assert (result.exit_code, "fix: tallystick codeowners" in result.stderr) == (1, True)


@pytest.mark.parametrize("place", ["CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"])
def test_the_file_that_is_there_is_the_one_that_is_written_and_its_other_lines_stay(
    repository: Path, place: str
) -> None:
    path = repository / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("* @acme/everybody\n\n# the end\n")
    run()
    text = path.read_text()
    assert text.startswith("* @acme/everybody\n\n# the end\n\n# >>> tallystick")
    path.write_text(text.replace("@acme/stores", "@somebody") + "/docs/ @acme/writers\n")
    run()
    assert path.read_text() == text + "/docs/ @acme/writers\n"


def test_in_a_larger_repository_patterns_start_at_its_root(repository: Path) -> None:
    (repository.parent / ".git").mkdir(exist_ok=True)
    run("--file", "here")
    assert f"/{repository.name}/schemas/shop/ @acme/web" in (repository / "here").read_text()
    (repository.parent / ".git").rmdir()


@pytest.mark.parametrize(
    ("config", "owner", "handle"),
    [
        ('[codeowners]\norganisation = "acme"', "web", "@acme/web"),
        ('[codeowners.teams]\nweb = "@acme/the-web"', "web", "@acme/the-web"),
        ('[codeowners]\norganisation = "acme"\n[codeowners.teams]\nweb = "front"', "web", "@acme/front"),
        ('[codeowners.teams]\n"Web Team" = "@acme/web"', "Web Team", "@acme/web"),
        ("", "@ann", "@ann"),
        ("", "ann@example.com", "ann@example.com"),
    ],
)
def test_an_owner_is_called_as_the_host_knows_it(config: str, owner: str, handle: str) -> None:
    assert Teams.read(config).handle(owner) == handle


@pytest.mark.parametrize(
    ("config", "owner", "told"),
    [
        ("", "web", "organisation"),
        ('[codeowners]\norganisation = "acme"', "Web Team", "codeowners.teams"),
        ('[codeowners]\norganization = "acme"', "web", "organisation"),
        ("[codeowners]\norganisation = 5", "web", "organisation"),
        ("codeowners = 5", "web", "[codeowners]"),
        ("[codeowners", "web", "no TOML"),
    ],
)
def test_an_owner_that_the_host_cannot_know_is_told_with_its_mend(config: str, owner: str, told: str) -> None:
    with pytest.raises(CodeownersError) as caught:
        Teams.read(config).handle(owner)
    assert told in f"{caught.value} {caught.value.fix}"


@pytest.mark.parametrize("text", [f"{BEGIN}\n", f"{END}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n"])
def test_marks_that_do_not_pair_are_refused_before_a_line_is_lost(text: str) -> None:
    with pytest.raises(CodeownersError, match="one pair"):
        merged(text, f"{BEGIN}\n{END}\n")


def test_no_contracts_are_told_as_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert isinstance(run().exception, TallystickError)


@settings(deadline=None, max_examples=50)
@given(
    _TEXTS,
    _TEXTS,
    st.dictionaries(st.from_regex(r"[a-z]{1,5}/", fullmatch=True), st.from_regex(r"[a-z]{1,5}", fullmatch=True)),
)
def test_what_stands_around_the_block_is_never_changed(before: str, after: str, owners: dict[str, str]) -> None:
    block = owners_block(owners, "schemas", Teams(organisation="acme"))
    old = f"{before}\n{BEGIN}\n/old @x\n{END}\n{after}"
    new = merged(old, block)
    assert new == f"{before}\n{block}{after}"
    assert merged(new, block) == new
