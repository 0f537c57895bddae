"""Runs the rules over a repository and turns what they say into findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from tallystick.contracts.findings import Finding
from tallystick.contracts.lint.config import LintConfig
from tallystick.contracts.lint.fixes import as_fix
from tallystick.contracts.lint.rule import Hit, OnDocument, OnField, OnSchema, OnType, Rule
from tallystick.contracts.lint.rules import RULES
from tallystick.contracts.lint.sites import FieldSite, TypeSite
from tallystick.contracts.lint.suppression import suppressions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tallystick.contracts.findings import Severity
    from tallystick.contracts.lint.document import Document
    from tallystick.contracts.lint.repository import Repository, SchemaFile
    from tallystick.contracts.lint.rule import Hits

__all__ = ["Target", "lint"]

S = TypeVar("S", TypeSite, FieldSite)
_Hit: TypeAlias = tuple[Rule, Hit]
_Check: TypeAlias = "tuple[Rule, frozenset[str], str, Callable[[S, SchemaFile], Hits]]"
_ByKey: TypeAlias = "list[tuple[str, list[tuple[Rule, Callable[[S, SchemaFile], Hits]]]]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What to lint, and what to call it.

    Attributes:
        shown: Path below the root -> the name that findings bear; files that are not in it are only context.
        configured: The same -> the path that `tallystick.toml` speaks of.
    """

    shown: Mapping[str, str]
    configured: Mapping[str, str] = field(default_factory=dict)


def lint(repository: Repository, *, config: LintConfig | None = None, target: Target | None = None) -> list[Finding]:
    """Run every rule.

    Args:
        repository: The files.
        config: Which rules hold where; None = all, with their own severities.
        target: Which files to report on, and under which names; None = all.

    Returns:
        The findings, by file and place.
    """
    config = config or LintConfig()
    documents = {**repository.documents, **repository.definitions}
    shown = target.shown if target else {path: path for path in documents}
    configured = target.configured if target else {}
    findings: list[Finding] = []
    for path, name in shown.items():
        document = documents.get(path)
        if document is not None:
            levels = config.severities(configured.get(path, name))
            findings += _lint_document(document, repository, levels, name)
    return sorted(set(findings), key=lambda each: (each.file, each.span.start, each.rule, each.message))


def _lint_document(
    document: Document, repository: Repository, levels: Mapping[str, Severity], name: str
) -> Iterator[Finding]:
    file = repository.schemas.get(document.path) if document.kind == "schema" else None
    exceptions = tuple(suppressions_of(file)) if file is not None else ()
    for rule, hit in _hits(document, file, repository, frozenset(levels)):
        if any(each.covers(rule.id, hit.path, repository.today) for each in exceptions):
            continue
        span = document.lines.span(*hit.within) if hit.within else document.span(hit.path, hit.part)
        yield Finding(
            rule=rule.id,
            severity=levels[rule.id],
            file=name,
            span=span,
            message=hit.message,
            why=rule.why,
            fix=as_fix(hit.mend, document),
        )


def _hits(document: Document, file: SchemaFile | None, repository: Repository, active: frozenset[str]) -> list[_Hit]:
    """What every active rule says about a file."""
    checks = _checks(active)
    found: list[_Hit] = []
    for rule, run, kinds in checks.documents:
        if document.kind in kinds:
            found += [(rule, hit) for hit in run(document, repository)]
    if file is None:
        return found
    for rule, on_schema in checks.schemas:
        found += [(rule, hit) for hit in on_schema(file)]
    _collect(((each, checks.types.of(each.kind)) for each in file.view.types), file, found)
    _collect(((each, checks.fields.of(each.plain.kind)) for each in file.view.fields), file, found)
    return found


def _collect(places: Iterable[tuple[S, _ByKey[S]]], file: SchemaFile, found: list[_Hit]) -> None:
    for site, checks in places:
        attributes = site.attributes
        for key, pairs in checks:
            if not key or key in attributes:
                for rule, run in pairs:
                    for hit in run(site, file):
                        found.append((rule, hit))  # noqa: PERF401 -- a list for each of a million checks costs more


class _Checks:
    """The checks of the active rules, by what they look at."""

    def __init__(self, rules: list[Rule]) -> None:
        pairs = [(rule, check) for rule in rules for check in rule.checks]
        self.documents = [(rule, each.run, each.kinds) for rule, each in pairs if isinstance(each, OnDocument)]
        self.schemas = [(rule, each.run) for rule, each in pairs if isinstance(each, OnSchema)]
        self.fields = _ByKind[FieldSite](
            [(rule, each.kinds, each.needs, each.run) for rule, each in pairs if isinstance(each, OnField)]
        )
        self.types = _ByKind[TypeSite](
            [(rule, each.kinds, each.needs, each.run) for rule, each in pairs if isinstance(each, OnType)]
        )


class _ByKind(Generic[S]):
    """Checks of types or fields, by the kind of type and by the key that they need."""

    def __init__(self, checks: Sequence[_Check[S]]) -> None:
        self._every: Sequence[_Check[S]] = checks
        self._found: dict[str, _ByKey[S]] = {}

    def of(self, kind: str) -> _ByKey[S]:
        """The checks for one kind."""
        if kind not in self._found:
            fitting = [(rule, key, run) for rule, kinds, key, run in self._every if not kinds or kind in kinds]
            self._found[kind] = [
                (key, [(rule, run) for rule, needs, run in fitting if needs == key])
                for key in dict.fromkeys(needs for _, needs, _ in fitting)
            ]
        return self._found[kind]


@cache
def _checks(active: frozenset[str]) -> _Checks:
    return _Checks([rule for rule in RULES.values() if rule.id in active])
