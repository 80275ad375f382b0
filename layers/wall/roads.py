"""Road congestion (道路拥堵): travel time over free travel time by hour, the slowest sections at the worst hour."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import shapely

from layers.products import Products
from layers.wall.drawing import draw, layer_of
from layers.wall.pulse import SECONDS, span
from layers.wall.scene import Kpi, Scene, View, bars, figure, kpi, strip
from models.errors import NotBuiltError
from models.profile.signaling import load_signaling

SPEEDS, SECTIONS = "road_speeds", "road_sections"
NEEDS = (SPEEDS, SECTIONS)
LAYERS = ("road-travel-time-index", "road-speed")
DAYTYPE = "workday"
STRIP_HOURS = (4, 8, 12, 18)


def build(view: View) -> Scene:
    """The scene of a workday of the last period."""
    rows = measured(view.products)
    if rows.empty:
        raise NotBuiltError(view.say("roads.unknown"))
    index = [of_city(rows, hour) for hour in range(24)]
    worst = worst_hour(index)
    slow = slowest(rows, worst).head(view.spec.top)
    layer = layer_of(view, LAYERS)
    labels = [
        {"text": str(row["name"]), "sub": view.number(float(row["tti"]), digits=2), "lon": round(row["lon"], 5),
         "lat": round(row["lat"], 5), "rank": rank}
        for rank, row in enumerate(slow.drop_duplicates("name").to_dict("records"))
    ]  # fmt: skip
    busy = f"{DAYTYPE}-{worst:02d}"
    picture, legend = draw(view, layer, labels=labels, period=busy, hours=_hours(view, index, layer.id))
    spec = load_signaling(view.city)
    items = [(f"{hour:02d}:00", view.number(index[hour], digits=2)) for hour in STRIP_HOURS]
    return Scene(
        sentence(view, index, worst, slow), _kpis(view, rows, index, worst), (_day(view, index), _slow(view, slow)),
        picture, legend, strip(view, "chart.index_hours", "", items),
        view.say("period.workday", period=str(rows["period"].iloc[0])),
        spec.periods[-1].last.isoformat() if spec else view.as_of.isoformat(),
    )  # fmt: skip


def measured(products: Products) -> pd.DataFrame:
    """Sections and hours of workdays of the last period whose index is published, with name, length and a point.

    Columns: period, section_id, hour, speed_kmh, free_flow_kmh, tti, jam, name, from_km, to_km, length_m, lon, lat.
    """
    rows = products.frame(SPEEDS)
    last = str(rows["period"].astype("str").max())
    shown = (rows["period"].astype("str") == last) & (rows["daytype"] == DAYTYPE) & ~rows["suppressed"].astype(bool)
    rows = rows[shown & rows["tti"].notna() & rows["speed_kmh"].notna()]
    sections = products.frame(SECTIONS)
    sections = sections[sections["period"].astype("str") == last]
    middle = shapely.line_interpolate_point(sections.geometry.to_numpy(), 0.5, normalized=True)
    named = pd.DataFrame(sections[["section_id", "name", "from_km", "to_km", "length_m"]]).assign(
        lon=shapely.get_x(middle), lat=shapely.get_y(middle)
    )
    columns = ["period", "section_id", "hour", "speed_kmh", "free_flow_kmh", "tti", "jam"]
    return rows[columns].merge(named, on="section_id", validate="many_to_one")


def of_city(rows: pd.DataFrame, hour: int) -> float | None:
    """Time for a journey over all measured sections over its time in free flow: sum l/v over sum l/v0.

    None where no section is published at that hour. Sections that are hidden at an hour are missing in both sums.
    """
    own = rows[rows["hour"] == hour]
    free = float((own["length_m"] / (own["speed_kmh"] * own["tti"])).sum())
    return float((own["length_m"] / own["speed_kmh"]).sum()) / free if free > 0 else None


def worst_hour(index: Sequence[float | None]) -> int:
    """The first hour with the largest index."""
    known = [-1.0 if value is None else value for value in index]
    return known.index(max(known))


def slowest(rows: pd.DataFrame, hour: int) -> pd.DataFrame:
    """Sections by their index at an hour, the largest first; equal ones by their code."""
    own = rows[rows["hour"] == hour]
    found: pd.DataFrame = own.sort_values(["tti", "section_id"], ascending=[False, True], ignore_index=True)
    return found


def sentence(view: View, index: Sequence[float | None], worst: int, slow: pd.DataFrame) -> str:
    """How much longer a journey takes at the worst hour, and where most.

    Jammed from ``jammed_index``, busy from ``busy_index``, else free.
    """
    value = index[worst]
    if value is None:
        return view.say("roads.unknown")
    jammed, busy = (view.spec.threshold(f"{name}_index") for name in ("jammed", "busy"))
    rule = "jammed" if value >= jammed else "busy" if value >= busy else "free"
    said = view.say(f"roads.{rule}", hour=span(worst), more=view.percent(100 * (value - 1), digits=0))
    if slow.empty:
        return said
    first = slow.iloc[0]
    return said + view.say("roads.slowest", name=first["name"], index=view.number(float(first["tti"]), digits=2))


def _kpis(view: View, rows: pd.DataFrame, index: Sequence[float | None], worst: int) -> tuple[Kpi, ...]:
    own = rows[rows["hour"] == worst]
    jams = own[own["jam"].fillna(False).astype(bool)]
    return (
        kpi(view, "index_now", index[0], "", digits=2, note=span(0)),
        kpi(view, "index_worst", index[worst], "", digits=2, note=span(worst)),
        kpi(view, "jams", float(jams["length_m"].sum()) / 1000, "km", digits=1,
            note=view.say("note.sections", n=view.number(len(jams)), of=view.number(len(own)))),
    )  # fmt: skip


def _hours(view: View, index: Sequence[float | None], layer_id: str) -> dict[str, object]:
    frames = []
    for hour, value in enumerate(index):
        shown, unit = figure(view, value, "", digits=2)
        change = None if value is None else view.percent(100 * (value - 1), digits=0, signed=True)
        number = {"value": shown, "unit": unit, "change": change, "note": view.say("note.than_free")}
        frames.append({"hour": hour, "period": f"{DAYTYPE}-{hour:02d}", "kpi": number, "caption": caption(view, value)})
    return {"layer": layer_id, "period": f"{DAYTYPE}-{{hour}}", "daytype": DAYTYPE, "seconds": SECONDS,
            "frames": frames, "label": view.say("kpi.index_now")}  # fmt: skip


def caption(view: View, value: float | None) -> str:
    """Free, busy or jammed, by the thresholds of the scene."""
    if value is None:
        return view.say("roads.hidden")
    jammed, busy = (view.spec.threshold(f"{name}_index") for name in ("jammed", "busy"))
    state = "is_jammed" if value >= jammed else "is_busy" if value >= busy else "is_free"
    return view.say(f"roads.{state}")


def _day(view: View, index: Sequence[float | None]) -> dict[str, object]:
    values = [None if v is None else round(100 * (v - 1), 1) for v in index]
    return {"kind": "hours", "title": view.say("chart.delay"), "unit": view.say("unit.than_free"), "values": values,
            "texts": [view.percent(v, signed=True) for v in values], "colour": view.shade("risk", 3)}  # fmt: skip


def _slow(view: View, slow: pd.DataFrame) -> dict[str, object]:
    rows = [
        (view.say("roads.section", name=row["name"], first=f"{row['from_km']:.0f}", last=f"{row['to_km']:.0f}"),
         float(row["tti"]), view.number(float(row["tti"]), digits=2))
        for row in slow.to_dict("records")
    ]  # fmt: skip
    return bars(view, "chart.slowest", view.say("unit.index"), view.shade("risk", 3), rows)
