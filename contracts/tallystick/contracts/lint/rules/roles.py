"""X001 to X005: roles of fields, and the part of an event in experiments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, get_args

from tallystick.contracts.lint.repository import EXPERIMENT, META
from tallystick.contracts.lint.rule import Example, Hit, Mend, OnField, OnSchema, Rule, SetKey, SetValue
from tallystick.contracts.lint.rules.values import is_money
from tallystick.contracts.spelling import did_you_mean, nearest
from tallystick.contracts.vocabulary import ROLES, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.contracts.lint.document import Path
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite

__all__ = ["ROLE_RULES", "fields_with_role", "roles_of_field"]

_ROLE: Final = "tallystick:role"
_EXCLUDE: Final = "experiment.exclude_if_true"
_KNOWN: Final = frozenset((*ROLES, _EXCLUDE))
_PARTS: Final = get_args(Part)
_KEYS: Final = frozenset(("role", "unit_type", "metrics"))
# What each part must have exactly one of.
_NEEDED: Final = {
    "exposure": ("experiment.unit_id", "experiment.experiment_key", "experiment.variant_key"),
    "outcome": ("experiment.unit_id",),
    "activation": ("experiment.unit_id",),
}


def roles_of_field(site: FieldSite) -> list[str]:
    """The roles that a field states."""
    stated = site.attributes.get(_ROLE)
    return [each for each in stated if isinstance(each, str)] if isinstance(stated, list) else []


def fields_with_role(file: SchemaFile, role: str) -> Iterator[FieldSite]:
    """The fields of a schema that play a role."""
    return (each for each in file.view.fields if role in roles_of_field(each))


def _unknown_roles(site: FieldSite, _: SchemaFile) -> Hits:
    if _ROLE not in site.attributes:
        return
    stated = site.attributes[_ROLE]
    path: Path = (*site.path, _ROLE)
    if not isinstance(stated, list):
        right = json.dumps([stated])
        mend = (
            Mend(f'"{_ROLE}": {right}', (SetValue(path, right),), safe=stated in _KNOWN)
            if isinstance(stated, str)
            else None
        )
        yield Hit(path, f"roles stand in a list: write {right}" if mend else "roles stand in a list of strings", mend)
        return
    for index, role in enumerate(stated):
        if role in stated[:index]:
            yield Hit((*path, index), f"the role {role} stands twice: delete one of them")
        elif not isinstance(role, str) or role not in _KNOWN:
            word = role if isinstance(role, str) else json.dumps(role)
            near = nearest(word, _KNOWN)
            mend = Mend(f'"{near}"', (SetValue((*path, index), json.dumps(near)),)) if near else None
            yield Hit((*path, index), f"`{word}` is no role{did_you_mean(word, _KNOWN)}", mend)


def _twice(file: SchemaFile) -> Hits:
    """A role that only one field can play, on a second one, in this file or in `meta`."""
    if _ROLE not in file.document.text:
        return
    taken = {role: f"meta.{each.name}" for each in _fields_of_meta(file) for role in roles_of_field(each)}
    for each in file.view.fields:
        for role in roles_of_field(each):
            other = taken.setdefault(role, each.name)
            if other != each.name and ROLES.get(role) and not role.startswith("experiment."):
                message = f"both `{other}` and `{each.name}` have the role {role}: only one field can"
                yield Hit((*each.path, _ROLE), message)


def _fields_of_meta(file: SchemaFile) -> list[FieldSite]:
    meta = file.repository.roots.get(META)
    return meta.view.fields if file.is_event and meta is not None else []


def _in_a_list(site: FieldSite, _: SchemaFile) -> Hits:
    around = site.record.parent
    while roles_of_field(site) and around is not None:
        if around.kind in {"array", "map"}:
            message = f"`{site.name}` has a role, but a list or map holds many of it: give the role to another field"
            yield Hit((*site.path, _ROLE), message)
            return
        around = around.parent


def _wrong_part(file: SchemaFile) -> Hits:
    if EXPERIMENT not in file.root.attributes:
        return
    value = file.root.attributes[EXPERIMENT]
    path: Path = (*file.root.path, EXPERIMENT)
    if not isinstance(value, dict):
        yield Hit(path, f'"{EXPERIMENT}" is an object: write {{"role": "outcome", "unit_type": "user"}}')
        return
    role = value.get("role")
    if not isinstance(role, str) or role not in _PARTS:
        where: Path = (*path, "role") if "role" in value else path
        hint = did_you_mean(role, _PARTS) if isinstance(role, str) else f": write one of {', '.join(_PARTS)}"
        yield Hit(
            where, f"`{role}` is no part in an experiment{hint}" if role else f'"{EXPERIMENT}" has no "role"{hint}'
        )
    unit_type = value.get("unit_type")
    if role != "definition" and (not isinstance(unit_type, str) or not unit_type):
        yield Hit(path, f'"{EXPERIMENT}" has no "unit_type": write what is randomised, such as "user"')
    for key in value:
        if key not in _KEYS:
            right = nearest(key, _KEYS)
            mend = Mend(f'"{right}"', (SetKey((*path, key), right),), safe=right not in value) if right else None
            yield Hit((*path, key), f'"{key}" means nothing in "{EXPERIMENT}"{did_you_mean(key, _KEYS)}', mend, "key")


def _is_unknown(site: FieldSite) -> bool:
    """Whether X001 has something to say of its roles: then one of them may be meant for another."""
    stated = site.attributes[_ROLE]
    return not isinstance(stated, list) or any(each not in _KNOWN for each in stated if isinstance(each, str))


def _needed_roles(file: SchemaFile) -> Hits:
    part = file.experiment.get("role") if file.experiment else None
    is_certain = not any(_ROLE in each.attributes and _is_unknown(each) for each in file.view.fields)
    for role in _NEEDED.get(part, ()) if isinstance(part, str) else ():
        found = list(fields_with_role(file, role))
        if not found and is_certain:
            message = (
                f'{part} `{file.root.short_name}` has no field with the role {role}: add "{_ROLE}": ["{role}"] to one'
            )
            yield Hit((*file.root.path, EXPERIMENT), message, part="key")
        for each in found[1:]:
            message = f"both `{found[0].name}` and `{each.name}` have the role {role}: only one field can"
            yield Hit((*each.path, _ROLE), message)


def _certain_roles(file: SchemaFile) -> Hits:
    part = file.experiment.get("role") if file.experiment else None
    for role in _NEEDED.get(part, ()) if isinstance(part, str) else ():
        for each in fields_with_role(file, role):
            if each.is_nullable:
                message = f"`{each.name}` is the {_word(role)} and may be null: make it required"
                yield Hit((*each.path, "type"), message)
            elif "default" in each.attributes:
                message = (
                    f"`{each.name}` is the {_word(role)} and has a default, which would invent one: delete the default"
                )
                yield Hit((*each.path, "default"), message, part="key")


def _word(role: str) -> str:
    return role.removeprefix("experiment.").replace("_", " ")


def _value_types(site: FieldSite, _: SchemaFile) -> Hits:
    for role in roles_of_field(site):
        plain = site.plain
        if plain.kind in {"float", "double"} and is_money(site.name):
            continue  # T003 says the same, with the mend
        if role == "experiment.value" and plain.kind not in {"int", "long"} and plain.logical != "decimal":
            message = f"`{site.name}` is summed in experiments and has type {plain.kind}: make it a long or a decimal"
            yield Hit((*site.path, "type"), message)
        if role.startswith(_EXCLUDE) and role in _KNOWN and plain.kind != "boolean":
            yield Hit(
                (*site.path, "type"),
                f"`{site.name}` excludes where it is true, and has type {plain.kind}: make it a boolean",
            )


_META: Final = '{"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where."}'
_UNIT: Final = (
    '{"name": "unit_id", "type": "string", "doc": "Who was randomised.", "tallystick:role": ["experiment.unit_id"]}'
)
_KEY: Final = (
    '{"name": "test_key", "type": "string", "doc": "Experiment.", "tallystick:role": ["experiment.experiment_key"]}'
)
_ARM: Final = (
    '{"name": "arm_key", "type": "string", "doc": "Variant that was shown.", '
    '"tallystick:role": ["experiment.variant_key"]%s}'
)


def _exposure(*fields: str) -> Example:
    head = (
        '{"type": "record", "name": "VariantShown", "namespace": "shop", "doc": "A user met an experiment.",\n'
        ' "tallystick:experiment": {"role": "exposure", "unit_type": "user"}, "fields": [\n '
    )
    return Example(head + ",\n ".join((_META, *fields)) + "\n]}", "record", "shop/VariantShown.avsc")


def _field(stated: str) -> Example:
    return Example(f'{{"name": "item_count", "type": "long", "doc": "How many articles were bought.", {stated}}}')


_GOOD: Final = _exposure(_UNIT, _KEY, _ARM % "")

ROLE_RULES: Final = (
    Rule(
        id="X001",
        title="roles are a list of the known ones",
        severity="error",
        why="Silver finds fields by role; a misspelt role is no role, and the field is never read.",
        bad=_field('"tallystick:role": "experiment.value"'),
        good=_field('"tallystick:role": ["experiment.value"]'),
        checks=(OnField(_unknown_roles, _ROLE), OnField(_in_a_list, _ROLE), OnSchema(_twice)),
        fixable=True,
    ),
    Rule(
        id="X002",
        title="the part in experiments has a role and a unit type",
        severity="error",
        why="Without them no exposure and no outcome can be joined.",
        bad=Example('"tallystick:experiment": {"role": "identity_link", "unit_typ": "user"}', "event"),
        good=Example('"tallystick:experiment": {"role": "identity_link", "unit_type": "user"}', "event"),
        checks=(OnSchema(_wrong_part),),
        fixable=True,
    ),
    Rule(
        id="X003",
        title="an exposure names unit, experiment and variant, each once; an outcome its unit",
        severity="error",
        why="With two of them nobody knows who was exposed to what; with none, nobody was.",
        bad=_exposure(_UNIT, _KEY),
        good=_GOOD,
        checks=(OnSchema(_needed_roles),),
    ),
    Rule(
        id="X004",
        title="unit, experiment and variant are required",
        severity="error",
        why=(
            "A default variant would invent exposures, and a missing unit would lose "
            "them: both look like a broken split."
        ),
        bad=_exposure(_UNIT, _KEY, _ARM % ', "default": "control"'),
        good=_GOOD,
        checks=(OnSchema(_certain_roles),),
    ),
    Rule(
        id="X005",
        title="a summed value is a whole number or a decimal, an exclusion a boolean",
        severity="error",
        why="Sums of doubles differ with partitioning, so two runs over the same events would give two results.",
        bad=Example(
            '{"name": "weight_kg", "type": "double", "doc": "What it weighs.", "tallystick:role": ["experiment.value"]}'
        ),
        good=Example(
            '{"name": "weight_g", "type": "long", "doc": "What it weighs.", "tallystick:role": ["experiment.value"]}'
        ),
        checks=(OnField(_value_types, _ROLE),),
    ),
)
