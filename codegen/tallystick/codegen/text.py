"""The structural writer: Python text in the form that a formatter would give it, every literal through one function."""

from __future__ import annotations

import ast
import math
import re
import textwrap
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["WIDTH", "Writer", "import_key", "literal", "sort_key"]

WIDTH: Final = 120
_INDENT: Final = "    "
_CLOSING: Final = re.compile('"{3,}|"+$')  # what would end a docstring, or run into its end
_DIGITS: Final = re.compile(r"(\d+)")


def literal(value: bool | float | str | bytes | None) -> str:  # noqa: FBT001 - a value, not an option
    """Return a Python expression for a plain value.

    Raises:
        AssertionError: Never; it would mean that a text of a schema could become code.
    """
    match value:
        case str():
            text = _quoted(value)
        case bytes():
            text = "b" + _quoted(value.decode("latin-1"), ascii_only=True)
        case float() if not math.isfinite(value):
            return f'float("{value}")'
        case float():
            text = repr(value).replace("e+", "e")
        case _:
            text = repr(value)
    if ast.literal_eval(text) != value:
        raise AssertionError(f"{text} does not say {value!r}")
    return text


def _quoted(value: str, *, ascii_only: bool = False) -> str:
    """Quote as formatters do: with double quotes, unless that means more backslashes."""
    quote = "'" if value.count('"') > value.count("'") else '"'
    if value.isascii() and value.isprintable() and quote not in value and "\\" not in value:
        return quote + value + quote
    return quote + "".join(_escaped(each, quote, ascii_only=ascii_only) for each in value) + quote


def _escaped(char: str, quote: str, *, ascii_only: bool) -> str:
    if char in {quote, "\\"}:
        return "\\" + char
    if char.isprintable() and (char.isascii() or not ascii_only):
        return char
    return f"\\x{ord(char):02x}" if ascii_only else repr(char)[1:-1]


