"""A rule as an expression of Python that says what CEL says, in the words that a person would use.

Only names that the plan has given, literals and words of `tallystick.sdk.rules` are written: no text of a schema.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import singledispatchmethod
from typing import TYPE_CHECKING, Final

from tallystick.codegen.constants import length_text, moment_text, row, stated
from tallystick.codegen.imports import RULES_MODULE
from tallystick.codegen.names import CLASS_WORDS, Names
from tallystick.codegen.text import literal
from tallystick.contracts.cel.nodes import (
    Binary,
    Call,
    Choice,
    Index,
    ListOf,
    Literal,
    Name,
    Node,
    Quantifier,
    Select,
    Unary,
)
from tallystick.contracts.cel.operands import SAFE_DIGITS, can_fail
from tallystick.contracts.cel.patterns import portable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.codegen.imports import Imports
    from tallystick.contracts.cel import Checked

__all__ = ["Condition", "condition"]

# How tightly Python binds.
_CHOICE, _OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _SIGN, _ATOM = range(9)
_PLAIN: Final = {"+": _SUM, "-": _SUM, "*": _PRODUCT}
_HELPERS: Final = {"+": "add", "-": "subtract", "*": "multiply", "/": "quotient", "%": "remainder"}
_LINKS: Final = {"&&": ("and", _AND, "both"), "||": ("or", _OR, "either")}
_MIRRORED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_REVERSED: Final = {"==": "!=", "!=": "=="}
_TIMES: Final = frozenset(("timestamp", "duration"))
_QUANTIFIERS: Final = {"all": ("all", "every"), "exists": ("any", "some")}


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule in Python.

    Attributes:
        text: The expression, about `this`.
        links: The same in pieces, where it is a chain of `and` or `or`: each but the first begins with that word.
        touched: The fields of `this` that it looks at, as in the contract.
    """

    text: str
    links: tuple[str, ...]
    touched: frozenset[str]


def condition(rule: Checked, attribute: Callable[[str, str], str], imports: Imports) -> Condition:
    """Write a rule.

    Args:
        rule: The rule, as `check` gave it.
        attribute: Full name of a record and name of a field -> the attribute that holds it.
        imports: Where needed imports are noted.
    """
    printer = _Printer(rule, attribute, imports)
    text = printer.text(rule.node, _CHOICE)
    return Condition(text, tuple(printer.links(rule.node)), frozenset(printer.touched))


