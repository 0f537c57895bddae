"""Finds the fields of generated classes by the roles that their contracts give them."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, get_args

from tallystick.contracts import Catalog
from tallystick.sdk.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tallystick.contracts import FieldPath

__all__ = ["reader", "roles_of"]


def roles_of(kind: type[Record]) -> Mapping[str, tuple[FieldPath, ...]]:
    """The roles that a class's contract gives out, each with the fields that play it."""
    return Catalog.of_texts({kind.SUBJECT: kind.SCHEMA})[kind.SUBJECT].roles


def reader(kind: type[Record], paths: Sequence[FieldPath]) -> Callable[[Any], tuple[Any, ...]]:
    """Make a function that reads these fields of a record of a class, all at once."""
    get = attrgetter(*(".".join(_attributes(kind, path)) for path in paths))
    # Asked for one attribute only, an attrgetter gives no tuple.
    return get if len(paths) > 1 else lambda record: (get(record),)


def _attributes(kind: type[Record], path: FieldPath) -> tuple[str, ...]:
    """Translate names on the wire to Python's, which differ where a name is a keyword."""
    head, *rest = path
    name, field = next((name, field) for name, field in kind.model_fields.items() if (field.alias or name) == head)
    return (name, *_attributes(_record_in(field.annotation), tuple(rest))) if rest else (name,)


def _record_in(annotation: Any) -> type[Record]:  # noqa: ANN401 - an annotation is any object
    candidates = (annotation, *get_args(annotation))
    return next(each for each in candidates if isinstance(each, type) and issubclass(each, Record))
