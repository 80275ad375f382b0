"""Risk in the market (市场风险): subjects by level and area, and how many were inspected. Counts only, never a firm."""

from __future__ import annotations

import pandas as pd

from layers import board, frames
from layers.products import Products
from layers.text import date, text
from layers.wall.drawing import draw, layer_of, named
from layers.wall.places import level_of, name_of, top
from layers.wall.scene import Kpi, Scene, View, bars, kpi, strip

NEEDS = ("subjects", "subject_levels", "levels_by_area")
LAYERS = ("risk-share", "risk-share-grid")
FIRST = 3
"""Areas that are looked at together, to tell whether key subjects are concentrated."""


def build(view: View) -> Scene:
    """The scene at the business date."""
    products, subjects = view.products, text("unit.subjects", view.lang)
    level = level_of(products)
    areas = by_area(view, level)
    high = top(areas["high"], view.spec.top)
    said = {str(code): view.amount(float(n), subjects) for code, n in high.items()}
    picture, legend = draw(view, layer_of(view, LAYERS), labels=named(view, level, high, said))
    items = [(name_of(products, level, view.lang, code), f"{int(n):,}") for code, n in high.items()]
    return Scene(
        sentence(view, level, areas), _kpis(view), (_most(view, level, high), _shares(view, level, areas)), picture,
        legend, strip(view, "chart.high_risk", subjects, items), date(view.as_of, view.lang), view.as_of.isoformat(),
        ("legal_persons",),
    )  # fmt: skip


def by_area(view: View, level: str) -> pd.DataFrame:
    """Classified subjects of each area by code: ``subjects``, ``key`` (D), ``high`` (C and D), ``share`` (percent).

    An area with fewer classified subjects than the city's k is left out: its counts would be levels of single firms.
    """
    rows = frames.by_area(view.products, "levels_by_area", level)
    rows = rows[rows["subjects"] >= view.city.disclosure_k].sort_index()
    return pd.DataFrame(
        {
            "subjects": rows["subjects"].astype("int64"),
            "key": rows["level_d"].astype("int64"),
            "high": (rows["level_c"] + rows["level_d"]).astype("int64"),
            "share": rows["risk_share"].astype("float64") * 100,
        }
    )


def sentence(view: View, level: str, areas: pd.DataFrame) -> str:
    """How many subjects are of level D and C, and whether the three areas with most key ones hold a large share.

    Concentrated from ``concentrated_percent`` on. With three areas or fewer nothing is said of it.
    """
    levels, subjects = board.counts(view.products, None).by_level, text("unit.subjects", view.lang)
    total, high = sum(levels.values()), levels["D"] + levels["C"]
    share = view.percent(100 * high / total if total else None)
    serious, higher = (view.amount(levels[level], subjects) for level in "DC")
    said = view.say("risk.levels", serious=serious, higher=higher, share=share)
    first = top(areas["key"], FIRST)
    if len(areas) <= FIRST or len(first) < FIRST or not levels["D"]:
        return said
    part = 100 * float(first.sum()) / levels["D"]
    rule = "concentrated" if part >= view.spec.threshold("concentrated_percent") else "spread"
    names = view.say("joint").join(name_of(view.products, level, view.lang, code) for code in first.index)
    return said + view.say(f"risk.{rule}", names=names, part=view.percent(part, digits=0))


def inspected(products: Products) -> tuple[int, int, int, int]:
    """Subjects, those inspected in twelve months, inspections, and those with a fault: of all districts together."""
    if not products.has("area_comparison"):
        return 0, 0, 0, 0
    rows = products.frame("area_comparison")
    rows = rows[rows["area_level"] == "district"]
    columns = ("subjects", "inspected_12m", "inspections", "positives")
    return tuple(int(rows[column].sum()) for column in columns)  # type: ignore[return-value]


def _kpis(view: View) -> tuple[Kpi, ...]:
    counted, subjects = board.counts(view.products, None), text("unit.subjects", view.lang)
    levels = counted.by_level
    total, high = sum(levels.values()), levels["D"] + levels["C"]
    of_all, done, visits, faults = inspected(view.products)
    coverage = 100 * done / of_all if of_all else None
    classified = view.say("note.of_classified", n=view.amount(total, subjects))
    found = view.say("note.faults", n=view.percent(100 * faults / visits)) if visits else ""
    return (
        kpi(view, "key_subjects", levels["D"], subjects, note=classified),
        kpi(view, "high_share", 100 * high / total if total else None, "%", digits=1,
            note=view.say("note.high_count", n=view.amount(high, subjects))),
        kpi(view, "inspected", coverage, "%", digits=1, note=found)
        if visits
        else kpi(view, "higher_subjects", levels["C"], subjects, note=view.say("note.no_inspections")),
    )  # fmt: skip


def _most(view: View, level: str, high: pd.Series) -> dict[str, object]:
    rows = [
        (name_of(view.products, level, view.lang, code), float(n), f"{int(n):,}") for code, n in high.items()
    ]  # fmt: skip
    return bars(view, "chart.high_risk", text("unit.subjects", view.lang), view.shade("risk", 3), rows)


def _shares(view: View, level: str, areas: pd.DataFrame) -> dict[str, object]:
    """Areas with the largest share, of those with ``least_subjects`` or more."""
    large = areas[areas["subjects"] >= view.spec.threshold("least_subjects")]
    rows = [
        (name_of(view.products, level, view.lang, code), float(share), view.percent(float(share)))
        for code, share in top(large["share"], view.spec.top).items()
    ]
    return bars(view, "chart.high_share", "%", view.shade("risk", 2), rows)
