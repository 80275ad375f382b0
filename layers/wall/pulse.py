"""One day of the city in half a minute (二十四小时): people present by hour, where they are and how many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from layers import estimates
from layers.products import Products
from layers.text import text
from layers.wall.drawing import draw, layer_of, named
from layers.wall.places import level_of, sizes, top
from layers.wall.scene import Scene, View, figure, kpi, line, strip
from models.profile.signaling import load_signaling

NEEDS = ("cells", "present_by_hour")
LAYERS = ("present-population",)
SECONDS = 30
"""A day of 24 hours goes by in this time."""
RESOLUTION = "7"
"""Hexagons whose people are added up; the coarsest, of which the fewest are hidden."""
NIGHT = 4
"""Hour the others are compared with: the city is at home then."""
STRIP_HOURS = (4, 8, 14, 20)
STILL = 1.0
"""Percent of the hour before within which a number is called unchanged."""


def build(view: View) -> Scene:
    """The scene of a workday; the weekend is a second line of the chart. The first number is that of the hour shown."""
    workday, weekend = (totals(view.products, daytype) for daytype in ("workday", "weekend"))
    persons = text("unit.persons", view.lang)
    peak, low = _extreme(workday, max), _extreme(workday, min)
    layer = layer_of(view, LAYERS)
    level = level_of(view.products)
    largest = top(sizes(view.products, level)[0], view.spec.top)
    picture, legend = draw(view, layer, labels=named(view, level, largest, {}), period="workday-00",
                           hours=frames_of(view, workday, layer.id))  # fmt: skip
    spec = load_signaling(view.city)
    day = spec.periods[-1].last.isoformat() if spec else view.as_of.isoformat()
    kpis = tuple(
        kpi(view, key, value, persons, note=note)
        for key, value, note in (
            ("present_now", round(workday[0]), span(0)),
            ("present_peak", round(workday[peak]), span(peak)),
            ("present_low", round(workday[low]), span(low)),
        )
    )
    hours = [(f"{h:02d}:00", view.number(round(workday[h]))) for h in STRIP_HOURS]
    return Scene(
        sentence(view, workday), kpis, (_deviation(view, workday), _days(view, workday, weekend)), picture, legend,
        strip(view, "chart.four_hours", persons, hours), view.say("period.workday", period=_period(view.products)), day,
    )  # fmt: skip


def totals(products: Products, daytype: str) -> list[float]:
    """People present in the hexagons that are shown, by hour (24,); what is hidden does not count."""
    return [
        float(estimates.present(products, RESOLUTION, f"{daytype}-{hour:02d}")["persons"].sum()) for hour in range(24)
    ]


def _period(products: Products) -> str:
    return str(products.frame("present_by_hour", ("period",))["period"].max())


def _extreme(values: Sequence[float], which: object) -> int:
    """The first hour with the largest or smallest value."""
    wanted = max(values) if which is max else min(values)
    return list(values).index(wanted)


def span(hour: int) -> str:
    """An hour in words: 08:00–09:00."""
    return f"{hour:02d}:00–{(hour + 1) % 24:02d}:00"


def sentence(view: View, workday: Sequence[float]) -> str:
    """When most and fewest people are there; an even day where the swing is below ``flat_percent`` of the mean."""
    peak, low, mean = _extreme(workday, max), _extreme(workday, min), sum(workday) / 24
    swing, persons = 100 * (workday[peak] - workday[low]) / mean, text("unit.persons", view.lang)
    if swing <= view.spec.threshold("flat_percent"):
        return view.say("pulse.even", mean=view.amount(round(mean), persons), swing=view.percent(swing))
    return view.say(
        "pulse.swing", peak=span(peak), most=view.amount(round(workday[peak]), persons), low=span(low),
        least=view.amount(round(workday[low]), persons), swing=view.percent(100 * (workday[peak] / workday[low] - 1)),
    )  # fmt: skip


def caption(view: View, workday: Sequence[float], hour: int) -> str:
    """What the hour is in the day: most, fewest, rising, falling or unchanged against the hour before."""
    if hour == _extreme(workday, max):
        return view.say("pulse.peak")
    if hour == _extreme(workday, min):
        return view.say("pulse.low")
    change = 100 * (workday[hour] - workday[hour - 1]) / workday[hour - 1]
    trend = "still" if abs(change) <= STILL else "rising" if change > 0 else "falling"
    return view.say(f"pulse.{trend}")


def frames_of(view: View, workday: Sequence[float], layer_id: str) -> dict[str, object]:
    """The 24 frames of the day: hour, period of the layer, number with its change against four o'clock, caption."""
    persons = text("unit.persons", view.lang)
    made = []
    for hour, value in enumerate(workday):
        shown, unit = figure(view, round(value), persons)
        change = value - workday[NIGHT]
        number = {"value": shown, "unit": unit, "change": view.number(round(change), signed=True),
                  "note": view.say("note.than_hour", hour=f"{NIGHT:02d}:00")}  # fmt: skip
        made.append({"hour": hour, "period": f"workday-{hour:02d}", "kpi": number,
                     "caption": caption(view, workday, hour)})  # fmt: skip
    return {"layer": layer_id, "period": "workday-{hour}", "daytype": "workday", "seconds": SECONDS, "frames": made,
            "label": view.say("kpi.present_now")}  # fmt: skip


def _deviation(view: View, workday: Sequence[float]) -> dict[str, object]:
    mean = sum(workday) / 24
    values = [round(100 * (v / mean - 1), 1) for v in workday]
    return {"kind": "hours", "title": view.say("chart.day"), "unit": view.say("unit.than_mean"), "values": values,
            "texts": [view.percent(v, signed=True) for v in values], "colour": view.accent()}  # fmt: skip


def _days(view: View, workday: Sequence[float], weekend: Sequence[float]) -> dict[str, object]:
    series: list[dict[str, Any]] = [
        {"label": view.say("series.workday"), "y": [round(v) for v in workday], "colour": view.accent()},
        {"label": view.say("series.weekend"), "y": [round(v) for v in weekend], "colour": view.muted(),
         "dash": True},
    ]  # fmt: skip
    return line(view, "chart.days", text("unit.persons", view.lang), [f"{h:02d}" for h in range(24)], series)
