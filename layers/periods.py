"""Periods of a layer in words: months and days as dates, hours of a type of day or day of the week as hours."""

from __future__ import annotations

from collections.abc import Sequence

from layers.layer import Layer
from layers.text import date, has, text
from models.contracts.population import DAYTYPES
from models.contracts.roads import WEEKDAYS

WORDS = {day: f"time.{day}" for day in (*DAYTYPES, *WEEKDAYS)}


def said(layer: Layer, period: str, lang: str, *, end: bool = False) -> str:
    """A period as the layer means it: a month, the twelve months up to it, or an hour of a workday or of a Monday.

    Parameters
    ----------
    end : short, for an end of the time bar
    """
    if layer.time.kind == "hour":
        daytype, _, hour = period.partition("-")
        first = int(hour)
        key = "time.hour_short" if end else "time.hour"
        span = f"{first:02d}:00–{(first + 1) % 24:02d}:00"
        return text(key, lang, span=span, first=f"{first:02d}:00", day=text(WORDS[daytype], lang))
    key = f"{layer.text_key}.period"
    return text(key, lang, period=date(period, lang)) if has(key, lang) and not end else date(period, lang)


def days(layer: Layer, periods: Sequence[str]) -> tuple[str, ...]:
    """Days whose hours a layer shows, in their order, where there are so many that one is chosen; else none.

    The hours of a workday and of a weekend day fit on one axis.
    """
    if layer.time.kind != "hour":
        return ()
    found = tuple(dict.fromkeys(period.partition("-")[0] for period in periods))
    return found if len(found) > len(DAYTYPES) else ()


def of_day(periods: Sequence[str], day: str) -> tuple[str, ...]:
    """The hours of one day."""
    return tuple(period for period in periods if period.partition("-")[0] == day)
