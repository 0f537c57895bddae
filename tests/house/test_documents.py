"""What README, RUNBOOK and CONTRIBUTING show is true: commands exist, snippets run, links lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import click
import pytest

from tallystick.cli.main import COMMANDS
from tallystick.dev.tail import tail
from tallystick.dev.topics import EVENTS
from tallystick.sdk.registry import RegistryClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.dev.stack import StackStatus

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "RUNBOOK.md", "CONTRIBUTING.md", "docs/walk-through.md")
FENCE = re.compile(r"^ *```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
CURL = re.compile(r"(?m)^curl .*$")
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
# `tallystick ...` anywhere: in blocks to its line's end, inline to the closing backtick.
MENTION = re.compile(r"(?:^|[\s(`])tallystick ([a-z][^`\n]*)")
TARGET = re.compile(r"\bmake ([a-z]+)\b")


def text_of(document: str) -> str:
    return (ROOT / document).read_text()


def blocks(document: str, language: str) -> list[str]:
    return [body for found, body in FENCE.findall(text_of(document)) if found == language]


def code_of(document: str) -> str:
    """Its shell blocks and what stands between backticks, continued lines joined, comments cut."""
    text = text_of(document)
    shell = "\n".join(blocks(document, "sh")).replace("\\\n", " ")
    inline = "\n".join(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", FENCE.sub("", text)))
    return re.sub(r"(?m)(?:^|\s)#\s.*$", "", f"{shell}\n{inline}")


def mentions() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        for mention in MENTION.findall(code_of(document)):
            yield document, mention.strip()


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that some words call, and the words that are left for it."""
    command: click.Command = import_module(f"tallystick.cli.{COMMANDS[words[0]][0]}").command
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(click.Context(command), rest[0])
        assert found, f"{command.name} has no command {rest[0]}"
        command, rest = found, rest[1:]
    return command, rest


@pytest.mark.parametrize(("document", "mention"), sorted(set(mentions())))
def test_every_command_that_is_shown_exists_with_its_options(document: str, mention: str) -> None:
    shown = re.split(r"\s[|>;&]", mention)[0]
    if "$(" not in shown:
        shown = shown.partition(')"')[0]  # it stands within "$(...)" itself
    words = shlex.split(shown)
    for alternative in words[-1].split("|") if "|" in words[-1] else [words[-1]]:
        command, rest = resolve([*words[:-1], alternative])
        options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        unknown = [word for word in rest if word.startswith("-") and word not in {*options, "--help", "-"}]
        assert unknown == [], f"{document}: tallystick {mention}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_that_is_shown_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(TARGET.findall(code_of(document))) <= targets


@pytest.mark.parametrize("document", [*DOCUMENTS, "docs/decisions/README.md"])
def test_every_link_into_the_repository_leads_somewhere(document: str) -> None:
    targets = [target for target in LINK.findall(text_of(document)) if not urlparse(target).scheme]
    folder = (ROOT / document).parent
    assert [target for target in targets if not (folder / target).exists()] == []


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    shown = subprocess.check_output(["make", "--no-print-directory", "help"], cwd=ROOT, text=True)
    assert set(re.findall(r"make ([a-z]+)", shown)) >= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def _here(snippet: str, stack: StackStatus) -> str:
    """A snippet with the addresses and the key of the tests' own stack."""
    assert stack.api
    assert stack.write_key
    return (
        snippet.replace("http://127.0.0.1:8000", stack.api)
        .replace('Path(".tallystick/write_key").read_text().strip()', repr(stack.write_key))
        .replace("$(cat .tallystick/write_key)", stack.write_key)
    )


def _newest(stack: StackStatus, event_type: str) -> set[str]:
    """Ids of the events of a type among the newest 100 of the topic, which other tests fill as well."""
    assert stack.kafka
    assert stack.registry
    with RegistryClient(stack.registry) as registry:
        found = list(tail(stack.kafka, EVENTS, 100, registry))
    return {record["event"]["meta"]["event_id"] for record in found if record.get("type") == event_type}


@pytest.mark.kafka
@pytest.mark.parametrize("line", CURL.findall(text_of("RUNBOOK.md")))
def test_what_the_runbook_asks_the_services_is_answered(line: str, stack: StackStatus) -> None:
    assert stack.registry
    asked = _here(line, stack).replace("http://127.0.0.1:8081", stack.registry).replace("curl ", "curl --fail ", 1)
    assert subprocess.check_output(["sh", "-c", asked], text=True, timeout=60)


@pytest.mark.kafka
def test_the_first_event_from_python_arrives(stack: StackStatus) -> None:
    before = _newest(stack, "shop.OrderCompleted")
    (snippet,) = blocks("README.md", "python")
    subprocess.run([sys.executable, "-c", _here(snippet, stack)], check=True, timeout=60)
    assert len(_newest(stack, "shop.OrderCompleted") - before) == 1


@pytest.mark.kafka
def test_the_first_event_from_curl_arrives(stack: StackStatus) -> None:
    before = _newest(stack, "shop.PageViewed")
    (snippet,) = [block for block in blocks("README.md", "sh") if block.startswith("curl")]
    answer = subprocess.check_output(["sh", "-c", _here(snippet, stack)], text=True, timeout=60)
    assert '"accepted"' in answer
    assert len(_newest(stack, "shop.PageViewed") - before) == 1
