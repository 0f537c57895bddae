"""What others published about the Cookie Cats experiment; it is checked only when the very same file is given."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Published", "published_figures"]

_COOKIE_CATS = "9f53027065840672e77303281289988371d4a6b67c7dcd3bd4e6306a2a263dc8"

# A figure that was rounded twice on its way into print is up to 0.55 of a unit of its last digit away.
_UNITS_OFF = Decimal("0.55")


@dataclass(frozen=True, slots=True)
class Published:
    """One printed figure; `variant` is empty where it is not one arm's."""

    metric: str
    quantity: str
    printed: str
    variant: str = ""

    def agrees(self, got: float | Decimal) -> bool:
        """Whether a figure is the printed one, to the digits printed."""
        printed = Decimal(self.printed)
        unit = Decimal(1).scaleb(int(printed.as_tuple().exponent))
        return abs(Decimal(got) - printed) <= _UNITS_OFF * unit


_FIGURES = (
    Published("", "units", "44700", "gate_30"),
    Published("", "units", "45489", "gate_40"),
    Published("", "srm_p", "0.0086080"),
    Published("retention_1", "sum", "20034", "gate_30"),
    Published("retention_1", "sum", "20119", "gate_40"),
    Published("retention_1", "statistic", "-1.78409"),
    Published("retention_1", "p_value", "0.0744097"),
    Published("retention_7", "sum", "8502", "gate_30"),
    Published("retention_7", "sum", "8279", "gate_40"),
    Published("retention_7", "statistic", "-3.16436"),
    Published("retention_7", "p_value", "0.0015543"),
    Published("retention_7", "welch_p_value", "0.0015565"),
    Published("sum_gamerounds", "sum", "2344795", "gate_30"),
    Published("sum_gamerounds", "sum", "2333530", "gate_40"),
    Published("sum_gamerounds", "sum_squares", "3068811771", "gate_30"),
    Published("sum_gamerounds", "sum_squares", "605052202", "gate_40"),
    Published("sum_gamerounds", "statistic", "-0.88544"),
    Published("sum_gamerounds", "df", "58595.5"),
    Published("sum_gamerounds", "p_value", "0.37592"),
)


def published_figures(sha256: str) -> tuple[Published, ...]:
    """List the figures published about the file with this checksum: none for any other file."""
    return _FIGURES if sha256 == _COOKIE_CATS else ()
