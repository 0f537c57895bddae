"""The graphs of the site: around one page, and of everything that experiments read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.codegen.site.graph import COMPACT, Edge, Node, draw
from tallystick.codegen.site.places import contract_page, domain_page, experiment_page
from tallystick.codegen.site.words import plural
from tallystick.contracts.contract import META

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tallystick.codegen.site.graph import Drawing
    from tallystick.codegen.site.model import Site
    from tallystick.codegen.site.relations import Relations
    from tallystick.contracts.contract import Contract

__all__ = ["COLUMNS", "Graphs"]

COLUMNS: Final = ("Shared types", "Events", "Metrics", "Experiments")
_TYPE, _EVENT, _METRIC, _EXPERIMENT = range(4)
_NEIGHBOURS: Final = 12  # of one kind around a page; more are counted


class Graphs:
    """Draws what depends on what."""

    def __init__(self, site: Site, relations: Relations) -> None:
        self._catalog = site.catalog
        self._relations = relations

    def around(self, contract: Contract) -> Drawing | None:
        """A contract, what stands in it, and what reads it."""
        relations = self._relations
        users = relations.users.get(contract.name, ())
        nodes = {_key("c", contract.name): self._contract(contract)}
        edges: list[Edge] = []
        for name in relations.uses.get(contract.name, ()):
            nodes[_key("c", name)] = self._contract(self._catalog[name])
            edges.append((_key("c", name), _key("c", contract.name)))
        for name in users[:_NEIGHBOURS]:
            nodes[_key("c", name)] = self._contract(self._catalog[name])
            edges.append((_key("c", contract.name), _key("c", name)))
        if len(users) > _NEIGHBOURS:
            more = f"and {len(users) - _NEIGHBOURS:,} more"
            nodes["more"] = Node("more", _EVENT, more, "contracts that use it", "more")
            edges.append((_key("c", contract.name), "more"))
        self._readers([contract], nodes, edges)
        return draw(nodes.values(), edges, COMPACT)

    def of_experiment(self, key: str) -> Drawing | None:
        """An experiment with the metrics that it reads, and the events that feed them or expose units to it."""
        relations = self._relations
        definitions = relations.experiments[key]
        metrics = dict.fromkeys(name for each in definitions for name in each.metrics)
        nodes = {_key("x", key): self._experiment(key)}
        edges: list[Edge] = []
        for each in definitions:
            if each.exposure_event in self._catalog:
                nodes[_key("c", each.exposure_event)] = self._contract(self._catalog[each.exposure_event])
                edges.append((_key("c", each.exposure_event), _key("x", key)))
        for metric in metrics:
            for outcome in relations.sources.get(metric, ()):
                nodes[_key("c", outcome.contract.name)] = self._contract(outcome.contract)
                nodes[_key("m", metric)] = _metric(metric, outcome.contract)
                edges += [(_key("c", outcome.contract.name), _key("m", metric)), (_key("m", metric), _key("x", key))]
        return draw(nodes.values(), edges)

    def everything(self) -> Drawing | None:
        """All that experiments read, and the types that contracts share; `meta`, which every event has, is left out.

        Events that nothing reads and that share nothing are counted by domain.
        """
        relations = self._relations
        nodes: dict[str, Node] = {}
        edges: list[Edge] = [
            (_key("c", name), _key("c", user)) for user, used in relations.uses.items() for name in used if name != META
        ]
        self._readers(self._catalog, nodes, edges)
        joined = {key for edge in edges for key in edge}
        contracts = [each for each in self._catalog if _key("c", each.name) in joined]
        nodes |= {_key("c", each.name): self._contract(each) for each in contracts}
        drawn = {each.name for each in contracts}
        return draw(
            [*nodes.values(), *self._others(each for each in self._catalog.events if each.name not in drawn)], edges
        )

    def _others(self, events: Iterable[Contract]) -> Iterator[Node]:
        counts: dict[str, int] = {}
        for each in events:
            namespace = each.name.rpartition(".")[0]
            counts[namespace] = counts.get(namespace, 0) + 1
        for namespace, count in sorted(counts.items()):
            told = f"{plural(count, 'event')} that no experiment reads"
            yield Node(f"d:{namespace}", _EVENT, namespace or "(no namespace)", told, "more", domain_page(namespace))

    def _readers(self, contracts: Iterable[Contract], nodes: dict[str, Node], edges: list[Edge]) -> None:
        """Add the metrics of contracts, and the experiments that read those or count on their exposures."""
        for contract in contracts:
            here = _key("c", contract.name)
            for outcome in self._relations.outcomes.get(contract.name, ()):
                metric = _key("m", outcome.metric.key)
                nodes[metric] = _metric(outcome.metric.key, contract)
                edges.append((here, metric))
                for key in outcome.experiments:
                    nodes[_key("x", key)] = self._experiment(key)
                    edges.append((metric, _key("x", key)))
            for key in self._relations.exposed.get(contract.name, ()):
                nodes[_key("x", key)] = self._experiment(key)
                edges.append((here, _key("x", key)))

    def _contract(self, contract: Contract) -> Node:
        namespace, _, name = contract.name.rpartition(".")
        column = _EVENT if contract.is_event else _TYPE
        kind = "event" if contract.is_event else "type"
        return Node(_key("c", contract.name), column, name, namespace, kind, contract_page(contract))

    def _experiment(self, key: str) -> Node:
        unit = self._relations.experiments[key][0].unit_type
        return Node(_key("x", key), _EXPERIMENT, key, f"experiment per {unit}", "experiment", experiment_page(key))


def _key(kind: str, name: str) -> str:
    return f"{kind}:{name}"


def _metric(key: str, contract: Contract) -> Node:
    return Node(_key("m", key), _METRIC, key, "metric", "metric", f"{contract_page(contract)}#metrics")
