"""The two reads that everybody does, by id and of a version, without routing: what they ask, and the answer.

They are answered as the routes of `schemas` and `subjects` answer them, by the same functions of the core; whatever is
asked beyond that (another format, deleted versions, an alias) is left to those.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from tallystick.api.registry import reading
from tallystick.api.registry.errors import RegistryError
from tallystick.api.registry.http.front import rewrite
from tallystick.api.registry.http.params import MAX_INT, decoded
from tallystick.api.registry.names import Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.api.registry.content import Json
    from tallystick.api.registry.store import Store
    from tallystick.api.registry.transaction import Transaction

__all__ = ["Answer", "Question", "answer", "question"]

_BY_ID: Final = re.compile(r"/schemas/ids/(?P<number>[0-9]{1,10})")
_VERSION: Final = re.compile(r"/subjects/(?P<subject>[^/]+)/versions/(?P<number>[1-9][0-9]{0,9}|latest|-1)")
# Parameters that stock clients send though they change nothing, as long as they say `false`.
_BY_ID_IGNORED: Final = "fetchMaxId"
_VERSION_IGNORED: Final = "deleted"


@dataclass(frozen=True, slots=True)
class Question:
    """A read that can be answered directly.

    Attributes:
        route: The route that would answer it, for the metrics.
        number: The id or the version; -1 for the latest.
        subject: The subject, or in which to look for the id.
        ask: Finds the answer.
    """

    route: str
    number: int
    subject: Subject
    ask: Callable[[Transaction, Subject, int], Answer | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, which changes end its truth, and as of which write it holds."""

    found: Json
    until: tuple[str, ...]
    tick: int


def question(raw_path: bytes, query_string: bytes) -> Question | None:
    """What a GET asks; None for everything that the routes have to look at."""
    try:
        path, query = rewrite(raw_path.decode("ascii"), query_string.decode("ascii"))
        pairs = parse_qsl(query, keep_blank_values=True)
        if found := _BY_ID.fullmatch(path):
            rest = [pair for pair in pairs if not _is_off(pair, _BY_ID_IGNORED)]
            subject = Subject.parse(rest.pop()[1] if len(rest) == 1 and rest[0][0] == "subject" else "")
            asked = Question("/schemas/ids/{schema_id}", int(found["number"]), subject, _by_id)
        elif found := _VERSION.fullmatch(path):
            rest = [pair for pair in pairs if not _is_off(pair, _VERSION_IGNORED)]
            number = -1 if found["number"] == "latest" else int(found["number"])
            subject = Subject.parse(decoded(found["subject"]))
            asked = Question("/subjects/{subject}/versions/{version}", number, subject, _by_version)
        else:
            return None
    except (RegistryError, UnicodeDecodeError):
        return None
    return None if rest or asked.number > MAX_INT else asked


def answer(store: Store, asked: Question) -> Answer | None:
    """The answer; None where the routes must find it, or find that there is none."""
    try:
        with store.read() as tx:
            return asked.ask(tx, asked.subject, asked.number)
    except (RegistryError, *store.lost):
        return None


def _is_off(pair: tuple[str, str], name: str) -> bool:
    return pair[0] == name and pair[1].lower() == "false"


def _by_id(tx: Transaction, subject: Subject, schema_id: int) -> Answer | None:
    if reading.real_subject(tx, subject) != subject:
        return None
    found = reading.by_id(tx, schema_id, subject)
    # Found by its subject's name, what it is depends on other contexts too, unless the subject itself holds it.
    if not subject.is_context and (found.place is None or found.place.subject != subject):
        return None
    alias = () if subject.is_context else (f"subject:{subject.qualified}",)
    return Answer(found.json, (f"id:{found.context}:{schema_id}", *alias), tx.tick())


def _by_version(tx: Transaction, subject: Subject, number: int) -> Answer | None:
    if reading.real_subject(tx, subject) != subject:
        return None
    found = reading.by_version(tx, subject, number)
    if found.place.subject != subject:
        return None
    return Answer(found.json, (f"subject:{subject.qualified}",), tx.tick())
