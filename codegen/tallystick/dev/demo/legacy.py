"""The contracts as they were before the last change, derived from those of today by taking one optional field away.

No second copy of any schema is kept anywhere: if the contract changes, its past changes with it.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tallystick.codegen import load
from tallystick.contracts import load_catalog
from tallystick.dev.demo.errors import SettingError

if TYPE_CHECKING:
    from tallystick.sdk.record import Event, Record

__all__ = ["OldRelease", "derive_old_release"]


@dataclass(frozen=True, slots=True)
class OldRelease:
    """An app that was built before a field was added.

    Attributes:
        schemas: Folder of the contracts that it was built with.
        subject: The contract that has changed since.
        field: The field that it does not know.
        record: Its class of that contract.
        text: The older schema.
    """

    schemas: Path
    subject: str
    field: str
    record: type[Record]
    text: str

    def downgrade(self, event: Event) -> Event:
        """Turn an event into the one that the old app sends in its place."""
        if self.subject != event.SUBJECT:
            return event
        plain = event.to_plain()
        plain.pop(self.field, None)
        older: Any = self.record.from_json(json.dumps(plain))
        result: Event = older
        return result


def derive_old_release(schemas: Path, subject: str, *, folder: Path) -> OldRelease:
    """Write the contracts of the past.

    Args:
        schemas: The contracts of today.
        subject: Full name of the contract that shall lack a field.
        folder: Where to write; it is replaced.

    Raises:
        SettingError: The contract is not there or has no optional field.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(schemas, folder)
    file = folder / Path(*subject.split(".")).with_suffix(".avsc")
    if not file.is_file():
        raise SettingError(f"{schemas} has no contract {subject}", fix="give the project's contracts by --schemas")
    schema = json.loads(file.read_bytes())
    optional = [field for field in schema["fields"] if "default" in field and field["default"] is None]
    if not optional:
        raise SettingError(f"{subject} has no optional field, so it cannot have been without it")
    schema["fields"].remove(optional[-1])
    file.write_text(json.dumps(schema, indent=2), encoding="utf-8")
    catalog = load_catalog(folder)
    return OldRelease(folder, subject, optional[-1]["name"], load(catalog)[subject], catalog[subject].text)
