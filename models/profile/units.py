"""Units a source may be written in, and the factor to the canonical unit of the column."""

from __future__ import annotations

# unit of the file -> (canonical unit, factor); a factor is exact by definition of the unit.
UNITS: dict[str, tuple[str, float]] = {
    "CNY": ("CNY", 1.0),
    "10k CNY": ("CNY", 10_000.0),
    "100M CNY": ("CNY", 100_000_000.0),
    "CNY/m2": ("CNY/m2", 1.0),
    "10k CNY/m2": ("CNY/m2", 10_000.0),
    "m": ("m", 1.0),
    "km": ("m", 1_000.0),
    "km/h": ("km/h", 1.0),
    "mph": ("km/h", 1.609344),
    "person": ("person", 1.0),
    "10k persons": ("person", 10_000.0),
    "household": ("household", 1.0),
    "share": ("share", 1.0),
    "percent": ("percent", 1.0),
    "degree": ("degree", 1.0),
    "count": ("count", 1.0),
}


def factor(unit: str) -> float:
    """Factor from ``unit`` to the canonical unit of its kind; KeyError for a unit that is not listed."""
    return UNITS[unit][1]
