"""The Common Expression Language's grammar, as far as rules of contracts need it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NoReturn

from tallystick.contracts.cel.nodes import (
    Binary,
    Call,
    CelError,
    Choice,
    Index,
    ListOf,
    Literal,
    Name,
    Node,
    Quantifier,
    Select,
    Unary,
    Unsupported,
)

__all__ = ["parse"]

_TOKEN: Final = re.compile(
    r"""[ \t\r\n]*(?:
      (?P<float>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)
    | (?P<int>0x[0-9a-fA-F]+|[0-9]+)(?P<unsigned>[uU]?)
    | (?P<prefix>[rRbB]{0,2})(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%!<>?:.,()\[\]{}=&|])
    | (?P<end>$)
    )""",
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(?:([abfnrtv\\?\"'`])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))")
_ESCAPES: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
# How tightly an operator binds.
_POWERS: Final = {
    "||": 2,
    "&&": 3,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "%"), 6),
}
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_MISTAKES: Final = {"=": "==", "&": "&&", "|": "||"}
_WORD_MISTAKES: Final = {"and": "&&", "or": "||", "not": "!", "None": "null", "True": "true", "False": "false"}
_MAX_DEPTH: Final = 50
_MAX_LENGTH: Final = 10_000
_MACROS: Final = frozenset(("all", "exists", "exists_one", "filter"))
_MACRO_ARGUMENTS: Final = 2


def parse(text: str) -> Node:
    """Read an expression.

    Args:
        text: The expression.

    Returns:
        Its tree.

    Raises:
        CelError: It is none; the error says where and what to write.
    """
    if len(text) > _MAX_LENGTH:
        raise CelError(f"a rule has at most {_MAX_LENGTH:,} characters", 0, len(text))
    parser = _Parser(text)
    node = parser.expression(0)
    if parser.kind != "end":
        parser.fail("expected an operator or the end")
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0
        self._done = 0
        self._match: re.Match[str]
        self.kind = ""
        self.word = ""
        self.start = 0
        self._advance(0)

    def _advance(self, position: int) -> None:
        match = _TOKEN.match(self._text, position)
        if match is None:
            at = position + len(self._text[position:]) - len(self._text[position:].lstrip())
            sign = self._text[at]
            what = "this string does not end" if sign in "\"'" else f"`{sign}` means nothing here"
            raise CelError(what, at, at + 1)
        self._match, self._done = match, position
        kinds = match.groupdict()
        self.kind = next(kind for kind in ("float", "int", "string", "name", "sign", "end") if kinds[kind] is not None)
        self.word = kinds[self.kind] or ""
        self.start = match.start("prefix") if self.kind == "string" else match.start(self.kind)

    def next(self) -> str:
        """Take the token."""
        word = self.word
        self._advance(self._match.end())
        return word

    def fail(self, message: str) -> NoReturn:
        """Refuse the token."""
        if self.kind == "end":
            raise CelError(f"{message}; the expression ends here", self.start, self.start)
        right = _MISTAKES.get(self.word) or _WORD_MISTAKES.get(self.word)
        hint = f": write {right}" if right else f", found `{self.word}`"
        raise CelError((f"`{self.word}` is no operator" if right else message) + hint, self.start, self._match.end())

    def _expect(self, sign: str) -> None:
        if self.word != sign or self.kind != "sign":
            self.fail(f"expected `{sign}`")
        self.next()

    def expression(self, power: int) -> Node:
        """Read operators that bind more tightly than `power`."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self.fail("this rule is nested too deep")
        left = self._unary()
        while True:
            operator = self.word if self.kind in {"sign", "name"} else ""
            bound = _POWERS.get(operator, 0)
            if operator == "?" and power <= 1:
                left = self._choice(left)
            elif bound > power:
                self.next()
                right = self.expression(bound)
                left = Binary(left.start, right.end, operator, left, right)
            else:
                break
        self._depth -= 1
        return left

    def _choice(self, condition: Node) -> Node:
        self.next()
        yes = self.expression(1)
        self._expect(":")
        no = self.expression(0)
        return Choice(condition.start, no.end, condition, yes, no)

    def _unary(self) -> Node:
        start = self.start
        if self.kind == "sign" and self.word in {"!", "-"}:
            self._depth += 1
            if self._depth > _MAX_DEPTH:
                self.fail("this rule is nested too deep")
            operator = self.next()
            operand = self._unary()
            self._depth -= 1
            number = operand.value if isinstance(operand, Literal) else None
            if operator == "-" and isinstance(number, int | Decimal) and not isinstance(number, bool):
                return Literal(start, operand.end, -number)
            return Unary(start, operand.end, operator, operand)
        return self._postfix(self._primary())

    def _postfix(self, node: Node) -> Node:
        while self.kind == "sign" and self.word in {".", "["}:
            if self.next() == "[":
                key = self.expression(0)
                node = Index(node.start, self._match.end(), node, key)
                self._expect("]")
                continue
            if self.kind != "name":
                self.fail("expected the name of a field")
            end = self._match.end()
            name = self.next()
            node = self._method(node, name) if self.word == "(" else Select(node.start, end, node, name)
        return node

    def _method(self, target: Node, name: str) -> Node:
        arguments, end = self._arguments()
        if name in _MACROS and len(arguments) == _MACRO_ARGUMENTS:
            variable, body = arguments
            if not isinstance(variable, Name) or variable.name == "this":
                raise CelError(f"the first argument of {name} names a variable", variable.start, variable.end)
            return Quantifier(target.start, end, name, target, variable.name, body)
        return Call(target.start, end, name, (target, *arguments))

    def _arguments(self) -> tuple[tuple[Node, ...], int]:
        self._expect("(")
        arguments = self._list(")")
        end = self._match.end()
        self._expect(")")
        return arguments, end

    def _list(self, closer: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while self.word != closer or self.kind != "sign":
            items.append(self.expression(0))
            if self.word != ",":
                break
            self.next()
        return tuple(items)

    def _primary(self) -> Node:
        start, end = self.start, self._match.end()
        if self.kind == "float":
            return Literal(start, end, Decimal(self.next()))
        if self.kind == "int":
            base = 16 if self.word[:2] == "0x" else 10
            return Literal(start, end, int(self.next(), base))
        if self.kind == "string":
            return self._string(start, end)
        if self.kind == "name" and self.word not in _POWERS:
            return self._name(start, end)
        if self.word == "(":
            self.next()
            inner = self.expression(0)
            self._expect(")")
            return inner
        if self.word == "[":
            self.next()
            items = self._list("]")
            end = self._match.end()
            self._expect("]")
            return ListOf(start, end, items)
        return self.fail("expected a value")

    def _name(self, start: int, end: int) -> Node:
        name = self.next()
        if name in _WORDS:
            return Literal(start, end, _WORDS[name])
        if self.word == "(" and self.kind == "sign":
            arguments, end = self._arguments()
            return Call(start, end, name, arguments)
        return Name(start, end, name)

    def _string(self, start: int, end: int) -> Node:
        prefix = (self._match["prefix"] or "").lower()
        raw = self.next()[1:-1]
        if "b" in prefix:
            raise Unsupported("bytes cannot be written in a rule", start, end)
        return Literal(start, end, raw if "r" in prefix else _ESCAPE.sub(_unescape, raw))


def _unescape(match: re.Match[str]) -> str:
    simple, short, long, byte, other = match.groups()
    if simple is not None:
        return _ESCAPES.get(simple, simple)
    if other is not None:
        raise CelError(f"`\\{other}` is no escape of CEL: a backslash itself is \\\\", 0, 0)
    return chr(int(short or long or byte, 16))
