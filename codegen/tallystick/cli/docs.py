"""`tallystick docs`: the catalogue of events as a static site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tallystick.contracts.contract import META_FIELD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.codegen.site import Version
    from tallystick.contracts import Catalog
    from tallystick.contracts.experiments import ExperimentDefinition

__all__ = ["command"]

_FOLDER = click.Path(path_type=Path)


@click.command("docs")
@click.option("--out", required=True, type=_FOLDER, help="Folder to write: new, empty, or written by this command.")
@click.option("--schemas", default="schemas", show_default=True, type=_FOLDER, help="Folder of the contracts.")
@click.option("--experiments", type=_FOLDER, help="Folder of the definitions.  [default: experiments beside --schemas]")
@click.option(
    "--registry", help="Take versions from here, not from git; its NAME:PASSWORD or token in TALLYSTICK_REGISTRY_AUTH."
)
@click.option("--package", default="tallystick.events", show_default=True, help="Package that holds the classes.")
@click.option(
    "--endpoint", default="http://127.0.0.1:8000", show_default=True, help="The ingestion API's address in examples."
)
def command(
    *, out: Path, schemas: Path, experiments: Path | None, registry: str | None, package: str, endpoint: str
) -> None:
    """Write the catalogue of events: a site without a server, to be opened from the disk or put on any.

    A page for each event, experiment and domain, a search, and a graph of what depends on what. The same contracts
    give the same bytes. Files that this command did not write are never touched.
    """
    from tallystick.cli._site_files import write_site
    from tallystick.codegen.site import Site, render
    from tallystick.contracts import load_catalog

    if not all(part.isidentifier() for part in package.split(".")):
        raise click.BadParameter(f"{package!r} is no package name", param_hint="--package")
    catalog = load_catalog(schemas)
    definitions = _definitions(experiments, schemas)
    versions, told = _versions(schemas, catalog, registry)
    site = Site(catalog, definitions, versions, package, endpoint, _samples(catalog))
    written = write_site(render(site), out)
    click.echo(f"{len(catalog.events)} events, {len(definitions)} experiments; versions: {told}")
    click.echo(f"wrote {written.wrote} files, {written.same} were so already, removed {written.removed}")
    click.echo(f"open {out / 'index.html'}")


def _samples(catalog: Catalog) -> dict[str, dict[str, Any]]:
    """An event for each contract that has rules and no example: made up from the types alone, it might break one."""
    from tallystick.cli._events import class_of
    from tallystick.contracts.rules import rules_of
    from tallystick.sdk.samples import SampleError, samples

    found: dict[str, dict[str, Any]] = {}
    for each in catalog.events:
        if rules_of(each.schema) and not each.sidecar.examples:
            try:
                event = next(iter(samples(class_of(each.text, each.name), count=1, seed=0))).to_plain()
            except SampleError:  # then the page says that its values may break a rule
                continue
            found[each.name] = {
                name: value for name, value in event.items() if name != META_FIELD and value is not None
            }
    return found


def _definitions(folder: Path | None, schemas: Path) -> tuple[ExperimentDefinition, ...]:
    from tallystick.contracts.experiments import load_experiments

    place = folder or schemas.parent / "experiments"
    return load_experiments(place) if folder or place.is_dir() else ()


def _versions(schemas: Path, catalog: Catalog, registry: str | None) -> tuple[Mapping[str, tuple[Version, ...]], str]:
    """The versions of every contract, and where they are from."""
    from tallystick.cli._registries import open_registry
    from tallystick.cli._site_history import from_git, from_registry

    if registry:
        with open_registry(registry) as client:
            return from_registry(client, catalog), "from the registry"
    found = from_git(schemas, catalog)
    return (found, "from git") if found else ({}, "the present ones, as there is no history in git")
