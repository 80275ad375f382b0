"""What a scene of the wall is made of: numbers, two charts, a map, a legend and one sentence, as plain JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from layers import board, theme
from layers.access import Actor
from layers.colours import colours
from layers.products import Products
from layers.text import FIRST, number, text
from models.profile import City
from models.profile.wall import SceneSpec

MOST_NUMBERS = 7
"""Numbers of a scene that stand by themselves: those of the blocks and of the strip."""
THEMES = ("wall", "light")


@dataclass(frozen=True)
class View:
    """For whom, in which language and colours, and of which build a scene is made.

    Attributes
    ----------
    store, city, actor : where the products are, whose they are, who asks
    products : those of one build
    spec : the scene's entry in the playlist
    lang, theme : of the display
    today : the day freshness is measured from
    """

    store: Any
    city: City
    actor: Actor
    products: Products
    spec: SceneSpec
    lang: str
    theme: str
    today: dt.date

    @property
    def as_of(self) -> dt.date:
        """The business date of the build."""
        return board.business_date(self.products.manifest)

    def say(self, key: str, /, **params: object) -> str:
        """A text of the wall in the language of the display."""
        return text(f"wall.{key}", self.lang, **params)

    def number(self, value: float | None, *, digits: int | None = None, signed: bool = False) -> str:
        """A number as people of the language write it."""
        return number(value, self.lang, digits=digits, signed=signed)

    def percent(self, value: float | None, *, digits: int = 1, signed: bool = False) -> str:
        """A percentage, from percent; what is not known is an en dash."""
        said = number(value, self.lang, digits=digits, signed=signed)
        return said if value is None else f"{said} %"

    def amount(self, value: float | None, unit: str, *, signed: bool = False) -> str:
        """A number with its unit inside a sentence."""
        shown, said = figure(self, value, unit, signed=signed)
        return f"{shown} {said}".strip()

    def accent(self) -> str:
        """Colour of what has no palette."""
        return theme.colours(self.theme)["accent"]

    def muted(self) -> str:
        """Colour of a comparison."""
        return theme.colours(self.theme)["ink-3"]

    def shade(self, palette: str, place: int, count: int = 5) -> str:
        """One colour of a palette, from the lowest."""
        return colours(palette, count, self.theme)[place]


@dataclass(frozen=True)
class Kpi:
    """A number of its own: label, value and unit, change, what it is compared with, and whether that is good."""

    key: str
    label: str
    value: str
    unit: str
    change: str | None = None
    note: str = ""
    tone: str | None = None


@dataclass(frozen=True)
class Scene:
    """One scene, ready for the display; every text is in its language.

    Attributes
    ----------
    sentence : what the numbers mean, by rule
    kpis : three to five numbers
    charts : exactly two
    map, legend : see `layers.wall.drawing`
    strip : at most four figures in the place of the second column where the display is narrow
    period, as_of : what the numbers are about, and up to when the data reach
    tables : tables the scene's freshness is measured by; empty for signaling
    """

    sentence: str
    kpis: tuple[Kpi, ...]
    charts: tuple[Mapping[str, Any], ...]
    map: Mapping[str, Any]
    legend: Mapping[str, Any]
    strip: Mapping[str, Any]
    period: str
    as_of: str
    tables: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """The part of the answer that the builder makes."""
        return {
            "sentence": self.sentence, "kpis": [asdict(kpi) for kpi in self.kpis],
            "charts": [dict(chart) for chart in self.charts], "map": dict(self.map), "legend": dict(self.legend),
            "strip": dict(self.strip), "period": self.period, "as_of": self.as_of,
        }  # fmt: skip


def figure(view: View, value: float | None, unit: str, *, digits: int | None = None, signed: bool = False) -> list[str]:
    """A value and its unit as a large number is set: the step (万, m) goes to the unit.

    Parameters
    ----------
    unit : in words, "" for none
    """
    shown, _, step = view.number(value, digits=digits, signed=signed).partition(" ")
    joint = "" if view.lang == FIRST else " "
    return [shown, f"{step}{joint if step and unit else ''}{unit}"]


def kpi(
    view: View,
    key: str,
    value: float | None,
    unit: str = "",
    *,
    change: str | None = None,
    note: str = "",
    tone: str | None = None,
    signed: bool = False,
    digits: int | None = None,
) -> Kpi:
    """A number of its own; its label stands under ``wall.kpi.<key>``."""
    shown, said = figure(view, value, unit, digits=digits, signed=signed)
    return Kpi(key, view.say(f"kpi.{key}"), shown, said, change, note, tone)


def bars(view: View, title: str, unit: str, colour: str, rows: Sequence[tuple[str, float, str]]) -> dict[str, Any]:
    """A chart of bars from zero: label, value, value as text."""
    entries = [{"label": label, "value": round(value, 4), "text": said} for label, value, said in rows]
    return {"kind": "bars", "title": view.say(title), "unit": unit, "colour": colour, "rows": entries}


def line(view: View, title: str, unit: str, x: Sequence[str], series: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A chart of lines over the same periods; None where nothing is known."""
    return {"kind": "line", "title": view.say(title), "unit": unit, "x": list(x), "series": [dict(s) for s in series]}


def strip(view: View, title: str, unit: str, items: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """At most four figures."""
    entries = [{"label": label, "value": value} for label, value in items[:4]]
    return {"title": view.say(title), "unit": unit, "items": entries}


def levels(view: View, by_level: Mapping[str, int]) -> dict[str, Any]:
    """The chart of levels D, C, B, A with their shares."""
    total = sum(by_level.values())
    rows = [
        {"level": level, "label": view.say(f"level.{level}"), "value": by_level[level],
         "text": f"{by_level[level]:,}", "share_text": view.percent(100 * by_level[level] / total)}
        for level in board.LEVELS
    ]  # fmt: skip
    return {"kind": "levels", "title": view.say("chart.levels"), "unit": text("unit.subjects", view.lang), "rows": rows}
