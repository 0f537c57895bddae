"""`render`: every page of the site as text."""

from __future__ import annotations

from collections import defaultdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from tallystick.codegen.plan import plan
from tallystick.codegen.site import places
from tallystick.codegen.site.fields import field_rows, shown_rules
from tallystick.codegen.site.graphs import COLUMNS, Graphs
from tallystick.codegen.site.history import steps
from tallystick.codegen.site.model import Version
from tallystick.codegen.site.relations import relations_of
from tallystick.codegen.site.search import index_script
from tallystick.codegen.site.snippets import Snippets
from tallystick.codegen.site.words import duration, json_block, json_pretty, plural, shortened, value_text
from tallystick.contracts.silver import typed_table_name
from tallystick.contracts.types import Enum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tallystick.codegen.site.model import Site
    from tallystick.contracts.contract import Contract

__all__ = ["render"]

_ASSETS: Final = (places.STYLE, places.SCRIPT)


def render(site: Site) -> dict[str, str]:
    """Return every file of the site.

    Args:
        site: What to show.

    Returns:
        Path below the site's folder, with forward slashes -> text. The same site gives the same texts.
    """
    pages = _Pages(site)
    texts = {name: files(__package__).joinpath(name).read_text(encoding="utf-8") for name in _ASSETS}
    texts[places.SEARCH] = index_script(site, pages.relations, pages.rows)
    texts |= dict(pages.all())
    # A schema may hold half a character, which no file can.
    return {name: texts[name].encode("utf-8", "replace").decode() for name in sorted(texts)}


class _Pages:
    """Renders the pages of one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._plan = plan(site.catalog, site.package)
        self.relations = relations_of(site, self._plan)
        self.rows = {each.name: field_rows(self._plan.modules[each.name]) for each in site.catalog}
        self._graphs = Graphs(site, self.relations)
        self._snippets = Snippets(self._plan, site.endpoint, site.samples)
        self._environment = _environment()
        self._event_count = len(site.catalog.events)
        self._domains: dict[str, list[Contract]] = defaultdict(list)
        for each in site.catalog:
            self._domains[each.name.rpartition(".")[0]].append(each)

    def all(self) -> Iterator[tuple[str, str]]:
        """Every page with its path."""
        yield self._page(places.HOME, "home", domains=self._domains, nav="events")
        yield self._page(places.EXPERIMENTS, "experiments", nav="experiments")
        yield self._page(places.GRAPH, "graph", nav="graph", drawing=self._graphs.everything(), columns=COLUMNS)
        for namespace, contracts in self._domains.items():
            yield self._page(
                places.domain_page(namespace), "domain", nav="events", namespace=namespace, contracts=contracts
            )
        for each in self.site.catalog:
            yield self._contract(each)
        for key, definitions in self.relations.experiments.items():
            yield self._page(
                places.experiment_page(key),
                "experiment",
                nav="experiments",
                key=key,
                definitions=definitions,
                drawing=self._graphs.of_experiment(key),
            )

    def _contract(self, contract: Contract) -> tuple[str, str]:
        versions = self.site.versions.get(contract.name) or (Version(label="present version", text=contract.text),)
        history, older = steps(versions)
        root = contract.schema.root
        module = self._plan.modules[contract.name]
        return self._page(
            places.contract_page(contract),
            "contract",
            nav="events",
            contract=contract,
            namespace=contract.name.rpartition(".")[0],
            short=contract.name.rpartition(".")[2],
            rows=self.rows[contract.name],
            rules=shown_rules(contract),
            symbols=root.symbols if isinstance(root, Enum) else (),
            python_class=f"{module.package}.{module.names[contract.name]}" if contract.name in module.own else "",
            table=f"silver.{typed_table_name(contract.name)}",
            sending=self._snippets.of(contract, self._by_role(contract)) if contract.is_event else None,
            drawing=self._graphs.around(contract),
            outcomes=self.relations.outcomes.get(contract.name, ()),
            exposed=self.relations.exposed.get(contract.name, ()),
            history=history,
            older=older,
        )

    def _by_role(self, contract: Contract) -> dict[str, str]:
        """What texts with a role hold in a made-up event: a real experiment, and one of its variants."""
        by_role = {"experiment.unit_id": "u-42"}
        for key in self.relations.exposed.get(contract.name, ())[:1]:
            arms = self.relations.experiments[key][0].variants
            by_role |= {"experiment.experiment_key": key, "experiment.variant_key": arms[-1].variant_key}
        return by_role

    def _page(self, page: str, template: str, **values: Any) -> tuple[str, str]:  # noqa: ANN401 - a template's values
        def link(target: str) -> str:
            path, _, place = target.partition("#")
            return places.href(page, path) + (f"#{place}" if place else "")

        text = self._environment.get_template(f"{template}.html.j2").render(
            site=self.site,
            relations=self.relations,
            event_count=self._event_count,
            all_rows=self.rows,
            places=places,
            link=link,
            link_to=self._link_to(link),
            root=places.root_of(page),
            **values,
        )
        return page, text

    def _link_to(self, link: Callable[[str], str]) -> Callable[[str], str]:
        def link_to(name: str) -> str:
            """The link to a contract by its full name; empty if there is none."""
            catalog = self.site.catalog
            return link(places.contract_page(catalog[name])) if name in catalog else ""

        return link_to


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__ or ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "duration": duration,
        "plural": plural,
        "shortened": shortened,
        "json_text": value_text,
        "json_block": json_block,
        "json_pretty": json_pretty,
    }
    return environment
