"""The whole API against a plain model in memory, written from the description of Confluent's API alone.

The model knows which schema can read which from a table by hand, so that nothing of the implementation is in it.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from starlette.testclient import TestClient
from tests.registry.conftest import Api, record
from typing_extensions import override

from tallystick.api.registry.http.app import create_app
from tallystick.api.registry.store import Store

TEXTS = {
    "int": record(x="int"),
    "more": '{"type":"record","name":"A","fields":[{"name":"x","type":"int"},{"name":"y","type":"int","default":0}]}',
    "long": record(x="long"),
    "string": record(x="string"),
}
REFERRING = '{"type":"record","name":"E","fields":[{"name":"a","type":"A"}]}'
READS = {
    "int": {"int", "more"},
    "more": {"int", "more"},
    "long": {"int", "more", "long"},
    "string": {"string"},
}
LEVELS = {
    "NONE": (False, False, False),
    "BACKWARD": (True, False, False),
    "FORWARD": (False, True, False),
    "FULL": (True, True, False),
    "BACKWARD_TRANSITIVE": (True, False, True),
    "FULL_TRANSITIVE": (True, True, True),
}
SUBJECTS = ["s", "t", ":.c:s"]
Refusal = tuple[int, int]


@dataclass
class Line:
    """A version in the model."""

    content: tuple[str, ...]
    id: int
    deleted: bool = False


@dataclass
class Model:
    """What the registry should hold."""

    subjects: dict[str, dict[int, Line]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)

    def live(self, subject: str) -> dict[int, Line]:
        return {v: line for v, line in self.subjects.get(subject, {}).items() if not line.deleted}

    def level(self, subject: str) -> str:
        top = ":.c:" if subject.startswith(":.c:") else ""
        return self.levels.get(subject) or self.levels.get(top) or "BACKWARD"

    def fits(self, subject: str, name: str) -> bool:
        backward, forward, transitive = LEVELS[self.level(subject)]
        previous = [line.content[0] for _, line in sorted(self.live(subject).items())]
        return all(
            (not backward or old in READS[name]) and (not forward or name in READS[old])
            for old in (previous if transitive else previous[-1:])
        )

    def register(self, subject: str, content: tuple[str, ...]) -> tuple[int, int] | Refusal:
        for version, line in sorted(self.live(subject).items(), reverse=True):
            if line.content == content:
                return line.id, version
        if self.modes.get(subject) == "READONLY":
            return 422, 42205
        if len(content) == 1 and not self.fits(subject, content[0]):
            return 409, 409
        context = ".c" if subject.startswith(":.c:") else "."
        known = {line.content: line.id for lines in self.within(context) for line in lines.values()}
        if content not in known:
            self.counters[context] = known[content] = self.counters.get(context, 0) + 1
        lines = self.subjects.setdefault(subject, {})
        version = max(lines, default=0) + 1
        for old in [v for v, line in lines.items() if line.deleted and line.id == known[content]]:
            if not self.referrers(subject, old, deleted=True):
                del lines[old]
        lines[version] = Line(content, known[content])
        return known[content], version

    def within(self, context: str) -> list[dict[int, Line]]:
        return [lines for s, lines in self.subjects.items() if s.startswith(":.c:") == (context == ".c")]

    def referrers(self, subject: str, version: int, *, deleted: bool) -> set[str]:
        wanted = ("E", subject, str(version))
        return {
            s
            for s, lines in self.subjects.items()
            for line in lines.values()
            if line.content == wanted and (deleted or not line.deleted)
        }

    def delete_subject(self, subject: str, *, permanent: bool) -> list[int] | Refusal:
        lines, live = self.subjects.get(subject, {}), self.live(subject)
        if not lines:
            return 404, 40401
        if not permanent and not live:
            return 404, 40404
        if self.modes.get(subject) == "READONLY":
            return 422, 42205
        going = sorted(lines if permanent else live)
        for version in going:
            if self.referrers(subject, version, deleted=permanent) - {subject}:
                return 422, 42206
            if permanent and version in live:
                return 404, 40405
        for version in going:
            lines[version].deleted = True
        if permanent:
            self.forget(subject)
        return going

    def delete_version(self, subject: str, version: int, *, permanent: bool) -> int | Refusal:
        lines = self.subjects.get(subject, {})
        if version not in lines:
            return (404, 40402) if lines else (404, 40401)
        if lines[version].deleted and not permanent:
            return 404, 40406
        if self.modes.get(subject) == "READONLY":
            return 422, 42205
        if self.referrers(subject, version, deleted=permanent):
            return 422, 42206
        if permanent and not lines[version].deleted:
            return 404, 40407
        lines[version].deleted = True
        if permanent:
            del lines[version]
            if not lines:
                self.forget(subject)
        return version

    def forget(self, subject: str) -> None:
        for part in (self.subjects, self.levels, self.modes):
            part.pop(subject, None)


EMPTY = Path(tempfile.mkdtemp(prefix="tallystick-model-")) / "empty.db"
subjects, names, flags = st.sampled_from(SUBJECTS), st.sampled_from(sorted(TEXTS)), st.booleans()
versions = st.integers(1, 4)


class Registry(RuleBasedStateMachine):
    """Does the same to the registry and to the model."""

    def __init__(self) -> None:
        super().__init__()
        if not EMPTY.exists():
            Store(f"sqlite:///{EMPTY}").close()
        self.folder = Path(tempfile.mkdtemp(prefix="tallystick-model-"))
        shutil.copy(EMPTY, self.folder / "registry.db")
        self.model = Model()
        self.start()

    def start(self) -> None:
        self.client = TestClient(create_app(Store(f"sqlite:///{self.folder / 'registry.db'}")))
        self.client.__enter__()
        self.api = Api(self.client)

    @override
    def teardown(self) -> None:
        self.client.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    def send(self, method: str, path: str, body: object = None, **params: object) -> object:
        status, answer = self.api.send(method, path, body, **params)
        return answer if status == 200 else (status, answer["error_code"])

    @rule(subject=subjects, name=names)
    def register(self, subject: str, name: str) -> None:
        answer = self.send("POST", f"/subjects/{subject}/versions", {"schema": TEXTS[name]})
        got = (answer["id"], answer["version"]) if isinstance(answer, dict) else answer
        assert got == self.model.register(subject, (name,))

    @rule(home=subjects, version=versions)
    def register_a_referrer(self, home: str, version: int) -> None:
        subject = ":.c:e" if home.startswith(":.c:") else "e"
        self.send("PUT", f"/config/{subject}", {"compatibility": "NONE"})
        self.model.levels[subject] = "NONE"
        reference = {"name": "A", "subject": home, "version": version}
        answer = self.send("POST", f"/subjects/{subject}/versions", {"schema": REFERRING, "references": [reference]})
        if version not in self.model.subjects.get(home, {}):
            assert answer == (422, 42201)
        else:
            assert isinstance(answer, dict)
            assert (answer["id"], answer["version"]) == self.model.register(subject, ("E", home, str(version)))

    @rule(subject=st.sampled_from([*SUBJECTS, "e"]), permanent=flags)
    def delete_subject(self, subject: str, *, permanent: bool) -> None:
        expected = self.model.delete_subject(subject, permanent=permanent)
        assert self.send("DELETE", f"/subjects/{subject}", permanent=permanent) == expected

    @rule(subject=subjects, version=versions, permanent=flags)
    def delete_version(self, subject: str, version: int, *, permanent: bool) -> None:
        expected = self.model.delete_version(subject, version, permanent=permanent)
        assert self.send("DELETE", f"/subjects/{subject}/versions/{version}", permanent=permanent) == expected

    @rule(place=st.sampled_from([*SUBJECTS, "", ":.c:"]), level=st.sampled_from(sorted(LEVELS)))
    def set_level(self, place: str, level: str) -> None:
        answer = self.send("PUT", f"/config/{place}" if place else "/config", {"compatibility": level})
        if self.model.modes.get(place) == "READONLY":
            assert answer == (422, 42205)
        else:
            assert answer == {"compatibility": level}
            self.model.levels[place] = level

    @rule(subject=subjects, mode=st.sampled_from(["READONLY", "READWRITE"]))
    def set_mode(self, subject: str, mode: str) -> None:
        assert self.send("PUT", f"/mode/{subject}", {"mode": mode}) == {"mode": mode}
        self.model.modes[subject] = mode

    @rule(subject=subjects, name=names)
    def check(self, subject: str, name: str) -> None:
        answer = self.send("POST", f"/compatibility/subjects/{subject}/versions", {"schema": TEXTS[name]})
        assert answer == {"is_compatible": self.model.fits(subject, name)}

    @precondition(lambda self: self.model.subjects)
    @rule()
    def restart(self) -> None:
        self.client.__exit__(None, None, None)
        self.start()

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        listed = self.api.get("/schemas", subjectPrefix=":*:", deleted=True)[1]
        held = {(v["subject"], v["version"]): (v["id"], v.get("deleted", False)) for v in listed}
        assert held == {
            (subject, version): (line.id, line.deleted)
            for subject, lines in self.model.subjects.items()
            for version, line in lines.items()
        }

    @invariant()
    def the_latest_is_never_stale(self) -> None:
        for subject in SUBJECTS:
            live = self.model.live(subject)
            if live:
                answer = self.send("GET", f"/subjects/{subject}/versions/latest")
                assert isinstance(answer, dict)
                assert answer["version"] == max(live)
                by_id = self.send("GET", f"/schemas/ids/{answer['id']}", subject=":.c:" if ":" in subject else "")
                assert isinstance(by_id, dict)
                assert by_id["schema"] == answer["schema"]


TestRegistry = Registry.TestCase
TestRegistry.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
