"""Path and query parameters, as lenient and as strict as Confluent's server reads them."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import unquote

from tallystick.api.registry.errors import GenericError, InvalidVersionError
from tallystick.api.registry.formats import Form
from tallystick.api.registry.http.routing import Made, Path, Query
from tallystick.api.registry.names import askable
from tallystick.api.registry.transaction import Filter, Page

__all__ = [
    "MAX_INT",
    "FindTags",
    "Flag",
    "FormParam",
    "IdPath",
    "InScope",
    "PageParam",
    "SubjectParam",
    "SubjectPath",
    "VersionPath",
    "Which",
    "WithDeleted",
    "decoded",
    "flag",
]

MAX_INT: Final = 2**31 - 1
_DIGITS: Final = 12


def decoded(segment: str) -> str:
    """Undo the percent-encoding of one segment of a path."""
    try:
        return askable(unquote(segment, errors="strict"))
    except UnicodeDecodeError:
        raise GenericError(404) from None


def flag(text: str) -> bool:
    """Whether a parameter says yes."""
    return text.lower() == "true"


def _number(text: str) -> int:
    number = _integer(text)
    if number is None:
        raise GenericError(404)
    return number


def _version(segment: str) -> int:
    text = decoded(segment)
    number = -1 if text.lower() == "latest" else _integer(text)
    if number is None or not (number == -1 or number >= 1):
        raise InvalidVersionError(text)
    return number


def _integer(text: str) -> int | None:
    digits = text[1:] if text[:1] in {"-", "+"} else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _DIGITS or int(digits) > MAX_INT:
        return None
    return int(text)


Flag = Annotated[bool, Query(flag)]
IdPath = Annotated[int, Path(_number, "A schema's id.")]
VersionPath = Annotated[int, Path(_version, "A version's number, or `latest`.")]
SubjectPath = Annotated[str, Path(decoded, "A subject: `name`, or `:.context:name`.")]
SubjectParam = Annotated[str, Query(doc="A subject, or `:.context:` for a context.")]
WithDeleted = Annotated[bool, Query(flag, "deleted", "Count softly deleted ones.")]
InScope = Annotated[bool, Query(flag, "defaultToGlobal", "Answer with what holds, wherever set.")]
_DeletedOnly = Annotated[bool, Query(flag, "deletedOnly", "Only softly deleted ones.")]
# The names that Confluent's Python client sends are read too.
_DeletedOnlyToo = Annotated[bool, Query(flag, "deleted_only", is_told=False)]
_ReferencesToo = Annotated[str, Query(name="reference_format", is_told=False)]


def _which(*, deleted: WithDeleted = False, only: _DeletedOnly = False, only_too: _DeletedOnlyToo = False) -> Filter:
    return Filter.of(deleted=deleted, deleted_only=only or only_too)


def _page(
    *,
    offset: Annotated[int, Query(_number, doc="How many to skip.")] = 0,
    limit: Annotated[int, Query(_number, doc="How many at most; below zero: all.")] = -1,
) -> Page:
    return Page(offset=max(offset, 0), limit=limit)


def _form(
    *,
    form: Annotated[str, Query(name="format", doc="`resolved` for a text without references.")] = "",
    references: Annotated[str, Query(name="referenceFormat", doc="`qualified` names contexts.")] = "",
    references_too: _ReferencesToo = "",
) -> Form:
    return Form(format=form, reference_format=references or references_too)


def _tags(
    tags: Annotated[
        list[str],
        Query(
            name="findTags",
            doc="Also list the records and fields with one of these tags; `*`: with any.",
            is_list=True,
        ),
    ],
) -> frozenset[str]:
    # Java's client joins them with commas where it asks for the latest version.
    return frozenset(name for each in tags for name in each.split(",") if name)


FindTags = Annotated[frozenset[str], Made(_tags)]
Which = Annotated[Filter, Made(_which)]
PageParam = Annotated[Page, Made(_page)]
FormParam = Annotated[Form, Made(_form)]
