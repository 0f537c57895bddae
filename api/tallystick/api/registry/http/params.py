"""Path and query parameters, as lenient and as strict as Confluent's server reads them."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import unquote

from fastapi import Depends, Path, Query
from pydantic import BeforeValidator

from tallystick.api.registry.errors import GenericError, InvalidVersionError
from tallystick.api.registry.formats import Form
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
    "Text",
    "VersionPath",
    "Which",
    "WithDeleted",
    "decoded",
]

MAX_INT: Final = 2**31 - 1
_DIGITS: Final = 12


def decoded(segment: object) -> str:
    """Undo the percent-encoding of one segment of a path."""
    try:
        return askable(unquote(str(segment), errors="strict"))
    except UnicodeDecodeError:
        raise GenericError(404) from None


def _flag(value: object) -> bool:
    return str(value).lower() == "true"


def _number(value: object) -> int:
    number = _integer(str(value))
    if number is None:
        raise GenericError(404)
    return number


def _version(value: object) -> int:
    text = decoded(value)
    number = -1 if text.lower() == "latest" else _integer(text)
    if number is None or not (number == -1 or number >= 1):
        raise InvalidVersionError(text)
    return number


def _integer(text: str) -> int | None:
    digits = text[1:] if text[:1] in {"-", "+"} else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _DIGITS or int(digits) > MAX_INT:
        return None
    return int(text)


Flag = Annotated[bool, Query(), BeforeValidator(_flag)]
Text = Annotated[str, Query()]
IdPath = Annotated[int, Path(description="A schema's id."), BeforeValidator(_number)]
VersionPath = Annotated[int, Path(description="A version's number, or `latest`."), BeforeValidator(_version)]
SubjectPath = Annotated[str, Path(description="A subject: `name`, or `:.context:name`."), BeforeValidator(decoded)]
SubjectParam = Annotated[str, Query(description="A subject, or `:.context:` for a context.")]
WithDeleted = Annotated[bool, Query(alias="deleted", description="Count softly deleted ones."), BeforeValidator(_flag)]
InScope = Annotated[
    bool, Query(alias="defaultToGlobal", description="Answer with what holds, wherever set."), BeforeValidator(_flag)
]
_DeletedOnly = Annotated[
    bool, Query(alias="deletedOnly", description="Only softly deleted ones."), BeforeValidator(_flag)
]
# The name that Confluent's Python client sends.
_DeletedOnlyToo = Annotated[bool, Query(alias="deleted_only", include_in_schema=False), BeforeValidator(_flag)]
_Number = Annotated[int, BeforeValidator(_number)]


# A coroutine, since FastAPI runs plain functions in threads.
async def _which(
    *, deleted: WithDeleted = False, only: _DeletedOnly = False, only_too: _DeletedOnlyToo = False
) -> Filter:
    return Filter.of(deleted=deleted, deleted_only=only or only_too)


async def _page(
    *,
    offset: Annotated[_Number, Query(description="How many to skip.")] = 0,
    limit: Annotated[_Number, Query(description="How many at most; below zero: all.")] = -1,
) -> Page:
    return Page(offset=max(offset, 0), limit=limit)


async def _form(
    *,
    form: Annotated[str, Query(alias="format", description="`resolved` for a text without references.")] = "",
    references: Annotated[str, Query(alias="referenceFormat", description="`qualified` names contexts.")] = "",
    references_too: Annotated[str, Query(alias="reference_format", include_in_schema=False)] = "",
) -> Form:
    return Form(format=form, reference_format=references or references_too)


async def _tags(
    *,
    tags: Annotated[
        list[str] | None,
        Query(alias="findTags", description="Also list the records and fields with one of these tags; `*`: with any."),
    ] = None,
) -> frozenset[str]:
    # Java's client joins them with commas where it asks for the latest version.
    return frozenset(name for each in tags or () for name in each.split(",") if name)


FindTags = Annotated[frozenset[str], Depends(_tags)]
Which = Annotated[Filter, Depends(_which)]
PageParam = Annotated[Page, Depends(_page)]
FormParam = Annotated[Form, Depends(_form)]
