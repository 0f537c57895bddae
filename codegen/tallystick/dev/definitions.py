"""Experiment definitions as events: the same definition is always the same event, so publishing twice counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from tallystick.events.tallystick import ExperimentDefined, Meta, MultipleExposure, Source, Variant
from tallystick.sdk.ids import stable_id

if TYPE_CHECKING:
    from tallystick.contracts.experiments import ExperimentDefinition
    from tallystick.sdk import EventClient

__all__ = ["definition_event", "definition_id", "publish"]


def definition_event(definition: ExperimentDefinition) -> ExperimentDefined:
    """Return a definition as the event that carries it."""
    return ExperimentDefined(
        experiment_key=definition.experiment_key,
        phase=definition.phase,
        version=definition.version,
        unit_type=definition.unit_type,
        exposure_event=definition.exposure_event,
        variants=[
            Variant(variant_key=each.variant_key, weight=each.weight, is_control=each.is_control)
            for each in definition.variants
        ],
        start_at=definition.start_at,
        end_at=definition.end_at,
        multiple_exposure=MultipleExposure(definition.multiple_exposure),
        metrics=definition.metrics,
        srm_alpha=definition.srm_alpha,
        finalized_at=definition.finalized_at,
    )


def definition_id(definition: ExperimentDefinition) -> UUID:
    """Return the identity of a definition's event: what it says, and nothing else, decides it."""
    nobody = Meta(event_id=UUID(int=0), event_time=definition.start_at, source=Source(app=""))
    event = definition_event(definition).with_meta(nobody)
    return stable_id(event.SUBJECT, event.to_avro().hex())


def publish(definition: ExperimentDefinition, client: EventClient) -> UUID:
    """Send a definition; its time is the experiment's start, so that a second sending is the same event."""
    return client.track(
        definition_event(definition), event_id=definition_id(definition), event_time=definition.start_at
    )
