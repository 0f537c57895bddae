"""The shop's people: devices, visits, page views, experiments and orders, each person from a seed of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tallystick.dev.demo.stories import Showing, tell
from tallystick.dev.demo.world import OFF_GRID, Act, Device, Membership, Person, Purchase, between
from tallystick.events.shop import (
    AssignmentReason,
    ExperimentExposed,
    OrderCompleted,
    OrderLine,
    PageKind,
    PageViewed,
    Platform,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tallystick.dev.demo.setting import Trial

__all__ = ["order", "shopper", "window_shopper"]

# What the variants truly do to the probability of an order: the lift that Gold must find, and a null that it must not.
_EFFECTS = {("checkout_cta", "treatment"): 0.06, ("search_ranking", "hybrid"): 0.045}
_BASE_CONVERSION, _CONVERSION_PER_TRIAL = 0.08, 0.14
_JOINS = 0.52

_ARTICLES = (
    ("tea-green", 1250),
    ("tea-earl-grey", 990),
    ("cup-white", 2499),
    ("pot-cast-iron", 5900),
    ("strainer", 745),
    ("honey-lime", 1180),
    ("biscuits", 465),
)
_COUNTRIES = ("DE", "DE", "DE", "AT", "CH", "NL", "FR", "GB", None)
_PAGES = (
    (PageKind.HOME, "/"),
    (PageKind.SEARCH, "/search"),
    (PageKind.PRODUCT, "/products/tea-green"),
    (PageKind.PRODUCT, "/products/pot-cast-iron"),
    (PageKind.CART, "/cart"),
)
_REFERRERS = (None, None, "search.example", "news.example")
_KINDS, _KIND_SHARES = ("human", "bot", "internal"), (0.98, 0.015, 0.005)


class _Joined(NamedTuple):
    acts: list[Act]
    memberships: dict[str, Membership]


def shopper(*, seed: int, index: int, trials: Sequence[Trial]) -> Person:
    """Make up one signed-in user; the same seed and index give the same person."""
    # Reproducible on purpose; nothing here is a secret.
    rng = Random(f"{seed}/shopper/{index}")  # noqa: S311
    user_id, kind, device = f"u-{index:06d}", rng.choices(_KINDS, _KIND_SHARES)[0], _device(rng)
    visits = _visits(rng, trials)
    acts = [act for number, at in enumerate(visits) for act in _page_views(rng, at, number)]
    joined = _join(rng, trials, visits, person=(user_id, kind, device))
    bought = [order(rng, user_id, at) for at in _order_times(rng, visits[0], joined.memberships)]
    acts += joined.acts
    acts += [Act(purchase.happened_at, payload, 0) for payload, purchase in bought]
    if kind == "human" and rng.random() < 0.15:  # noqa: PLR2004 - the share of visitors that sign in late
        first = min(acts, key=lambda act: act.happened_at)
        # Only page views happen before the account is known.
        acts = [replace(act, is_signed_in=False) if _is_early_view(act, first) else act for act in acts]
    return Person(
        user_id, device, tuple(acts), joined.memberships, tuple(p for _, p in bought), user_id, f"d-{index:06d}"
    )


def window_shopper(*, seed: int, index: int, trials: Sequence[Trial]) -> Person:
    """Make up a visitor who never signs in."""
    rng = Random(f"{seed}/window/{index}")  # noqa: S311 - reproducible on purpose
    anonymous_id = f"a-{index:06d}"
    acts = tuple(replace(act, is_signed_in=False) for act in _page_views(rng, _visits(rng, trials)[0], 0))
    return Person(anonymous_id, _device(rng), acts, anonymous_id=anonymous_id)


def order(rng: Random, user_id: str, at: datetime) -> tuple[OrderCompleted, Purchase]:
    """Fill a basket and pay it."""
    picked = rng.sample(_ARTICLES, k=rng.choices((1, 2, 3), (0.6, 0.3, 0.1))[0])
    lines = [(sku, rng.choice((1, 1, 1, 2)), cents) for sku, cents in picked]
    coupon = rng.choice((None, None, None, "TEA5"))
    total = Decimal(sum(number * cents for _, number, cents in lines) - (200 if coupon else 0)).scaleb(-2)
    payload = OrderCompleted(
        order_id=f"o-{rng.getrandbits(40):010x}",
        customer_id=user_id,
        total=total,
        currency="EUR",
        item_count=sum(number for _, number, _ in lines),
        lines=[OrderLine(sku=s, quantity=n, unit_price=Decimal(c).scaleb(-2)) for s, n, c in lines],
        coupon_code=coupon,
    )
    return payload, Purchase(at, total)


def _device(rng: Random) -> Device:
    platform = rng.choices((Platform.WEB, Platform.IOS, Platform.ANDROID), (0.55, 0.2, 0.25))[0]
    is_app = platform is not Platform.WEB
    is_old = is_app and rng.random() < 0.4  # noqa: PLR2004 - the share of the fleet that did not update
    # One clock in twenty is wrong, by minutes or by weeks, on either side.
    offset = between(rng, timedelta(days=-30), timedelta(days=30)) if rng.random() < 0.05 else timedelta(0)  # noqa: PLR2004
    release = "4.9.2" if is_old else "5.1.0"
    return Device("shop-app" if is_app else "shop-web", release, platform, rng.choice(_COUNTRIES), offset, is_old)


def _visits(rng: Random, trials: Sequence[Trial]) -> list[datetime]:
    start, end = max(trial.start for trial in trials), min(trial.end for trial in trials)
    # The first visit leaves room for a whole story before the period ends.
    visits = [start + between(rng, timedelta(minutes=1), end - start - timedelta(hours=3))]
    for _ in range(rng.choices((0, 1, 2, 3), (0.55, 0.3, 0.1, 0.05))[0]):
        visits.append(visits[-1] + between(rng, timedelta(hours=3), timedelta(days=4)))
    return visits


def _page_views(rng: Random, visit: datetime, session: int) -> list[Act]:
    pages = _PAGES[: rng.choices((1, 2, 3, 5), (0.5, 0.3, 0.13, 0.07))[0]]
    referrer = rng.choice(_REFERRERS)
    views = [
        PageViewed(page_kind=kind, page_path=path, duration_ms=rng.choice((None, rng.randrange(400, 90_000))),
                   referrer_host=referrer)
        for kind, path in pages
    ]  # fmt: skip
    return [Act(visit + timedelta(seconds=20 * step), view, session) for step, view in enumerate(views)]


def _join(
    rng: Random, trials: Sequence[Trial], visits: Sequence[datetime], *, person: tuple[str, str, Device]
) -> _Joined:
    joined = _Joined([], {})
    for number, trial in enumerate(trials, start=1):
        if rng.random() >= _JOINS:
            continue
        story = tell(rng, trial, [visit + number * timedelta(minutes=1) for visit in visits])
        joined.acts.extend(_exposure(trial.key, showing, person) for showing in story.showings)
        if story.membership:
            status = _STATUS_OF_KIND.get(person[1], story.membership.status)
            joined.memberships[trial.key] = replace(story.membership, status=status)
    return joined


# A machine or a colleague is left out, whatever else befell them.
_STATUS_OF_KIND = {"bot": "excluded_bot", "internal": "excluded_internal"}


def _exposure(experiment_key: str, showing: Showing, person: tuple[str, str, Device]) -> Act:
    user_id, kind, device = person
    payload = ExperimentExposed(
        experiment_key=experiment_key,
        variant_key=showing.variant,
        unit_id=user_id,
        assignment_reason=AssignmentReason.OVERRIDE if showing.is_override else AssignmentReason.RANDOM,
        platform=device.platform,
        country=device.country,
        is_bot=kind == "bot",
        is_internal=kind == "internal",
        is_override=showing.is_override,
    )
    return Act(showing.at, payload, 0)


def _order_times(rng: Random, visit: datetime, memberships: Mapping[str, Membership]) -> list[datetime]:
    effects = (_EFFECTS.get((key, member.variant), 0.0) for key, member in memberships.items())
    conversion = _BASE_CONVERSION + _CONVERSION_PER_TRIAL * len(memberships) + sum(effects)
    times = []
    if rng.random() < conversion:
        times.append(visit + timedelta(minutes=10))
        if rng.random() < 0.25:  # noqa: PLR2004 - the share of buyers that come back, in the window or after it
            times.append(times[0] + between(rng, timedelta(days=1), timedelta(days=12)))
    if rng.random() < 0.04:  # noqa: PLR2004 - the share that had bought before they met an experiment
        times.append(visit - between(rng, timedelta(hours=2), timedelta(days=3)))
    return [at + OFF_GRID for at in times]


def _is_early_view(act: Act, first: Act) -> bool:
    return isinstance(act.payload, PageViewed) and act.happened_at == first.happened_at
