"""Texts and numbers that a field of such a name would hold in life."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

__all__ = ["number_for", "text_for"]

# What a field's name ends with or holds -> texts of that kind.
_TEXTS: Final[tuple[tuple[re.Pattern[str], Callable[[str, Random], str]], ...]] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (r"currency", lambda _, s: s.choice(("EUR", "USD", "GBP", "SEK"))),
        (r"country", lambda _, s: s.choice(("DE", "FR", "NL", "SE"))),
        (r"language|locale", lambda _, s: s.choice(("de", "en", "fr"))),
        (r"e?mail", lambda _, s: f"{s.choice(('ada', 'grace', 'alan'))}.{s.randrange(1000)}@example.org"),
        (r"phone", lambda _, s: f"+49 30 {s.randrange(10**6, 10**7)}"),
        (r"host|domain", lambda _, s: s.choice(("www.example.org", "shop.example.com", "news.example.net"))),
        (r"url|uri|href", lambda _, s: f"https://www.example.org/{s.choice(('tea', 'cups', 'sale'))}"),
        (r"path", lambda _, s: f"/{s.choice(('tea', 'cups', 'sale'))}/{s.choice(('green', 'white', 'black'))}"),
        (r"sku", lambda _, s: f"{s.choice(('tea', 'cup', 'pot'))}-{s.choice(('green', 'white', 'black'))}"),
        (r"trace_id", lambda _, s: f"{s.randrange(1, 2**128):032x}"),
        (r"sha256|hash", lambda _, s: f"{s.randrange(2**256):064x}"),
        (r"version", lambda _, s: f"{s.randrange(1, 5)}.{s.randrange(10)}.{s.randrange(10)}"),
        (r"environment", lambda _, s: s.choice(("production", "staging"))),
        (r"city", lambda _, s: s.choice(("Berlin", "Lyon", "Uppsala"))),
        (r"^app$|source", lambda _, s: s.choice(("shop-web", "shop-app"))),
        (r"variant", lambda _, s: s.choice(("control", "treatment"))),
        (r"(^|_)(id|key|code)$|number", lambda name, s: f"{name[:1].lower() or 'x'}-{s.randrange(1000, 10_000)}"),
        (r"", lambda _, s: " ".join(s.sample(("green", "tea", "white", "cup", "fresh", "new"), s.randint(1, 3)))),
    )
)
_NUMBERS: Final = (
    (re.compile(r"_ms$|duration|latency"), 60_000),
    (re.compile(r"bytes|size"), 100_000),
    (re.compile(r"year"), 2_030),
    (re.compile(r"quantity|count|items|pieces|phase|version"), 5),
    (re.compile(r""), 100),
)


def text_for(name: str, source: Random) -> str:
    """A text for a field."""
    return next(make(name, source) for pattern, make in _TEXTS if pattern.search(name.lower()))


def number_for(name: str, source: Random) -> int:
    """A small number for a field."""
    return source.randint(1, next(most for pattern, most in _NUMBERS if pattern.search(name.lower())))
