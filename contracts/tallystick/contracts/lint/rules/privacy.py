"""P001 to P003: people in the data."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final, get_args

from tallystick.contracts.lint.rule import Example, Hit, Mend, OnDocument, OnField, Rule, SetValue
from tallystick.contracts.spelling import did_you_mean, nearest, words
from tallystick.contracts.vocabulary import Handling

if TYPE_CHECKING:
    from tallystick.contracts.lint.document import Document, Path
    from tallystick.contracts.lint.repository import Repository, SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite

__all__ = ["PRIVACY_RULES"]

_TAGS: Final = "confluent:tags"
_HANDLINGS: Final = get_args(Handling)
# Words, in their order, that name a person or lead to one.
_PERSONAL: Final = (
    ("email",),
    ("e", "mail"),
    ("mail", "address"),
    ("phone",),
    ("telephone",),
    ("mobile", "number"),
    ("msisdn",),
    ("first", "name"),
    ("last", "name"),
    ("given", "name"),
    ("family", "name"),
    ("full", "name"),
    ("surname",),
    ("customer", "name"),
    ("person", "name"),
    ("birth", "date"),
    ("birthdate",),
    ("birthday",),
    ("date", "of", "birth"),
    ("dob",),
    ("street",),
    ("postal", "address"),
    ("home", "address"),
    ("billing", "address"),
    ("shipping", "address"),
    ("delivery", "address"),
    ("ip", "address"),
    ("ip",),
    ("ipv4",),
    ("ipv6",),
    ("ssn",),
    ("social", "security"),
    ("passport",),
    ("national", "id"),
    ("tax", "id"),
    ("iban",),
    ("card", "number"),
    ("credit", "card"),
    ("password",),
    ("latitude",),
    ("longitude",),
    ("gps",),
    ("device", "id"),
    ("advertising", "id"),
    ("idfa",),
    ("gaid",),
    ("user", "agent"),
)
_NO_PERSON: Final = frozenset(("is", "has", "count", "type", "kind", "status", "length", "verified", "enabled"))


@lru_cache(maxsize=4096)
def _looks_personal(name: str) -> str:
    said = words(name)
    if _NO_PERSON & set(said):
        return ""
    for run in _PERSONAL:
        for start in range(len(said) - len(run) + 1):
            if said[start : start + len(run)] == run:
                return " ".join(run)
    return ""


def _untagged(site: FieldSite, _: SchemaFile) -> Hits:
    found = _looks_personal(site.name)
    if not found or _TAGS in site.attributes or site.plain.kind in {"boolean", "record", "ref", "enum"}:
        return
    message = (
        f'`{site.name}` looks like personal data and has no tag: add "{_TAGS}": '
        '["PII"], or say in a suppression why not'
    )
    yield Hit((*site.path, "name"), message, Mend(f'"{_TAGS}": ["PII"]'))


def _unknown_tags(site: FieldSite, file: SchemaFile) -> Hits:
    if _TAGS not in site.attributes:
        return
    stated, known = site.attributes[_TAGS], file.repository.tags
    path: Path = (*site.path, _TAGS)
    if not isinstance(stated, list) or not all(isinstance(each, str) for each in stated):
        is_word = isinstance(stated, str)
        mend = (
            Mend(f'"{_TAGS}": {json.dumps([stated])}', (SetValue(path, json.dumps([stated])),), safe=True)
            if is_word
            else None
        )
        yield Hit(path, f'tags stand in a list of strings: write ["{stated if is_word else "PII"}"]', mend)
        return
    for index, tag in enumerate(stated):
        if known is not None and isinstance(tag, str) and tag not in known:
            right = nearest(tag, known)
            is_safe = right is not None and right.lower() == tag.lower()
            mend = Mend(f'"{right}"', (SetValue((*path, index), json.dumps(right)),), safe=is_safe) if right else None
            yield Hit((*path, index), f"tag `{tag}` is not in tags.yaml{did_you_mean(tag, known)}", mend)


def _bad_tags(document: Document, _: Repository) -> Hits:
    if not document.is_readable:
        return
    if not isinstance(document.value, dict):
        yield Hit((), "tags.yaml maps each tag to its meaning: write PII: {doc: ..., handling: drop}")
        return
    for tag, meaning in document.value.items():
        if not isinstance(meaning, dict):
            yield Hit((tag,), f"tag `{tag}` has no meaning: write {{doc: ..., handling: drop}}")
            continue
        handling = meaning.get("handling")
        if handling is not None and handling not in _HANDLINGS:
            hint = did_you_mean(str(handling), _HANDLINGS)
            yield Hit((tag, "handling"), f"`{handling}` is no handling of tag `{tag}`{hint}")
        if meaning.get("doc") is not None and not isinstance(meaning["doc"], str):
            yield Hit((tag, "doc"), f"doc of tag `{tag}` is not a text: put it in quotes")
        for key in meaning:
            if key not in {"doc", "handling"}:
                yield Hit(
                    (tag, key), f"`{key}` means nothing for a tag{did_you_mean(key, ('doc', 'handling'))}", part="key"
                )


PRIVACY_RULES: Final = (
    Rule(
        id="P001",
        title="what looks like personal data has a tag",
        severity="warning",
        why="Silver masks, hashes or drops by tag; an untagged address is copied into every table that follows.",
        bad=Example('{"name": "contact_email", "type": "bytes", "doc": "Where the invoice was sent."}'),
        good=Example(
            '{"name": "contact_email", "type": "bytes", "doc": "Where the invoice was '
            'sent.", "confluent:tags": ["PII"]}'
        ),
        checks=(OnField(_untagged),),
    ),
    Rule(
        id="P002",
        title="a tag is one of tags.yaml",
        severity="error",
        why="A tag that nobody defined is handled as no tag at all: the data is kept as it is.",
        bad=Example('{"name": "payer_id", "type": "string", "doc": "Who paid.", "confluent:tags": ["pii"]}'),
        good=Example('{"name": "payer_id", "type": "string", "doc": "Who paid.", "confluent:tags": ["PII"]}'),
        checks=(OnField(_unknown_tags, _TAGS),),
        fixable=True,
    ),
    Rule(
        id="P003",
        title="tags.yaml says how each tag is handled",
        severity="error",
        why="Silver does what stands there: keep, mask, hash or drop.",
        bad=Example("PII:\n  doc: Identifies a person.\n  handling: delete\n", "tags"),
        good=Example("PII:\n  doc: Identifies a person.\n  handling: drop\n", "tags"),
        checks=(OnDocument(_bad_tags, ("tags",)),),
    ),
)
