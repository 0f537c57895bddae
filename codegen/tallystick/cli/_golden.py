"""Golden vectors: for every version of a contract, events as JSON beside the bytes that they are.

schemas/golden/<full name>/<first 16 digits of the contract hash>.json

A file is written once, for the version that is in `schemas/`, and never again: what was released stays as it was, and
SDK, API and Spark must go on to make and to read those bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from tallystick.cli._events import class_of
from tallystick.contracts import SchemaError, TallystickError, contract_hash, parse
from tallystick.sdk.record import violations
from tallystick.sdk.samples import boundaries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tallystick.contracts import Catalog, Contract

__all__ = ["FOLDER", "Vectors", "faults", "place_of", "vectors_of", "write_missing"]

FOLDER: Final = "golden"
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Vectors:
    """What one file says.

    Attributes:
        event: The contract's full name.
        contract_hash: The version.
        schema: The self-contained schema.
        vectors: Name, JSON form and Avro body of each event.
    """

    event: str
    contract_hash: str
    schema: str
    vectors: tuple[tuple[str, dict[str, Any], bytes], ...]

    @property
    def text(self) -> str:
        """The file."""
        entries = [{"name": name, "json": plain, "hex": body.hex()} for name, plain, body in self.vectors]
        stated = {
            "event": self.event,
            "contract_hash": self.contract_hash,
            "schema": self.schema,
            "vectors": entries,
        }
        return json.dumps(stated, ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def read(cls, path: Path) -> Vectors:
        """Read a file.

        Raises:
            TallystickError: It is none.
        """
        try:
            stated = json.loads(path.read_text(encoding="utf-8"))
            entries = tuple((each["name"], each["json"], bytes.fromhex(each["hex"])) for each in stated["vectors"])
            found = cls(stated["event"], stated["contract_hash"], stated["schema"], entries)
            is_whole = contract_hash(parse(found.schema)) == found.contract_hash
        except OSError as error:
            raise TallystickError(f"{path} cannot be read: {error.strerror}") from None
        except (ValueError, TypeError, KeyError, SchemaError) as error:
            raise TallystickError(f"{path} holds no golden vectors: {error}", fix=_RESTORE) from None
        if not is_whole:
            raise TallystickError(f"{path} holds another schema than its contract_hash says", fix=_RESTORE)
        return found


_RESTORE: Final = "bring it back as it was: git checkout -- PATH"


def vectors_of(contract: Contract) -> Vectors:
    """The vectors of a contract as it is now."""
    found = boundaries(class_of(contract.text, contract.name))
    entries = tuple((each.name, each.record.to_plain(), each.record.to_avro()) for each in found)
    return Vectors(contract.name, contract.contract_hash, contract.text, entries)


def place_of(schemas: Path, contract: Contract) -> Path:
    """Where the vectors of a contract's present version stand."""
    return schemas / FOLDER / contract.name / f"{contract.contract_hash[:_DIGITS]}.json"


def write_missing(schemas: Path, catalog: Catalog) -> list[Path]:
    """Write the vectors of every version that has none.

    Raises:
        TallystickError: A file cannot be written.
    """
    written = []
    for contract in catalog.messages:
        path = place_of(schemas, contract)
        if path.exists():
            continue
        text = vectors_of(contract).text
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise TallystickError(f"{path} cannot be written: {error.strerror}") from None
        written.append(path)
    return written


def faults(schemas: Path, catalog: Catalog) -> Iterator[str]:
    """What is wrong with the vectors: missing, no longer made, no longer read."""
    for contract in catalog.messages:
        path = place_of(schemas, contract)
        if not path.exists():
            yield f"{path}: missing, though {contract.name} is of this version: run tallystick golden"
    for path in sorted((schemas / FOLDER).glob("*/*.json")):
        try:
            found = Vectors.read(path)
        except TallystickError as error:
            yield f"{error.message}: {error.fix}"
        else:
            yield from (f"{path}: {each}" for each in _faults_of(found, catalog))


def _faults_of(found: Vectors, catalog: Catalog) -> Iterator[str]:
    own = class_of(found.schema, found.event)
    present = class_of(catalog[found.event].text, found.event) if found.event in catalog else None
    for name, plain, body in found.vectors:
        try:
            record = own.from_plain(plain)
            if record.to_avro() != body:
                yield f"`{name}` is written in other bytes now"
            if own.from_avro(body) != record:
                yield f"`{name}` is read as another event now"
        except (ValueError, TallystickError) as error:
            yield f"`{name}` is refused by its own version now: {_line(error)}"
        try:
            if present is not None:
                present.from_avro(body, writer=found.schema)
        except TallystickError as error:
            if not _breaks_rules_alone(error):
                yield f"`{name}` cannot be read by the present version: {_line(error)}"


def _breaks_rules_alone(error: TallystickError) -> bool:
    """Whether an older event has nothing wrong with it but that rules have come since: Silver keeps to its own."""
    cause = error.__cause__
    return isinstance(cause, ValidationError) and all(each.code.startswith("rule:") for each in violations(cause))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
