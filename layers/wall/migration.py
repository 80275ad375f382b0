"""Who moves where (人口迁徙): moves in and out between two periods, net rates by town, arcs between areas."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import availability, frames, moves, registry
from layers.classes import breaks, classify
from layers.numbers import class_labels
from layers.products import Products
from layers.requests import Request
from layers.serve import serve
from layers.text import text
from layers.wall import origins
from layers.wall.drawing import bounds_of, draw, layer_of, named
from layers.wall.places import name_of, places, top
from layers.wall.scene import Kpi, Scene, View, bars, kpi, line, strip
from models.errors import NotBuiltError
from models.profile.signaling import load_signaling

NEEDS = ("grids", moves.BALANCE)
LAYERS = ("net-migration-rate",)
LEVEL = "town"
COMMUTE = "commute-flows"
WIDTHS = 5
"""Classes of width of an arc."""


def build(view: View) -> Scene:
    """The scene of the last pair of periods whose sum for the city is published."""
    city = of_city(view.products)
    if city.empty:
        raise NotBuiltError(view.say("migration.hidden"))
    last = city.iloc[-1]
    gains = net_of(view.products, str(last["period_to"]))
    layer = layer_of(view, LAYERS)
    largest = gains.loc[top(gains.abs(), view.spec.top).index]
    said = {code: view.number(round(float(v)), signed=True) for code, v in largest.items()}
    box, gates = bounds_of(view), list[dict[str, object]]()
    if view.spec.flows == "moves":
        arcs, gates, share, bounds = origins.arcs_of(view, box, _centre(view, box))
    else:
        arcs, share, bounds = flows_of(view)
    names = gates or named(view, LEVEL, largest, said)
    picture, legend = draw(
        view, layer, labels=names, period=str(last["period_to"]), flows=arcs,
        flow_note=_flow_note(view, arcs, share), flow_rows=_flow_rows(view, arcs, bounds),
        beyond=[(float(str(g["lon"])), float(str(g["lat"]))) for g in gates],
    )  # fmt: skip
    spec = load_signaling(view.city)
    persons = text("unit.persons", view.lang)
    first = [(name_of(view.products, LEVEL, view.lang, code), net) for code, net in said.items()]
    return Scene(
        sentence(view, last, gains), _kpis(view, city), (_gaining(view, gains), _pairs(view, city)), picture, legend,
        strip(view, "chart.net_towns", persons, first[:3]),
        view.say("period.between", first=last["period_from"], last=last["period_to"]),
        spec.periods[-1].last.isoformat() if spec else view.as_of.isoformat(),
    )  # fmt: skip


def _centre(view: View, box: tuple[float, float, float, float]) -> tuple[float, float]:
    """Where arcs of the whole city end: at its largest town, which is where most people live, else in its middle."""
    rows = view.products.frame(moves.BALANCE)
    own = rows[(rows["area_level"] == LEVEL) & rows["residents_to"].notna()].sort_values("residents_to")
    known = places(view.products, LEVEL, view.lang)
    if own.empty or own["area_code"].iloc[-1] not in known:
        return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    seat = known[own["area_code"].iloc[-1]]
    return seat.lon, seat.lat


def of_city(products: Products) -> pd.DataFrame:
    """Balances of the whole city that are published, the oldest pair of periods first."""
    rows = products.frame(moves.BALANCE)
    own = rows[(rows["area_level"] == "city") & ~rows["suppressed"].astype(bool) & rows["moved_in"].notna()]
    return own.sort_values("period_to", ignore_index=True)


def net_of(products: Products, period: str) -> pd.Series:
    """Moves in less moves out by town, of those that are published."""
    rows = products.frame(moves.BALANCE)
    own = rows[(rows["area_level"] == LEVEL) & (rows["period_to"] == period) & ~rows["suppressed"].astype(bool)]
    own = own.set_index("area_code").sort_index()
    found: pd.Series = own["moved_in"].astype("float64") - own["moved_out"].astype("float64")
    return found


def sentence(view: View, last: pd.Series, gains: pd.Series) -> str:
    """Whether the city gains, loses or stays even (``balanced_percent`` of its residents); which town gains most."""
    into, out = float(last["moved_in"]), float(last["moved_out"])
    rate = 100 * float(last["net_rate"])
    persons = text("unit.persons", view.lang)
    words = {
        "came": view.amount(round(into), persons),
        "left": view.amount(round(out), persons),
        "net": view.amount(round(abs(into - out)), persons),
        "rate": view.percent(abs(rate), digits=2),
    }
    rule = "even" if abs(rate) <= view.spec.threshold("balanced_percent") else "gain" if rate > 0 else "loss"
    said = view.say(f"migration.{rule}", first=last["period_from"], last=last["period_to"], **words)
    best = top(gains, 1)
    if best.empty or best.iloc[0] <= 0:
        return said
    name = name_of(view.products, LEVEL, view.lang, best.index[0])
    return said + view.say("migration.most", name=name, n=view.amount(round(float(best.iloc[0])), persons))


def _kpis(view: View, city: pd.DataFrame) -> tuple[Kpi, ...]:
    persons, last = text("unit.persons", view.lang), city.iloc[-1]
    before = city.iloc[-2] if len(city) > 1 else None
    than = (
        view.say("note.than_pair", first=before["period_from"], last=before["period_to"]) if before is not None else ""
    )

    def change(column: str) -> str | None:
        if before is None or not float(before[column]):
            return None
        return view.percent(100 * (float(last[column]) / float(before[column]) - 1), signed=True)

    net = round(float(last["moved_in"]) - float(last["moved_out"]))
    rate = view.percent(100 * float(last["net_rate"]), digits=2, signed=True)
    return (
        kpi(view, "net_moves", net, persons, signed=True, note=view.say("note.of_residents", rate=rate)),
        kpi(view, "moved_in", round(float(last["moved_in"])), persons, change=change("moved_in"), note=than),
        kpi(view, "moved_out", round(float(last["moved_out"])), persons, change=change("moved_out"), note=than),
    )


def _gaining(view: View, gains: pd.Series) -> dict[str, object]:
    rows = [
        (name_of(view.products, LEVEL, view.lang, code), float(v), view.number(round(float(v)), signed=True))
        for code, v in top(gains[gains > 0], view.spec.top).items()
    ]
    return bars(view, "chart.gaining", text("unit.persons", view.lang), view.shade("migration", 4), rows)


def _pairs(view: View, city: pd.DataFrame) -> dict[str, object]:
    series = [
        {"label": view.say(f"series.{column}"), "y": [round(float(v)) for v in city[column]],
         "colour": view.shade("migration", place)}
        for column, place in (("moved_in", 4), ("moved_out", 0))
    ]  # fmt: skip
    x = [f"{row.period_from}–{row.period_to}" for row in city.itertuples()]
    return line(view, "chart.pairs", text("unit.persons", view.lang), x, series)


def pairs_of(view: View) -> pd.DataFrame:
    """Published numbers between two different areas of the last period: from_code, to_code, persons; the largest first.

    Commuters come through the door of their layer, so that what it hides is hidden here too.
    """
    products, columns = view.products, ["from_code", "to_code", "persons"]
    layer = registry.layer(COMMUTE)
    if view.spec.flows == "commute" and availability.available(layer, products, view.city):
        served = serve(layer, Request(LEVEL), view.actor, store=view.store, city=view.city)
        rows = served.frame.assign(persons=served.frame["value"])
        rows = rows[rows["flag"] == frames.OBSERVED]
    else:
        return pd.DataFrame(columns=columns)
    rows = rows[rows["persons"].notna() & (rows["from_code"] != rows["to_code"])]
    found: pd.DataFrame = rows.sort_values(["persons", "from_code", "to_code"], ascending=[False, True, True])[columns]
    return found


def flows_of(view: View) -> tuple[list[dict[str, object]], float, tuple[float, ...]]:
    """The largest arcs, their share of all that are published, and the bounds of the classes of width.

    A pair that is hidden is never drawn; it does not count in the share either.
    """
    rows, known = pairs_of(view), places(view.products, LEVEL, view.lang)
    rows = rows[rows["from_code"].isin(list(known)) & rows["to_code"].isin(list(known))]
    largest = rows.head(view.spec.most_flows)
    if largest.empty:
        return [], 0.0, ()
    values = largest["persons"].to_numpy(np.float64)
    bounds = breaks(values, "natural", WIDTHS)
    widths = classify(values, np.zeros(len(values), np.int64), bounds)
    arcs: list[dict[str, object]] = []
    for row, width in zip(largest.to_dict("records"), widths, strict=True):
        start, end, persons = known[row["from_code"]], known[row["to_code"]], round(float(row["persons"]))
        arcs.append({
            "from": [start.lon, start.lat], "to": [end.lon, end.lat], "persons": persons, "text": view.number(persons),
            "sign": "in", "width": int(width), "name": f"{start.name} → {end.name}",
        })  # fmt: skip
    return arcs, float(values.sum() / rows["persons"].sum()), bounds


def _flow_note(view: View, arcs: list[dict[str, object]], share: float) -> str:
    if not arcs:
        return ""
    return view.say(f"migration.arcs_{view.spec.flows}", n=len(arcs), share=view.percent(100 * share, digits=0))


def _flow_rows(view: View, arcs: list[dict[str, object]], bounds: tuple[float, ...]) -> list[dict[str, object]]:
    if not arcs:
        return []
    if view.spec.flows == "moves":
        present = [d for d in ("in", "out") if any(arc["sign"] == d for arc in arcs)]
        rows: list[dict[str, object]] = [{"colour": d, "text": view.say(f"migration.arc_{d}")} for d in present]
    else:
        rows = [{"colour": "in", "text": view.say("migration.arc_commute")}]
    return rows + [{"width": i, "text": label} for i, label in enumerate(class_labels(bounds, view.lang)) if label]
