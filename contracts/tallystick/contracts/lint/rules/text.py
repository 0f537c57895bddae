"""S001 to S006: the text itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, Mend, OnDocument, ReplaceText, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.contracts.lint.document import Document, DocumentKind
    from tallystick.contracts.lint.repository import Repository
    from tallystick.contracts.lint.rule import Hits

__all__ = ["TEXT_RULES"]

_EVERY_KIND: Final[tuple[DocumentKind, ...]] = ("schema", "sidecar", "domain", "tags", "definition")

_GOOD: Final = Example(
    '{"type": "record", "name": "Line", "namespace": "shop", "doc": "One position of an order.", "fields": []}',
    "record",
    "shop/Line.avsc",
)


def _faults(*kinds: str, safe: bool = True) -> Callable[[Document, Repository], Hits]:
    """A check that reports the text's faults of these kinds."""

    def check(document: Document, _: Repository) -> Hits:
        for fault in document.faults:
            if fault.kind not in kinds:
                continue
            mend = None
            if fault.replacement is not None:
                change = ReplaceText(fault.start, fault.end, fault.replacement)
                mend = Mend(f"write {fault.replacement}" if fault.replacement else "delete it", (change,), safe)
            yield Hit((), fault.message, mend, within=(fault.start, fault.end))

    return check


TEXT_RULES: Final = (
    Rule(
        id="S001",
        title="the file can be read",
        severity="error",
        why="A folder, a link that leads nowhere or a file without permission holds no contract.",
        bad=Example("it is a folder: a contract is a file", "unreadable"),
        good=_GOOD,
        checks=(OnDocument(_faults("file"), _EVERY_KIND),),
    ),
    Rule(
        id="S002",
        title="the file is UTF-8 text without a byte order mark",
        severity="error",
        why="Avro's readers take UTF-8 only, and a byte order mark makes Java's refuse the file.",
        bad=Example("\ufeff" + _GOOD.text, "record", "shop/Line.avsc"),
        good=_GOOD,
        checks=(OnDocument(_faults("encoding", "encoding-mark"), _EVERY_KIND),),
        fixable=True,
    ),
    Rule(
        id="S003",
        title="the file is JSON (a sidecar: YAML)",
        severity="error",
        why=(
            "Readers differ in what they forgive; what none may doubt is plain JSON, "
            "without comments or commas too many."
        ),
        bad=Example(f"{_GOOD.text[:-1]},}}", "record", "shop/Line.avsc"),
        good=_GOOD,
        checks=(OnDocument(_faults("syntax"), _EVERY_KIND),),
        fixable=True,
    ),
    Rule(
        id="S004",
        title="no key stands twice in an object",
        severity="error",
        why="Every reader silently drops one of the two, and not every reader the same one.",
        bad=Example('{"name": "sku", "type": "string", "doc": "Article.", "doc": "Article number."}'),
        good=Example('{"name": "sku_id", "type": "string", "doc": "Article number."}'),
        checks=(OnDocument(_faults("duplicate"), _EVERY_KIND),),
    ),
    Rule(
        id="S005",
        title="every \\u escape is a character",
        severity="error",
        why="Half of a surrogate pair is no character: it cannot be written as UTF-8, so it crashes whoever copies it.",
        bad=Example('{"name": "sku_id", "type": "string", "doc": "Article \\ud83d number."}'),
        good=Example('{"name": "sku_id", "type": "string", "doc": "Article \\ud83d\\ude00 number."}'),
        checks=(OnDocument(_faults("surrogate"), _EVERY_KIND),),
    ),
    Rule(
        id="S006",
        title="the file is neither huge nor endlessly nested",
        severity="error",
        why="Java's reader stops at a depth of 1,000, and a registry stores at most 1 MB for a schema.",
        bad=Example("[" * 1_001 + "]" * 1_001, "bytes"),
        good=_GOOD,
        checks=(OnDocument(_faults("depth"), _EVERY_KIND),),
    ),
)
