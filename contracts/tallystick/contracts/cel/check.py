"""Does a rule make sense for the record that it is about?

Every part gets a type. A field that may be null must be guarded: in `a == null || b` the part `b` knows that `a`
is not null. What CEL can say and SQL cannot is refused here, so that what passes means the same in both.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import singledispatchmethod
from typing import TYPE_CHECKING

from tallystick.contracts.cel.functions import check_call, function_of
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
    path_of,
)
from tallystick.contracts.cel.operands import (
    ORDERED,
    arithmetic,
    can_fail,
    comparable,
    contained,
    known_symbol,
    literal_type,
)
from tallystick.contracts.cel.types import BOOL, NULL, STRING, CelType
from tallystick.contracts.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Checked", "check"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule that makes sense.

    Attributes:
        node: Its tree.
        types: The type of every part.
    """

    node: Node
    types: Mapping[Node, CelType]


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is known where a part stands."""

    variables: Mapping[str, CelType]
    present: frozenset[tuple[str, ...]] = field(default=frozenset())

    def knowing(self, paths: frozenset[tuple[str, ...]]) -> _Scope:
        return replace(self, present=self.present | paths)


def check(node: Node, this: CelType) -> Checked:
    """Check a rule.

    Args:
        node: The expression.
        this: The record that it is about.

    Returns:
        The expression with the types of its parts.

    Raises:
        CelError: It makes no sense, or is not yes or no; the error says where.
        Unsupported: It makes sense in CEL, but SQL cannot say it.
    """
    checker = _Checker()
    found = checker.type_of(node, _Scope({"this": this}))
    if found.kind != "bool":
        raise CelError(f"a rule must be true or false, and this is {found.name}", node.start, node.end)
    return Checked(node, checker.types)


def _tested(node: Node, *, holds: bool) -> frozenset[tuple[str, ...]]:
    """The paths that are not null where the node is true (or, with `holds=False`, where it is false)."""
    if isinstance(node, Unary) and node.operator == "!":
        return _tested(node.operand, holds=not holds)
    if not isinstance(node, Binary):
        return frozenset()
    if node.operator == ("&&" if holds else "||"):
        return _tested(node.left, holds=holds) | _tested(node.right, holds=holds)
    if node.operator == ("!=" if holds else "=="):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            path = path_of(one)
            if path and isinstance(other, Literal) and other.value is None:
                return frozenset((path,))
    return frozenset()


class _Checker:
    def __init__(self) -> None:
        self.types: dict[Node, CelType] = {}

    def type_of(self, node: Node, scope: _Scope) -> CelType:
        """The type of a node; it and its parts are noted."""
        found = self._find(node, scope)
        self.types[node] = found
        return found

    @singledispatchmethod
    def _find(self, node: Node, scope: _Scope) -> CelType:
        raise NotImplementedError(node, scope)

    @_find.register
    def _literal(self, node: Literal, _: _Scope) -> CelType:
        return literal_type(node)

    @_find.register
    def _name(self, node: Name, scope: _Scope) -> CelType:
        return _name(node, scope)

    @_find.register
    def _call(self, node: Call, scope: _Scope) -> CelType:
        function_of(node)
        return check_call(node, [self.value(each, scope) for each in node.arguments])

    def value(self, node: Node, scope: _Scope) -> CelType:
        """The type of a node that must not be null here."""
        found = self.type_of(node, scope)
        if found.is_nullable:
            path = path_of(node)
            text = ".".join(path) if path else "this"
            raise CelError(f"`{text}` may be null here: write {text} == null || ...", node.start, node.end)
        return found

    def _boolean(self, node: Node, scope: _Scope) -> None:
        found = self.value(node, scope)
        if found.kind != "bool":
            raise CelError(f"this must be true or false, and is {found.name}", node.start, node.end)

    @_find.register
    def _select(self, node: Select, scope: _Scope) -> CelType:
        owner = self.value(node.operand, scope)
        if owner.kind == "any":
            return owner
        if owner.members is None:
            raise CelError(f"{owner.name} has no field `{node.field}`", node.end - len(node.field), node.end)
        members = owner.members()
        if node.field not in members:
            hint = did_you_mean(node.field, members)
            raise CelError(f"there is no field `{node.field}`{hint}", node.end - len(node.field), node.end)
        found = members[node.field]
        path = path_of(node)
        return found.required() if path in scope.present else found

    @_find.register
    def _index(self, node: Index, scope: _Scope) -> CelType:
        owner, key = self.value(node.operand, scope), self.value(node.key, scope)
        wanted = {"list": "int", "map": "string"}.get(owner.kind)
        if wanted is None or owner.item is None:
            raise CelError(f"{owner.name} has no entries", node.start, node.end)
        if key.kind != wanted:
            raise CelError(
                f"an entry of a {owner.kind} is named by {wanted}, not by {key.name}", node.key.start, node.key.end
            )
        if owner.item.is_nullable:
            raise Unsupported("an entry that may be null cannot be tested in SQL", node.start, node.end)
        return owner.item

    @_find.register
    def _list(self, node: ListOf, scope: _Scope) -> CelType:
        found = [self.value(each, scope) for each in node.items]
        for each, place in zip(found, node.items, strict=True):
            if not isinstance(place, Literal):
                raise Unsupported("a list in a rule holds constants only", place.start, place.end)
            comparable(found[0], each, place)
        return CelType(kind="list", item=found[0] if found else STRING)

    @_find.register
    def _unary(self, node: Unary, scope: _Scope) -> CelType:
        if node.operator == "!":
            self._boolean(node.operand, scope)
            return BOOL
        found = self.value(node.operand, scope)
        if not found.is_number:
            raise CelError(f"{found.name} has no negative", node.start, node.end)
        return found

    @_find.register
    def _binary(self, node: Binary, scope: _Scope) -> CelType:
        if node.operator in {"&&", "||"}:
            self._boolean(node.left, scope)
            self._boolean(node.right, scope.knowing(_tested(node.left, holds=node.operator == "&&")))
            return BOOL
        if node.operator in {"==", "!="}:
            return self._equal(node, scope)
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if node.operator == "in":
            return contained(node, left, right)
        if node.operator in {"<", "<=", ">", ">="}:
            comparable(left, right, node)
            if not left.is_number and left.kind not in ORDERED:
                raise CelError(f"{left.name} has no order", node.start, node.end)
            return BOOL
        return arithmetic(node, left, right)

    def _equal(self, node: Binary, scope: _Scope) -> CelType:
        left, right = self.type_of(node.left, scope), self.type_of(node.right, scope)
        if NULL.kind in {left.kind, right.kind}:
            other = node.left if right.kind == NULL.kind else node.right
            if path_of(other) is None:
                raise Unsupported("only a field can be compared with null", node.start, node.end)
            return BOOL
        if left.is_nullable or right.is_nullable:
            for each in (node.left, node.right):
                if not isinstance(each, Literal) and path_of(each) is None:
                    self.value(node.left, scope)
                    self.value(node.right, scope)
        comparable(left, right, node)
        known_symbol(left, node.right)
        known_symbol(right, node.left)
        return BOOL

    @_find.register
    def _choice(self, node: Choice, scope: _Scope) -> CelType:
        self._boolean(node.condition, scope)
        yes = self.value(node.yes, scope.knowing(_tested(node.condition, holds=True)))
        no = self.value(node.no, scope.knowing(_tested(node.condition, holds=False)))
        if yes.kind != no.kind or yes.scale != no.scale:
            raise CelError(f"both outcomes must be of one type, not {yes.name} and {no.name}", node.start, node.end)
        return yes if yes.digits >= no.digits else no

    @_find.register
    def _quantifier(self, node: Quantifier, scope: _Scope) -> CelType:
        items = self.value(node.items, scope)
        item = STRING if items.kind == "map" else items.item
        if items.kind not in {"list", "map"} or item is None:
            message = f"`{node.function}` looks at a list or at the keys of a map, not at {items.name}"
            raise CelError(message, node.items.start, node.items.end)
        if node.variable in scope.variables:
            raise CelError(f"`{node.variable}` is taken: name the variable otherwise", node.start, node.end)
        inner = replace(scope, variables={**scope.variables, node.variable: item})
        self._boolean(node.body, inner)
        if node.function in {"all", "exists"}:
            return BOOL
        if can_fail(node.body, self.types):
            message = f"a part of this may have no value, and then `{node.function}` has none in CEL, and one in SQL"
            raise Unsupported(message, node.body.start, node.body.end)
        return BOOL if node.function == "exists_one" else CelType(kind="list", item=item)


def _name(node: Name, scope: _Scope) -> CelType:
    if node.name not in scope.variables:
        members = scope.variables["this"].members
        if members is not None and node.name in members():
            raise CelError(f"`{node.name}` is a field: write this.{node.name}", node.start, node.end)
        hint = did_you_mean(node.name, scope.variables)
        raise CelError(f"there is no variable `{node.name}`{hint}", node.start, node.end)
    return scope.variables[node.name]
