"""What the site is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.contracts import Catalog
    from tallystick.contracts.experiments import ExperimentDefinition

__all__ = ["Site", "Version"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One state that a contract has been in.

    Attributes:
        label: What it is called, such as `version 3` or a commit.
        text: The schema as it was.
        day: When it came, as an ISO date; empty where nobody knows.
        note: Why it came; empty where nobody said.
    """

    label: str
    text: str
    day: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that the pages show.

    Attributes:
        catalog: The contracts.
        experiments: The definitions.
        versions: Full name -> its versions, the oldest first; a contract without any has the present one only.
        package: The package that holds the generated classes.
        endpoint: Address of the ingestion API in the snippets.
        samples: Full name -> fields of an event that keeps the contract's rules, for those without an example.
    """

    catalog: Catalog
    experiments: tuple[ExperimentDefinition, ...] = ()
    versions: Mapping[str, tuple[Version, ...]] = field(default_factory=lambda: MappingProxyType({}))
    package: str = "tallystick.events"
    endpoint: str = "http://127.0.0.1:8000"
    samples: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
