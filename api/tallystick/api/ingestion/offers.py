"""What may be sent, told to those who send: the catalogue as the HTTP API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tallystick.api.ingestion.errors import UnknownContractError

if TYPE_CHECKING:
    from tallystick.api.ingestion.catalogue import Catalogue
    from tallystick.api.ingestion.intake import Intake
    from tallystick.api.ingestion.keys import Key

__all__ = ["Offer", "Offers", "offer_of", "offers_of"]


class Offer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of one contract."""

    type: str
    version: int
    schema_id: int
    contract_hash: str
    schema: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class Offers(msgspec.Struct, frozen=True):
    """The newest version of every contract."""

    contracts: list[Offer]


def offers_of(catalogue: Catalogue, key: Key) -> Offers:
    """The newest version of every contract that a key may send."""
    kinds = sorted(catalogue.events.items())
    return Offers([_offer(kind.latest) for name, kind in kinds if key.allows_type(name)])


def offer_of(catalogue: Catalogue, key: Key, event_type: str, version: str) -> Offer:
    """One version, a number or `latest`, with its schema.

    Raises:
        UnknownContractError: There is none, or the key may not send it.
    """
    kind = catalogue.events.get(event_type)
    if kind is None or not key.allows_type(event_type):
        raise UnknownContractError
    number = int(version) if version.isdecimal() and version.isascii() and len(version) < _LONGEST else None
    intake = kind.latest if version == "latest" else kind.by_version.get(number or 0)
    if intake is None:
        raise UnknownContractError
    return msgspec.structs.replace(_offer(intake), schema=msgspec.Raw(intake.text.encode()))


def _offer(intake: Intake) -> Offer:
    return Offer(intake.event_type, intake.version, intake.schema_id, intake.contract_hash)


_LONGEST = 12
