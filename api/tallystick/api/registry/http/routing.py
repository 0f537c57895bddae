"""Routes as plain functions: a handler's signature says what it takes from the path, the query and the body.

The signature is read once, when the route is made: into the steps of a request, and into what the OpenAPI document
tells. It is FastAPI's way of writing routes without its price; docs/decisions/0008 has the figures.

    @router.get("/{subject}/versions/{version}")
    async def get_version(door: AtDoor, subject: SubjectPath, version: VersionPath, *, deleted: WithDeleted = False)
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeAlias, TypeVar, get_args, get_origin

from starlette.requests import Request
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.responses import Response

__all__ = ["Body", "Made", "Operation", "Parameter", "Path", "Query", "Router"]

Handler: TypeAlias = Callable[..., Awaitable["Response"]]
Take: TypeAlias = Callable[[Request], Any]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as the OpenAPI document tells of it.

    Attributes:
        name: Its name in the path or in the query.
        place: `path` or `query`.
        kind: The Python type of what is made of it.
        default: What holds where it is not sent; None for one that is required or a list.
        doc: What it is for.
    """

    name: str
    place: str
    kind: Any
    default: Any
    doc: str


class Mark(Protocol):
    """Says where an argument comes from."""

    def take(self, argument: Argument) -> Take:
        """Make the step that takes the argument from a request."""

    def told(self, argument: Argument) -> Iterator[Parameter]:
        """What the OpenAPI document tells of it."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a handler, as its signature writes it."""

    name: str
    kind: Any
    default: Any
    mark: Mark | Body


@dataclass(frozen=True, slots=True)
class Path:
    """Marks an argument that is a segment of the path.

    Attributes:
        read: Makes the value of the segment, which is still percent-encoded, or refuses it.
        doc: What it is for.
    """

    read: Callable[[str], Any]
    doc: str = ""

    def take(self, argument: Argument) -> Take:
        """Read the segment."""
        return lambda request: self.read(request.path_params[argument.name])

    def told(self, argument: Argument) -> Iterator[Parameter]:
        """One parameter, which is required."""
        yield Parameter(argument.name, "path", argument.kind, None, self.doc)


@dataclass(frozen=True, slots=True)
class Query:
    """Marks an argument that is a parameter of the query; its default holds where the parameter is not sent.

    Attributes:
        read: Makes the value of the parameter's text, or refuses it; where it is sent several times, of the last.
        name: The parameter's name, where it is not the argument's.
        doc: What it is for.
        is_told: Whether the OpenAPI document tells of it.
        is_list: Whether the argument is the list of all texts that are sent.
    """

    read: Callable[[str], Any] = str
    name: str = ""
    doc: str = ""
    is_told: bool = True
    is_list: bool = False

    def take(self, argument: Argument) -> Take:
        """Read the parameter, or all of its name."""
        name, default = self.name or argument.name, argument.default

        def one(request: Request) -> object:
            text = request.query_params.get(name)
            return default if text is None else self.read(text)

        return (lambda request: request.query_params.getlist(name)) if self.is_list else one

    def told(self, argument: Argument) -> Iterator[Parameter]:
        """One parameter, or none."""
        if self.is_told:
            default = None if self.is_list else argument.default
            yield Parameter(self.name or argument.name, "query", argument.kind, default, self.doc)


@dataclass(frozen=True, slots=True)
class Made:
    """Marks an argument that a function or a class makes, of the request or of parameters of its own."""

    make: Callable[..., Any]

    def take(self, _argument: Argument) -> Take:
        """Take what the function takes, and call it."""
        steps = _steps(_arguments(self.make))
        return lambda request: self.make(**{name: take(request) for name, take in steps})

    def told(self, _argument: Argument) -> Iterator[Parameter]:
        """The function's parameters."""
        yield from _told(_arguments(self.make))


@dataclass(frozen=True, slots=True)
class Body:
    """Marks the argument that is the request's body. It is read last, when all else holds."""

    read: Callable[[Request], Awaitable[Any]]


class Operation(Route):
    """A route of one method; a GET answers HEAD too.

    Attributes:
        method: The HTTP method.
        name: The handler's name.
        summary: The first line of its docstring.
        tag: The group that it belongs to.
        parameters: What it takes from the path and the query.
        body: The type of its body; None where it takes none.
    """

    def __init__(self, method: str, path: str, handler: Handler, *, tag: str) -> None:
        arguments = _arguments(handler)
        super().__init__(path, _endpoint(handler, arguments), methods=[method], name=handler.__name__)
        self.method = method
        self.summary = (inspect.getdoc(handler) or "").partition("\n")[0]
        self.tag = tag
        self.parameters = tuple(_told(arguments))
        self.body: type[Any] | None = next((each.kind for each in arguments if isinstance(each.mark, Body)), None)


class Router:
    """Collects the operations of a module.

    Args:
        prefix: What every path begins with.
        tag: The group that they belong to, where they do not say another.
    """

    def __init__(self, prefix: str = "", *, tag: str = "") -> None:
        self._prefix = prefix
        self._tag = tag
        self.operations: list[Operation] = []

    def get(self, path: str, *, tag: str = "") -> Callable[[H], H]:
        """Answer GET."""
        return partial(self._add, "GET", path, tag)

    def post(self, path: str, *, tag: str = "") -> Callable[[H], H]:
        """Answer POST."""
        return partial(self._add, "POST", path, tag)

    def put(self, path: str, *, tag: str = "") -> Callable[[H], H]:
        """Answer PUT."""
        return partial(self._add, "PUT", path, tag)

    def delete(self, path: str, *, tag: str = "") -> Callable[[H], H]:
        """Answer DELETE."""
        return partial(self._add, "DELETE", path, tag)

    def _add(self, method: str, path: str, tag: str, handler: H) -> H:
        self.operations.append(Operation(method, self._prefix + path, handler, tag=tag or self._tag))
        return handler


class _Whole:
    """Marks the argument that is the request itself."""

    def take(self, _argument: Argument) -> Take:
        return lambda request: request

    def told(self, _argument: Argument) -> Iterator[Parameter]:
        yield from ()


def _arguments(function: Callable[..., Any]) -> tuple[Argument, ...]:
    """The arguments of a handler, or of what makes one.

    Raises:
        TypeError: An argument does not say where it comes from.
    """
    found = []
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        kind, mark = parameter.annotation, None
        if get_origin(kind) is Annotated:
            kind, mark = get_args(kind)
        elif kind is Request:
            mark = _Whole()
        if mark is None:
            raise TypeError(f"{function.__name__}: where does {name} come from? Mark it, or annotate it as the Request")
        found.append(Argument(name, kind, parameter.default, mark))
    return tuple(found)


def _steps(arguments: Sequence[Argument]) -> tuple[tuple[str, Take], ...]:
    return tuple((each.name, each.mark.take(each)) for each in arguments if not isinstance(each.mark, Body))


def _told(arguments: Sequence[Argument]) -> Iterator[Parameter]:
    for each in arguments:
        if not isinstance(each.mark, Body):
            yield from each.mark.told(each)


def _endpoint(handler: Handler, arguments: Sequence[Argument]) -> Callable[[Request], Awaitable[Response]]:
    steps = _steps(arguments)
    bodies = tuple((each.name, each.mark.read) for each in arguments if isinstance(each.mark, Body))

    async def answer(request: Request) -> Response:
        given = {name: take(request) for name, take in steps}
        for name, read in bodies:
            given[name] = await read(request)
        return await handler(**given)

    return answer
