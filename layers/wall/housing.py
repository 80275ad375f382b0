"""Housing and facilities (住房与设施): homes offered, sold and unsold by year of opening and by area; facilities."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from layers import frames
from layers.products import Products
from layers.text import date, has
from layers.wall.drawing import draw, layer_of, named
from layers.wall.places import level_of, name_of, top
from layers.wall.scene import Kpi, Scene, View, bars, kpi, line, strip

NEEDS = ("housing_projects", "facilities", "districts")
LAYERS = ("residents-signaling", "census-residents", "subject-density", "subject-density-grid")
YEARS = 8
"""Years of opening in the chart."""


def build(view: View) -> Scene:
    """The scene up to the business date; projects that open later are left out."""
    products, homes = view.products, view.say("unit.homes")
    projects, level = projects_of(products, view.as_of), level_of(view.products)
    stock = top(unsold_by_area(products, projects, level), view.spec.top)
    said = {str(code): view.amount(float(n), homes) for code, n in stock.items()}
    picture, legend = draw(view, layer_of(view, LAYERS), labels=named(view, level, stock, said))
    items = [(name_of(products, level, view.lang, code), view.number(float(n))) for code, n in stock.items()]
    return Scene(
        sentence(view, projects, level, stock), _kpis(view, projects), (_by_year(view, projects), _facilities(view)),
        picture, legend, strip(view, "chart.unsold", homes, items), date(view.as_of, view.lang),
        view.as_of.isoformat(), ("housing_projects",),
    )  # fmt: skip


def projects_of(products: Products, as_of: object) -> pd.DataFrame:
    """Projects opened up to a day: units, units_sold, unsold, price_cny_m2, year, geometry.

    Those that do not say their units or how many are sold are left out.
    """
    rows = products.frame("housing_projects")
    rows = rows[rows["units"].notna() & rows["units_sold"].notna()]
    opened = pd.to_datetime(rows["opened_on"])
    rows = rows[opened.isna() | (opened <= pd.Timestamp(str(as_of)))]
    units, sold = rows["units"].astype("int64"), rows["units_sold"].astype("int64")
    year = pd.to_datetime(rows["opened_on"]).dt.year
    return rows.assign(units=units, units_sold=sold, unsold=(units - sold).clip(lower=0), year=year)


def unsold_by_area(products: Products, projects: pd.DataFrame, level: str) -> pd.Series:
    """Unsold homes of each area of a level, by code; projects without a place count for the city only."""
    placed = gpd.GeoDataFrame(projects[["unsold", "geometry"]], geometry="geometry", crs="EPSG:4326")
    placed = placed[placed.geometry.notna()]
    areas = frames.areas(products, level)[["area_code", "geometry"]]
    joined = placed.sjoin(areas, predicate="within")
    joined = joined[~joined.index.duplicated()]
    found: pd.Series = joined.groupby("area_code")["unsold"].sum().astype("float64")
    return found


def sentence(view: View, projects: pd.DataFrame, level: str, stock: pd.Series) -> str:
    """Share of homes that are unsold: high from ``high_percent`` on, low up to ``low_percent``; where most stand."""
    built, unsold = int(projects["units"].sum()), int(projects["unsold"].sum())
    if not built:
        return view.say("housing.none")
    share, homes = 100 * unsold / built, view.say("unit.homes")
    high, low = (view.spec.threshold(f"{name}_percent") for name in ("high", "low"))
    rule = "high" if share >= high else "low" if share <= low else "middle"
    said = view.say(f"housing.{rule}", built=view.amount(built, homes), unsold=view.amount(unsold, homes),
                    share=view.percent(share))  # fmt: skip
    if stock.empty:
        return said
    name = name_of(view.products, level, view.lang, stock.index[0])
    return said + view.say("housing.most", name=name, n=view.amount(float(stock.iloc[0]), homes))


def price(projects: pd.DataFrame) -> float | None:
    """Mean price in yuan per square metre, weighted by units, of the projects that say theirs."""
    known = projects[projects["price_cny_m2"].notna()]
    weight = known["units"].to_numpy(np.float64)
    if not weight.sum():
        return None
    return float((known["price_cny_m2"].to_numpy(np.float64) * weight).sum() / weight.sum())


def _kpis(view: View, projects: pd.DataFrame) -> tuple[Kpi, ...]:
    homes, built, unsold = view.say("unit.homes"), int(projects["units"].sum()), int(projects["unsold"].sum())
    share = view.percent(100 * unsold / built) if built else "–"
    count = view.say("note.projects", n=view.number(len(projects)))
    return (
        kpi(view, "unsold", unsold, homes, note=view.say("note.of_built", share=share)),
        kpi(view, "built", built, homes, note=count),
        kpi(view, "price", price(projects), view.say("unit.yuan_m2"), digits=0, note=view.say("note.weighted")),
    )


def _by_year(view: View, projects: pd.DataFrame) -> dict[str, object]:
    """Homes opened and sold by year of opening, up to the year of the business date."""
    years = list(range(view.as_of.year - YEARS + 1, view.as_of.year + 1))
    summed = projects.groupby("year")[["units", "units_sold"]].sum().reindex(years).fillna(0)
    series: list[dict[str, Any]] = [
        {"label": view.say("series.built"), "y": [int(v) for v in summed["units"]], "colour": view.muted(),
         "dash": True},
        {"label": view.say("series.sold"), "y": [int(v) for v in summed["units_sold"]], "colour": view.accent()},
    ]  # fmt: skip
    return line(view, "chart.homes", view.say("unit.homes"), [str(year) for year in years], series)


def _facilities(view: View) -> dict[str, object]:
    counted = view.products.frame("facilities", ("facility_type",))["facility_type"].value_counts()
    counted = counted.sort_index(kind="stable").sort_values(ascending=False, kind="stable").head(view.spec.top)
    rows = [(facility(view, str(kind)), float(n), view.number(int(n))) for kind, n in counted.items()]
    return bars(view, "chart.facilities", view.say("unit.places"), view.shade("density", 3), rows)


def facility(view: View, kind: str) -> str:
    """A kind of facility in the language of the display; as the source writes it where there is no word for it."""
    return view.say(f"facility.{kind}") if has(f"wall.facility.{kind}", view.lang) else kind
