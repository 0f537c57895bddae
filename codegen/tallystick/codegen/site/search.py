"""The search's index: a script that the page loads on the first key, as pages from a disk may fetch nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tallystick.codegen.site.places import contract_page, domain_page, experiment_page
from tallystick.codegen.site.words import shortened
from tallystick.contracts.types import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.codegen.site.fields import FieldRow
    from tallystick.codegen.site.model import Site
    from tallystick.codegen.site.relations import Relations
    from tallystick.contracts.contract import Contract

__all__ = ["index_script"]

_DOC: Final = 90


def index_script(site: Site, relations: Relations, rows: dict[str, tuple[FieldRow, ...]]) -> str:
    """The index as a script: `[kind, name, page, told, fields]` for whatever can be found."""
    entries = [*_contracts(site, rows), *_experiments(relations), *_domains(site)]
    text = json.dumps(entries, ensure_ascii=True, separators=(",", ":"))
    # Nothing in a script that stands alone could end it; should somebody paste it into a page, nothing will either.
    return f"window.tallystickSearch={text.replace('<', chr(92) + 'u003c')};\n"


def _contracts(site: Site, rows: dict[str, tuple[FieldRow, ...]]) -> Iterator[list[Any]]:
    for each in site.catalog:
        fields = " ".join(row.path for row in rows[each.name] if row.name != "meta")
        kind = "event" if each.is_event else "type"
        yield [kind, each.name, contract_page(each), shortened(each.doc, _DOC), fields or _symbols(each)]


def _symbols(contract: Contract) -> str:
    root = contract.schema.root
    return "" if isinstance(root, Record) else " ".join(getattr(root, "symbols", ()))


def _experiments(relations: Relations) -> Iterator[list[Any]]:
    for key, definitions in relations.experiments.items():
        told = f"experiment on every {definitions[0].unit_type}"
        yield ["experiment", key, experiment_page(key), told, " ".join(definitions[0].metrics)]


def _domains(site: Site) -> Iterator[list[Any]]:
    for namespace in sorted({each.name.rpartition(".")[0] for each in site.catalog}):
        yield ["domain", namespace or "(no namespace)", domain_page(namespace), "", ""]