@dataclass
class _Printer:
    rule: Checked
    attribute: Callable[[str, str], str]
    imports: Imports
    touched: set[str] = field(default_factory=set)
    variables: dict[str, str] = field(default_factory=lambda: {"this": "this"})
    given: dict[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: Names(CLASS_WORDS | {"this", "l", "O", "I"}))

    def text(self, node: Node, least: int) -> str:
        """The node, in brackets where what is around it binds more tightly than it does."""
        text, power = self.of(node)
        return text if power >= least else f"({text})"

    def value(self, node: Node, least: int) -> str:
        """The node as CEL sees it: a UUID is its text."""
        found = self.rule.types[node]
        if found.is_uuid and not isinstance(node, Literal):
            return f"{self._helper('text') if found.is_nullable else 'str'}({self.text(node, _CHOICE)})"
        return self.text(node, least)

    def links(self, node: Node) -> list[str]:
        """The pieces of a chain."""
        if not isinstance(node, Binary) or node.operator not in _LINKS or self._can_fail(node.left):
            return [self.text(node, _CHOICE)]
        word, *_ = _LINKS[node.operator]
        chain = [node.right]
        while isinstance(node.left, Binary) and node.left.operator == node.operator:
            node = node.left
            chain.append(node.right)
        first, *others = [self._side(each, node.operator) for each in (node.left, *reversed(chain))]
        return [first, *(f"{word} {each}" for each in others)]

    def _helper(self, name: str) -> str:
        self.imports.use_rules()
        return f"{RULES_MODULE}.{name}"

    def _can_fail(self, node: Node) -> bool:
        return can_fail(node, self.rule.types)

    @singledispatchmethod
    def of(self, node: Node) -> tuple[str, int]:
        """The text of a node, and how tightly it binds."""
        raise NotImplementedError(node)

    @of.register
    def _literal(self, node: Literal) -> tuple[str, int]:
        value = node.value
        if isinstance(value, Decimal):
            self.imports.add("decimal", "Decimal")
            return f"Decimal({literal(str(value))})", _ATOM
        is_negative = isinstance(value, int) and value < 0
        return literal(value), _SIGN if is_negative else _ATOM

    @of.register
    def _name(self, node: Name) -> tuple[str, int]:
        return self.variables[node.name], _ATOM

    @of.register
    def _select(self, node: Select) -> tuple[str, int]:
        if isinstance(node.operand, Name) and node.operand.name == "this":
            self.touched.add(node.field)
        name = self.attribute(self.rule.types[node.operand].record, node.field)
        return f"{self.text(node.operand, _ATOM)}.{name}", _ATOM

    @of.register
    def _index(self, node: Index) -> tuple[str, int]:
        owner, key = self.text(node.operand, _CHOICE), self.value(node.key, _CHOICE)
        return f"{self._helper('entry')}({owner}, {key})", _ATOM

    @of.register
    def _list(self, node: ListOf) -> tuple[str, int]:
        return row([self.text(each, _CHOICE) for each in node.items]), _ATOM

    @of.register
    def _unary(self, node: Unary) -> tuple[str, int]:
        if node.operator == "!":
            return self._negated(node.operand)
        found = self.rule.types[node]
        if found.kind == "double" or (found.kind == "int" and found.digits <= SAFE_DIGITS):
            return f"-{self.text(node.operand, _SIGN)}", _SIGN
        return f"{self._helper('negative')}({self.text(node.operand, _CHOICE)})", _ATOM

    def _negated(self, node: Node) -> tuple[str, int]:
        if isinstance(node, Unary) and node.operator == "!":
            return self.of(node.operand)
        if isinstance(node, Binary) and node.operator in _REVERSED:
            return self._equal(node, _REVERSED[node.operator]), _COMPARED
        if isinstance(node, Binary) and node.operator == "in":
            return self._contained(node, "not in"), _COMPARED
        if isinstance(node, Call) and node.function == "contains":
            return self._within(node, "not in"), _COMPARED
        return f"not {self.text(node, _NOT)}", _NOT

    @of.register
    def _binary(self, node: Binary) -> tuple[str, int]:
        if node.operator in _LINKS:
            return self._linked(node)
        if node.operator == "in":
            return self._contained(node, "in"), _COMPARED
        if node.operator in _REVERSED:
            return self._equal(node, node.operator), _COMPARED
        if node.operator in _MIRRORED:
            return " ".join(self._beside(node.left, node.right, node.operator)), _COMPARED
        found = self.rule.types[node]
        if found.kind in _TIMES:
            return self._time(node), _ATOM
        if node.operator in _PLAIN and found.kind == "int" and found.digits <= SAFE_DIGITS:
            power = _PLAIN[node.operator]
            return f"{self.text(node.left, power)} {node.operator} {self.text(node.right, power + 1)}", power
        arguments = f"{self.text(node.left, _CHOICE)}, {self.text(node.right, _CHOICE)}"
        return f"{self._helper(_HELPERS[node.operator])}({arguments})", _ATOM

    def _time(self, node: Binary) -> str:
        left, right = self.text(node.left, _CHOICE), self.text(node.right, _SIGN)
        if self.rule.types[node].kind == "duration":
            return f"{self._helper('elapsed')}({right}, {left})"
        if self.rule.types[node.left].kind == "duration":
            left, right = right, left
        return f"{self._helper('moved')}({left}, {'-' if node.operator == '-' else ''}{right})"

    def _linked(self, node: Binary) -> tuple[str, int]:
        word, power, helper = _LINKS[node.operator]
        if self._can_fail(node.left):
            left, right = (f"lambda: {self.text(each, _CHOICE)}" for each in (node.left, node.right))
            return f"{self._helper(helper)}({left}, {right})", _ATOM
        left, right = (self._side(each, node.operator) for each in (node.left, node.right))
        return f"{left} {word} {right}", power

    def _side(self, node: Node, operator: str) -> str:
        """One side of a link; brackets make plain how `and` and `or` go together."""
        is_other = isinstance(node, Binary) and node.operator in _LINKS and node.operator != operator
        return self.text(node, _NOT if is_other else _LINKS[operator][1])

    def _equal(self, node: Binary, sign: str) -> str:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, Literal) and (other.value is None or isinstance(other.value, bool)):
                word = "is" if sign == "==" else "is not"
                return f"{self.text(one, _SUM)} {word} {other.value}"
        return " ".join(self._beside(node.left, node.right, sign))

    def _beside(self, left: Node, right: Node, sign: str) -> tuple[str, str, str]:
        """Two values that are compared, a constant last; beside a double, a decimal is the double next to it."""
        if isinstance(left, Literal) and not isinstance(right, Literal):
            left, right, sign = right, left, _MIRRORED[sign]
        kinds = {self.rule.types[each].kind for each in (left, right)}
        one, other = (
            self._double(each) if kinds == {"double", "decimal"} else self.value(each, _SUM) for each in (left, right)
        )
        return one, sign, other

    def _double(self, node: Node) -> str:
        if self.rule.types[node].kind == "double":
            return self.text(node, _SUM)
        if isinstance(node, Literal) and isinstance(node.value, Decimal):
            return literal(float(node.value))
        return f"float({self.text(node, _CHOICE)})"

    def _contained(self, node: Binary, word: str) -> str:
        owner = self.rule.types[node.right]
        left = self.value(node.left, _SUM)
        if isinstance(node.right, ListOf):
            is_double = self.rule.types[node.left].kind == "double"
            items = [self._double(each) if is_double else self.text(each, _SUM) for each in node.right.items]
            if len(items) == 1:
                return f"{left} {'==' if word == 'in' else '!='} {items[0]}"
            return f"{left} {word} {row(items)}"
        right = self.text(node.right, _SUM)
        if owner.item is not None and owner.item.is_uuid and owner.kind == "list":
            right = f"map(str, {right})"
        return f"{left} {word} {right}"

    @of.register
    def _choice(self, node: Choice) -> tuple[str, int]:
        yes, condition, no = (self.value(each, _OR) for each in (node.yes, node.condition, node.no))
        return f"{yes} if {condition} else {no}", _CHOICE

    @of.register
    def _call(self, node: Call) -> tuple[str, int]:
        if node.function == "contains":
            return self._within(node, "in"), _COMPARED
        first = node.arguments[0]
        match node.function:
            case "size":
                return f"len({self.value(first, _CHOICE)})", _ATOM
            case "matches":
                pattern = portable(stated(node.arguments[1]))
                return f"{self._helper('matches')}({self.value(first, _CHOICE)}, {literal(pattern)})", _ATOM
            case "timestamp":
                self.imports.add("datetime", "datetime")
                return moment_text(first), _ATOM
            case "duration":
                return f"{self._helper('duration')}({length_text(first)})", _ATOM
            case name:
                method = {"startsWith": "startswith", "endsWith": "endswith"}[name]
                return f"{self.value(first, _ATOM)}.{method}({self.value(node.arguments[1], _CHOICE)})", _ATOM

    def _within(self, node: Call, word: str) -> str:
        whole, part = node.arguments
        return f"{self.value(part, _SUM)} {word} {self.value(whole, _SUM)}"

    @of.register
    def _quantifier(self, node: Quantifier) -> tuple[str, int]:
        items = self.text(node.items, _OR)
        known = self.variables
        name = self.given.get(node.variable) or self.names.give(node.variable)
        self.given[node.variable] = name
        self.variables = {**known, node.variable: name}
        body = self.text(node.body, _OR)
        self.variables = known
        if node.function == "filter":
            return f"[{name} for {name} in {items} if {body}]", _ATOM
        if node.function == "exists_one":
            return f"{self._helper('one')}({body} for {name} in {items})", _ATOM
        word, helper = _QUANTIFIERS[node.function]
        if self._can_fail(node.body):
            return f"{self._helper(helper)}(lambda {name}: {body}, {items})", _ATOM
        return f"{word}({body} for {name} in {items})", _ATOM
