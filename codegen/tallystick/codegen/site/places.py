"""Where each page stands: one table of paths, so that no link is written twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from tallystick.contracts.contract import Contract

__all__ = [
    "EXPERIMENTS",
    "GRAPH",
    "HOME",
    "SCRIPT",
    "SEARCH",
    "STYLE",
    "contract_page",
    "domain_page",
    "experiment_page",
]
__all__ += ["href", "root_of"]

HOME: Final = "index.html"
EXPERIMENTS: Final = "experiments/index.html"
GRAPH: Final = "graph.html"
STYLE: Final = "assets/site.css"
SCRIPT: Final = "assets/site.js"
SEARCH: Final = "assets/search.js"

_NO_NAMESPACE: Final = "no-namespace"


def contract_page(contract: Contract) -> str:
    """The page of an event, or of a type that events share."""
    return f"{'events' if contract.is_event else 'types'}/{contract.name}.html"


def domain_page(namespace: str) -> str:
    """The page of a namespace."""
    return f"domains/{namespace or _NO_NAMESPACE}.html"


def experiment_page(key: str) -> str:
    """The page of an experiment, whose key may be any text: what a file's name cannot hold is written as a number."""
    safe = "%69ndex" if key == "index" else quote(key, safe=" ")
    return f"experiments/{safe.replace('.', '%2E') if safe.startswith('.') else safe}.html"


def root_of(page: str) -> str:
    """The way from a page back to the site's folder."""
    return "../" * page.count("/")


def href(page: str, target: str) -> str:
    """The link from a page to another."""
    return root_of(page) + quote(target)
