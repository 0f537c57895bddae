"""O001 to O004: who owns a contract, and what else its sidecar says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from tallystick.contracts.lint.rule import Example, Hit, Mend, OnDocument, OnSchema, Rule, SetKey
from tallystick.contracts.lint.rules.names import is_misplaced
from tallystick.contracts.spelling import did_you_mean, nearest
from tallystick.contracts.vocabulary import LEVEL_NAMES, Status, duration_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Document, Path
    from tallystick.contracts.lint.repository import Repository, SchemaFile
    from tallystick.contracts.lint.rule import Hits

__all__ = ["SIDECAR_RULES", "schema_of"]

_KEYS: Final[dict[str, tuple[type, str]]] = {
    "owner": (str, "a text"),
    "status": (str, "a text"),
    "triggers": (str, "a text"),
    "sources": (list, "a list"),
    "kafka": (dict, "a mapping"),
    "sla": (dict, "a mapping"),
    "fields": (dict, "a mapping"),
    "examples": (list, "a list"),
    "counterexamples": (list, "a list"),
    "accepted": (list, "a list"),
}
_INNER: Final = {"kafka": frozenset(("topic", "key", "compatibility")), "sla": frozenset(("latency", "retention"))}
_BOTH: Final = ("sidecar", "domain")


def schema_of(document: Document, repository: Repository) -> SchemaFile | None:
    """The schema beside a sidecar."""
    return repository.schemas.get(document.path.rpartition(".")[0] + ".avsc")


def _no_owner(file: SchemaFile) -> Hits:
    layers = [each for each in (file.sidecar, *file.domains) if each is not None]
    values = [each.value for each in layers if isinstance(each.value, dict)]
    is_known = all(each.is_readable for each in layers) and not is_misplaced(file)
    if is_known and not any(isinstance(each.get("owner"), str) and each.get("owner") for each in values):
        folder = file.document.path.rpartition("/")[0]
        place = f"{folder}/_domain.yaml" if folder else "_domain.yaml"
        message = f'`{file.root.short_name or file.document.path}` has no owner: write "owner: <team>" into {place}'
        yield Hit(("name",), message)


def _malformed(document: Document, _: Repository) -> Hits:
    value = document.value
    if not document.is_readable or value is None:
        return
    if not isinstance(value, dict):
        yield Hit((), "a sidecar maps keys to values: write owner: <team>")
        return
    yield from _unknown((), value, _KEYS, "a sidecar")
    for key, (kind, told) in _KEYS.items():
        if value.get(key) is not None and not isinstance(value[key], kind):
            is_listed = kind is list and isinstance(value[key], str)
            yield Hit((key,), f"`{key}` is not {told}" + (f": write [{value[key]}]" if is_listed else ""))
    for key, known in _INNER.items():
        inner = value.get(key)
        if isinstance(inner, dict):
            yield from _unknown((key,), inner, known, key)
            for part in known:
                if inner.get(part) is not None and not isinstance(inner[part], str):
                    yield Hit((key, part), f"`{part}` in {key} is not a text: put it in quotes")
    yield from _words(value)


def _unknown(path: Path, value: dict[str, Json], known: Iterable[str], told: str) -> Hits:
    for key in value:
        if key not in known:
            right = nearest(key, known)
            mend = Mend(f"{right}:", (SetKey((*path, key), right),), safe=right not in value) if right else None
            yield Hit((*path, key), f"`{key}` means nothing in {told}{did_you_mean(key, known)}", mend, "key")


def _words(value: dict[str, Json]) -> Hits:
    kafka, sla = value.get("kafka"), value.get("sla")
    level = kafka.get("compatibility") if isinstance(kafka, dict) else None
    for path, word, known, told in (
        (("status",), value.get("status"), get_args(Status), "status"),
        (("kafka", "compatibility"), level, LEVEL_NAMES, "compatibility level"),
    ):
        if word is not None and word not in known:
            yield Hit(path, f"`{word}` is no {told}{did_you_mean(str(word), known)}")
    for key in ("latency", "retention"):
        length = sla.get(key) if isinstance(sla, dict) else None
        if length is not None:
            try:
                duration_seconds(str(length))
            except ValueError:
                yield Hit(
                    ("sla", key), f"`{length}` is no length of time: write P30D for thirty days, PT5M for minutes"
                )


def _dangling(document: Document, repository: Repository) -> Hits:
    schema = schema_of(document, repository)
    value = document.value
    if not document.is_readable or schema is None or not isinstance(value, dict):
        return
    known = schema.field_paths
    fields = value.get("fields")
    for name in fields if isinstance(fields, dict) else ():
        if name not in known:
            yield Hit(
                ("fields", name),
                f"`{schema.root.short_name}` has no field `{name}`{did_you_mean(name, known)}",
                part="key",
            )
    kafka = value.get("kafka")
    key = kafka.get("key") if isinstance(kafka, dict) else None
    if isinstance(key, str) and key not in known and not key.startswith("meta."):
        yield Hit(("kafka", "key"), f"`{schema.root.short_name}` has no field `{key}`{did_you_mean(key, known)}")


def _orphan(document: Document, repository: Repository) -> Hits:
    stem, _, ending = document.path.rpartition(".")
    if ending != "yaml":
        right = f"{stem.rpartition('/')[2]}.yaml"
        yield Hit((), f"nobody reads a file that ends in .{ending}: call it {right}")
        return
    if document.kind == "definition" or f"{stem}.avsc" in repository.documents:
        return
    if stem.replace("/", ".") in repository.roots:
        return  # its contract stands in the wrong place, as N004 tells
    folder, _, name = stem.rpartition("/")
    beside = [path.rpartition("/")[2].removesuffix(".avsc") for path in repository.documents if _is_in(path, folder)]
    near = did_you_mean(name, beside) if nearest(name, beside) else ": delete it, or bring its contract back"
    yield Hit((), f"there is no contract {name}.avsc beside this sidecar{near}")


def _is_in(path: str, folder: str) -> bool:
    return path.endswith(".avsc") and path.rpartition("/")[0] == folder


SIDECAR_RULES: Final = (
    Rule(
        id="O001",
        title="every contract has an owner",
        severity="error",
        why="When the data looks wrong, somebody must be asked before a consumer is broken.",
        bad=Example("status: active\n", "domain"),
        good=Example("owner: shop-web\nstatus: active\n", "domain"),
        checks=(OnSchema(_no_owner),),
    ),
    Rule(
        id="O002",
        title="what a sidecar names exists in the contract",
        severity="error",
        why="A field that was renamed leaves its deprecation date or key behind, and nobody notices.",
        bad=Example("fields:\n  oder_id:\n    deprecated: 2027-01-01\n", "sidecar"),
        good=Example("fields:\n  order_id:\n    deprecated: 2027-01-01\n", "sidecar"),
        checks=(OnDocument(_dangling, ("sidecar",)),),
    ),
    Rule(
        id="O003",
        title="a sidecar stands beside its contract",
        severity="error",
        why="A sidecar under another name is read by nobody: neither its owner nor its retention holds.",
        bad=Example("owner: shop-web\n", "sidecar", "shop/OrderPlacd.yaml"),
        good=Example("owner: shop-web\n", "sidecar", "shop/OrderPlaced.yaml"),
        checks=(OnDocument(_orphan, ("sidecar", "definition")),),
    ),
    Rule(
        id="O004",
        title="a sidecar has the known keys, with values that fit",
        severity="error",
        why="An unknown key is passed over in silence: `retension: P30D` keeps the data for ever.",
        bad=Example("sla:\n  retension: P30D\n", "sidecar"),
        good=Example("sla:\n  retention: P30D\n", "sidecar"),
        checks=(OnDocument(_malformed, _BOTH),),
        fixable=True,
    ),
)