def columns(text: str) -> int:
    """Return how wide a text is: East Asian characters take two columns, marks on another character none."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(each) in {"Mn", "Me", "Cf"}
        else 2
        if unicodedata.east_asian_width(each) in "WF"
        else 1
        for each in text
    )


def sort_key(name: str) -> tuple[int, list[tuple[int, int, str]]]:
    """Order names as linters order `__all__`: constants, classes, the rest; digits by their number."""
    rank = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return rank, [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _DIGITS.split(name)]


def import_key(name: str) -> tuple[int, list[tuple[int, int, str]], str]:
    """Order imported names as isort does: as above, but capitals and small letters alike."""
    rank, _ = sort_key(name)
    return rank, sort_key(name.lower())[1], name


class Writer:
    """Collects lines of Python."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0
        self.codes: set[str] = set()  # rules that texts of a schema break, which are not the writer's to change

    @property
    def text(self) -> str:
        """Everything written, with one newline at its end."""
        return "\n".join(self._lines).strip("\n") + "\n"

    @property
    def room(self) -> int:
        """How many columns a line has behind its indentation."""
        return WIDTH - len(_INDENT) * self._depth

    def line(self, text: str = "") -> None:
        """Write a statement; one that is too long and that cannot be broken is left alone by formatters."""
        self._raw(text, "  # fmt: skip  # noqa: E501")

    def item(self, text: str) -> None:
        """Write one line of a longer statement; linters forgive a long word, which nobody can break."""
        self._raw(text, "  # noqa: E501" if " " in text else "")

    def comment(self, text: str) -> None:
        """Write a comment of one line."""
        self._raw(f"# {' '.join(text.split())}", "  # noqa: E501")

    def blank(self, count: int = 1) -> None:
        """Write empty lines."""
        self._lines.extend([""] * count)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write a line that opens a block, and indent what follows."""
        self.line(head)
        self._depth += 1
        yield
        self._depth -= 1

    def docstring(self, text: str, *, is_definition: bool = True) -> None:
        """Write a documentation as a docstring: a summary, then paragraphs, wrapped.

        Args:
            text: The documentation.
            is_definition: Whether it documents a module or class, of which linters ask more than of a field.
        """
        paragraphs = self._wrapped(text)
        if is_definition:
            paragraphs[0][-1] = _ended(paragraphs[0][-1])
        body = [_doc_escaped(each) for paragraph in paragraphs for each in ("", *paragraph)][1:]
        if is_definition:
            self.codes |= {"D205"} if len(paragraphs[0]) > 1 else set()
            self.codes |= {"D301"} if any("\\" in each for each in body) else set()
        ast.literal_eval('"""' + "\n".join(body) + '"""')  # raises if a text of a schema could become code
        if len(body) == 1:
            self._raw(f'"""{body[0]}"""')
            return
        self._raw(f'"""{body[0]}')
        for each in body[1:]:
            self._raw(each)
        self._raw('"""')

    def imports(self, module: str, names: Iterable[str]) -> None:
        """Write a from-import."""
        self.sequence(f"from {module} import ", "", sorted(set(names), key=import_key), brackets=("(", ")"), bare=True)

    def sequence(
        self,
        before: str,
        after: str,
        items: Sequence[str],
        *,
        brackets: tuple[str, str],
        bare: bool = False,
    ) -> None:
        """Write items between brackets: on one line if it is short enough, else one item a line.

        Args:
            before: What stands before the bracket.
            after: What stands behind it.
            items: The items, at least one.
            brackets: The opening and the closing bracket.
            bare: Whether the brackets are left out on one line.
        """
        opening, closing = ("", "") if bare else brackets
        short = f"{before}{opening}{', '.join(items)}{closing}{after}"
        if columns(short) + len(_INDENT) * self._depth <= WIDTH:
            self.line(short)
            return
        longest = max(columns(each) + len(",") for each in items) + len(_INDENT) * (self._depth + 1)
        is_left = longest > WIDTH and not bare  # a formatter would break the long item, in ways that are its own
        if is_left:
            self.line("# fmt: off")
        with self.block(before + brackets[0]):
            for each in items:
                self.item(f"{each},")
        self.line(brackets[1] + after)
        if is_left:
            self.line("# fmt: on")

    def long_text(self, name: str, text: str) -> None:
        """Write an assignment of a long text, broken into pieces."""
        whole = f"{name} = {literal(text)}"
        if columns(whole) <= WIDTH:
            self.line(whole)
            return
        with self.block(f"{name} = ("):
            for piece in _pieces(text):
                self.line(literal(piece))
        self.line(")")

    def _raw(self, text: str, if_long: str = "") -> None:
        line = (_INDENT * self._depth + text) if text else ""
        self._lines.append(line + if_long if columns(line) > WIDTH else line)

    def _wrapped(self, text: str) -> list[list[str]]:
        """Return the paragraphs of a text, each as its lines."""
        width = WIDTH - len(_INDENT) * self._depth - len('""""""') - 1
        whole = text.encode("utf-8", "replace").decode()  # no class can bear half a character in its docstring
        flat = [" ".join(each.split()) for each in re.split(r"\n\s*\n", whole.strip())]
        if columns(whole) > len(whole):
            width //= 2  # textwrap counts characters, not columns
        return [textwrap.wrap(each, width, break_long_words=False, break_on_hyphens=False) or [""] for each in flat]


def _ended(line: str) -> str:
    """Give a line the end of a sentence."""
    return line if line.endswith((".", "!", "?")) else line.rstrip(",;:") + "."


def _doc_escaped(line: str) -> str:
    """Make a line safe between triple quotes."""
    text = "".join("\\\\" if each == "\\" else each if each.isprintable() else repr(each)[1:-1] for each in line)
    return _CLOSING.sub(lambda quotes: '\\"' * len(quotes[0]), text)


def _pieces(text: str) -> Iterator[str]:
    """Cut a text so that each piece's literal fits on a line, at a comma where there is one."""
    room = WIDTH - len(_INDENT)
    while text:
        size = min(len(text), room)
        while columns(literal(text[:size])) > room:
            size -= 1
        comma = text.rfind(",", 0, size) + 1
        cut = comma if comma > room // 2 and size < len(text) else size
        yield text[:cut]
        text = text[cut:]
