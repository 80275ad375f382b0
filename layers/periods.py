"""Periods of a layer in words: months and days as dates, hours of a type of day as hours."""

from __future__ import annotations

from layers.layer import Layer
from layers.text import date, has, text

WORDS = {"workday": "time.workday", "weekend": "time.weekend"}


def said(layer: Layer, period: str, lang: str, *, end: bool = False) -> str:
    """A period as the layer means it: a month, the twelve months up to it, or an hour of a workday.

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
