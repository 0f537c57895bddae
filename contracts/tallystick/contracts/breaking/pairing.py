"""Which contract of one state is which of the other: by name, else moved, renamed, taken out of another, or gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.contracts.breaking.changes import ContractGone
from tallystick.contracts.breaking.similar import alike_contracts, matched
from tallystick.contracts.contract import Contract, subschema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.contracts.breaking.snapshot import Snapshot

__all__ = ["changed_pairs", "gone_contracts"]


def changed_pairs(old: Snapshot, new: Snapshot) -> Iterator[tuple[Contract, Contract]]:
    """The contracts that are there in both states, and are not certainly the same."""
    for name in new.heads:
        if name in old.heads:
            if old.signature(name) != new.signature(name):
                yield from _readable(old.contract(name), new.contract(name))
        elif (nested := _nested(old, name)) is not None:
            yield from _readable(nested, new.contract(name))


def gone_contracts(old: Snapshot, new: Snapshot) -> list[ContractGone]:
    """The contracts that are gone, with what took their place."""
    gone = [
        contract
        for name in old.heads
        if name not in new.heads and _is_ours(name, new, old) and _nested(new, name) is None
        if (contract := old.contract(name)) is not None
    ]
    if not gone:
        return []
    come = [each for name in new.heads if name not in old.heads and (each := new.contract(name)) is not None]
    pairs = matched(gone, come, lambda one, other: alike_contracts(one, other)[0], lambda each: each.name)
    successors = {one.name: other for one, other in pairs}
    return [ContractGone(each, successors.get(each.name)) for each in gone]


def _is_ours(name: str, new: Snapshot, old: Snapshot) -> bool:
    """Whether a contract can be missed; a registry also holds what others have put there."""
    if old.has_sidecars:
        return True
    namespace = name.rpartition(".")[0]
    return any(each.rpartition(".")[0] == namespace for each in new.heads)


def _readable(old: Contract | None, new: Contract | None) -> Iterator[tuple[Contract, Contract]]:
    if old is not None and new is not None:
        yield old, new


def _nested(snapshot: Snapshot, name: str) -> Contract | None:
    """A type that has no file of its own, within the contract that defines it."""
    word = f'"{name.rpartition(".")[2]}"'
    for holder, head in snapshot.heads.items():
        if word in head.text or f'"{name}"' in head.text:
            contract = snapshot.contract(holder)
            if contract is not None and name in contract.schema.named:
                return Contract.of(subschema(contract.schema, name), origin=head.origin, sidecar=contract.sidecar)
    return None
