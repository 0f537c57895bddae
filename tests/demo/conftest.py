from __future__ import annotations

from decimal import Decimal

import pytest
from tests.demo.samples import CHECKOUT, SEARCH, findings

from tallystick.dev.demo.findings import Check
from tallystick.dev.demo.report import Report
from tallystick.dev.demo.truth import Truth


@pytest.fixture
def report() -> Report:
    found = findings()
    truth = Truth(
        accepted=112_872,
        copies=5_470,
        rejected=found.rejected,
        events=found.events,
        lateness=found.lateness,
        outcomes=found.outcomes,
        uncovered=found.uncovered,
        trials={},
    )
    checks = [
        Check("Counts", "accepted", 112_874, 112_874, ok=True),
        Check("Counts", "silver/events", 107_402, 107_402, ok=True),
        Check("checkout_cta", "revenue: sum of control", Decimal("49150.25"), Decimal("49150.25"), ok=True),
        Check("checkout_cta", "revenue: p-value", 0.000012345678, 0.000012345678, ok=True),
    ]
    seconds = {"stack": 9.1, "send": 31.0, "bronze": 22.4, "silver": 96.2, "gold": 12.0, "checks": 3.4}
    return Report(
        "a simulated shop of 20,000 users, seed 7",
        "tallystick demo --seed 7",
        (CHECKOUT, SEARCH),
        truth,
        found,
        checks,
        seconds,
    )
